import { setTimeout as delay } from "node:timers/promises";
import { nameOfErrno } from "./libc.ts";

/** Milliseconds until a thread may be free. */
const RETRY = 5;

/**
 * What says that the system, its C library or the file system has no such call, not that the call
 * has failed.
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

/** Makes a call until it has a thread, and no signal cuts it short; answers its errno. */
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
