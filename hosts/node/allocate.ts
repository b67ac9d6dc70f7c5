import { setTimeout as delay } from "node:timers/promises";
import { libc, nameOfErrno, systemError } from "./libc.ts";

/** Milliseconds until a thread may be free. */
const RETRY = 5;

/** What says that the file system has no such call, not that there is no room. */
const UNSUPPORTED = new Set(["ENOSYS", "EINVAL", "EOPNOTSUPP", "ENOTSUP"]);

/**
 * posix_fallocate(3) of the first `size` bytes; answers false where it is not supported, throws
 * above all ENOSPC.
 */
export async function allocateOnDisk(
	fd: number,
	size: number,
): Promise<boolean> {
	const calls = await libc();
	for (;;) {
		const errno = await calls.fallocate(fd, size);
		if (errno === 0) {
			return true;
		}
		const name = nameOfErrno(errno);
		if (UNSUPPORTED.has(name)) {
			return false;
		}
		if (name === "EAGAIN") {
			await delay(RETRY);
		} else if (name !== "EINTR") {
			throw systemError(errno, `posix_fallocate of ${size} bytes`);
		}
	}
}
