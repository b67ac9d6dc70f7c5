import { setTimeout as delay } from "node:timers/promises";
import { nameOfErrno } from "./libc.ts";

/** Milliseconds until a thread may be free. */
const RETRY = 5;

/**
 * Errors that say that the system, its C library or the file system lacks the call, not that the
 * call has failed.
 */
const MISSING = new Set([
	"ENOSYS",
	"EINVAL",
	"EOPNOTSUPP",
	"ENOTSUP",
	"ENOTTY",
]);

export function isMissing(errno: number): boolean {
	return errno !== 0 && MISSING.has(nameOfErrno(errno));
}

/** Repeats a call until a thread has made it without a signal; resolves to its errno. */
export async function untilMade(call: () => Promise<number>): Promise<number> {
	for (;;) {
		const errno = await call();
		const name = errno === 0 ? "" : nameOfErrno(errno);
		if (name === "EAGAIN") {
			await delay(RETRY);
		} else if (name !== "EINTR") {
			return errno;
		}
	}
}
