import {
	closeSync,
	constants,
	openSync,
	readSync,
	realpathSync,
	renameSync,
	unlinkSync,
	writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { failureName } from "../../src/errors.ts";
import { COPY_BYTES } from "../../src/host/read-sizes.ts";
import {
	endingAtOnce,
	endingIfFailed,
	endingWith,
} from "../../src/turns/endings.ts";
import { openNew } from "./plain-files.ts";
import type { PosixCalls } from "./posix-file.ts";
import { giveMode } from "./rights.ts";

/** A suffix beside the directory that a partition leads to: no store looks there. */
const TEMPORARY = ".dualslot.tmp";

/**
 * Renames a file into a directory that may lie on another disk, where no rename reaches. Then the
 * name goes to a copy that is durable by then, and was made beside that directory. So no crash
 * leaves a part of a file under its name.
 */
export async function moveAcross(
	from: string,
	to: string,
	mode: number,
	sync: PosixCalls["sync"],
): Promise<void> {
	const directory = realpathSync(dirname(to));
	const target = join(directory, basename(to));
	if (isRenamed(from, target)) {
		return;
	}
	const copy = `${directory}${TEMPORARY}`;
	const move = async () => {
		await copyTo(openNew(copy), from, sync);
		giveMode(copy, mode);
		renameSync(copy, target);
	};
	await endingIfFailed(move, () => unlinkSync(copy));
	unlinkSync(from);
}

/** False where the paths lie on two disks. */
function isRenamed(from: string, to: string): boolean {
	try {
		renameSync(from, to);
		return true;
	} catch (error) {
		if (failureName(error) === "EXDEV") {
			return false;
		}
		throw error;
	}
}

async function copyTo(
	fd: number,
	from: string,
	sync: PosixCalls["sync"],
): Promise<void> {
	const copy = async () => {
		copyBytes(from, fd);
		await sync(fd);
	};
	await endingWith(copy, () => closeSync(fd));
}

function copyBytes(from: string, to: number): void {
	const fd = openSync(from, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
	const piece = new Uint8Array(COPY_BYTES);
	const copy = () => {
		for (;;) {
			const count = readSync(fd, piece);
			if (count === 0) {
				return;
			}
			writeAll(to, piece.subarray(0, count));
		}
	};
	endingAtOnce(copy, () => closeSync(fd));
}

/** A system may write a part at a time. */
function writeAll(fd: number, bytes: Uint8Array): void {
	for (let at = 0; at < bytes.length; ) {
		at += writeSync(fd, bytes, at);
	}
}
