import { closeSync, constants, openSync } from "node:fs";
import { getSystemErrorName } from "node:util";
import { StorageError } from "../src/errors.ts";
import type { HostLock } from "../src/host.ts";
import { refuseWindows } from "./posix.ts";

/** <sys/file.h>, with the same numbers on every system that has flock(2). */
const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;

/** flock(2), which answers 0 or the errno it failed with. */
type Flock = (fd: number, operation: number) => number;

let flock: Promise<Flock> | undefined;

/**
 * Tries once to lock a directory by its own descriptor. The lock is the kernel's: it leaves no file, ends with its
 * holder however that dies, and a child does not keep it, since the descriptor closes when the child starts.
 */
export async function lockDirectory(
	directory: string,
): Promise<HostLock | undefined> {
	flock ??= bindFlock();
	const call = await flock;
	const fd = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
	const errno = call(fd, LOCK_EX | LOCK_NB);
	if (errno === 0) {
		return { release: () => unlock(call, fd) };
	}
	closeSync(fd);
	// EWOULDBLOCK, which is the same number wherever Node runs.
	if (getSystemErrorName(-errno) === "EAGAIN") {
		return undefined;
	}
	throw flockError(errno, directory);
}

/** Unlocks before it closes: a child that another thread is just starting may hold a copy of the descriptor. */
function unlock(call: Flock, fd: number): void {
	const errno = call(fd, LOCK_UN);
	closeSync(fd);
	if (errno !== 0) {
		throw flockError(errno, `descriptor ${fd}`);
	}
}

async function bindFlock(): Promise<Flock> {
	refuseWindows();
	try {
		const { default: koffi } = await import("koffi");
		const native = koffi.load(null).func("int flock(int, int)");
		const interrupted = koffi.os.errno.EINTR;
		return (fd, operation) => {
			while (native(fd, operation) !== 0) {
				const errno = koffi.errno();
				if (errno !== interrupted) {
					return errno;
				}
			}
			return 0;
		};
	} catch (cause) {
		throw new StorageError(
			"ERR_UNSUPPORTED",
			"flock(2) cannot be called, since the package koffi did not load; without it nothing keeps two writers out of one store",
			{},
			cause,
		);
	}
}

function flockError(errno: number, what: string): Error {
	const code = getSystemErrorName(-errno);
	return Object.assign(new Error(`${code}: flock of ${what}`), { code });
}
