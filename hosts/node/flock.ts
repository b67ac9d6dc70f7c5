import { closeSync, constants, openSync } from "node:fs";
import { StorageError } from "../../src/errors.ts";
import type { HostLock } from "../../src/host/host.ts";
import { endingAtOnce } from "../../src/turns/endings.ts";
import { OWN_ONLY, openMaking } from "../posix/rights.ts";
import { type Libc, libc, nameOfErrno, systemError } from "./libc.ts";

/** <sys/file.h>, with the same numbers on every system that has flock(2). */
export const LOCK_EX = 2;
export const LOCK_NB = 4;
const LOCK_UN = 8;

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY;
const FILE =
	constants.O_RDWR |
	constants.O_NONBLOCK |
	constants.O_CREAT |
	(constants.O_NOFOLLOW ?? 0);

/**
 * Tries once to lock a directory by its own descriptor, or a file. A missing file is made with that
 * mode; a link is refused. The lock is the kernel's: it ends with its holder, however that dies. A
 * child does not keep it, since the descriptor closes when the child starts.
 */
export async function lockPath(
	path: string,
	kind: "directory" | "file",
	mode: number = OWN_ONLY,
	load: () => Promise<Libc> = libc,
): Promise<HostLock | undefined> {
	const calls = await load();
	const fd =
		kind === "directory"
			? openSync(path, DIRECTORY)
			: openMaking(path, FILE, mode);
	const errno = calls.flock(fd, LOCK_EX | LOCK_NB);
	if (errno === 0) {
		return { release: () => unlock(calls, fd) };
	}
	closeSync(fd);
	// EWOULDBLOCK, which is the same number wherever Node runs.
	if (nameOfErrno(errno) === "EAGAIN") {
		return undefined;
	}
	throw nameOfErrno(errno) === "ENOSYS"
		? noFlock()
		: systemError(errno, `flock of ${path}`);
}

function noFlock(): StorageError {
	return new StorageError(
		"ERR_UNSUPPORTED",
		"this system has no flock(2), without which nothing keeps two writers out of one store",
	);
}

/**
 * Unlocks before it closes: a child that another thread is starting may hold a copy of the
 * descriptor.
 */
function unlock(calls: Libc, fd: number): void {
	const release = () => {
		const errno = calls.flock(fd, LOCK_UN);
		if (errno !== 0) {
			throw systemError(errno, `flock of descriptor ${fd}`);
		}
	};
	endingAtOnce(release, () => closeSync(fd));
}
