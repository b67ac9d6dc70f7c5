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
 * Without O_NONBLOCK, opening a named pipe would wait for its other end; regular files ignore the
 * flag. With O_NOFOLLOW, no file outside is opened through a link in the store.
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
 * The flag to open a file that bypasses the system's cache. Throws an error with the code ENOTSUP
 * where the system has none.
 */
export function directFlag(direct: PlatformCalls["direct"]): number {
	if (direct === "none") {
		throw failure("ENOTSUP", "no direct I/O on this system");
	}
	return direct === "O_DIRECT" ? constants.O_DIRECT : 0;
}

/**
 * A descriptor of a regular file, or undefined where the file is missing and may be. A new file has
 * the mode for it. A file that is to replace another is its owner's alone until it has that one's
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

/** Opens a new file, in the place of any file or link that has the name. */
export function openNew(path: string, flags = FLAGS.replace): number {
	const found = lstatSync(path, { throwIfNoEntry: false });
	if (found !== undefined) {
		// For a link only its name is removed, and nothing that it leads to.
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

/** A call's result, or undefined where its file is missing. */
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
