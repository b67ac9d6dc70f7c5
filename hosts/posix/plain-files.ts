import {
	closeSync,
	constants,
	fstatSync,
	lstatSync,
	openSync,
	type Stats,
	unlinkSync,
} from "node:fs";
import { failureName } from "../../src/errors.ts";
import { failure } from "../../src/host/answers.ts";
import type { OpenMode } from "../../src/host/host.ts";
import { endingAtOnceIfFailed } from "../../src/turns/endings.ts";
import type { PlatformCalls } from "./platform.ts";
import { OWN_ONLY, openMaking } from "./rights.ts";

/**
 * Without O_NONBLOCK, to open a named pipe would wait for its other end; regular files do not know
 * the flag. With O_NOFOLLOW, no file is opened that lies elsewhere, and which a link in the store
 * leads to.
 */
const PLAIN = constants.O_NONBLOCK | (constants.O_NOFOLLOW ?? 0);
const MAKING = constants.O_RDWR | PLAIN | constants.O_CREAT;
const FLAGS: Readonly<Record<OpenMode, number>> = {
	read: constants.O_RDONLY | PLAIN,
	write: constants.O_RDWR | PLAIN,
	replace: MAKING | constants.O_EXCL,
	create: MAKING,
};

/**
 * What a file is opened with that is to be read and written past the system's cache. Throws what
 * has the code ENOTSUP where the system has no such thing.
 */
export function directFlag(direct: PlatformCalls["direct"]): number {
	if (direct === "none") {
		throw failure("ENOTSUP", "no direct I/O on this system");
	}
	return direct === "O_DIRECT" ? constants.O_DIRECT : 0;
}

/**
 * A descriptor of a regular file, or undefined where there is none that is needed. One that is made
 * has the mode for it; what is to replace another file is its owner's alone until it has that one's
 * name. `flag` is one more of open(2).
 */
export function openPlain(
	path: string,
	mode: OpenMode,
	modeOfNew: () => number,
	flag = 0,
): number | undefined {
	const fd = openAs(path, mode, FLAGS[mode] | flag, modeOfNew);
	if (fd !== undefined) {
		endingAtOnceIfFailed(
			() => refuseUnlessRegular(fstatSync(fd), path),
			() => closeSync(fd),
		);
	}
	return fd;
}

/** Of a file that is made anew, in the place of whatever file or link has the name. */
export function openNew(path: string, flags = FLAGS.replace): number {
	const found = lstatSync(path, { throwIfNoEntry: false });
	if (found !== undefined) {
		// Of a link it is the name that is taken away, and nothing that it leads to.
		if (!found.isSymbolicLink()) {
			refuseUnlessRegular(found, path);
		}
		unlinkSync(path);
	}
	return openMaking(path, flags, OWN_ONLY);
}

export function openDirectory(path: string): number {
	return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
}

/** What a call answers, or undefined where what it is about is missing. */
export function unlessMissing<T>(call: () => T): T | undefined {
	try {
		return call();
	} catch (error) {
		if (failureName(error) === "ENOENT") {
			return undefined;
		}
		throw error;
	}
}

function openAs(
	path: string,
	mode: OpenMode,
	flags: number,
	modeOfNew: () => number,
): number | undefined {
	switch (mode) {
		case "read":
		case "write":
			return unlessMissing(() => openSync(path, flags));
		case "replace":
			return openNew(path, flags);
		default:
			return openMaking(path, flags, modeOfNew());
	}
}

function refuseUnlessRegular(found: Stats, path: string): void {
	if (!found.isFile()) {
		const code = found.isDirectory() ? "EISDIR" : "EINVAL";
		throw failure(code, `not a regular file: ${path}`);
	}
}
