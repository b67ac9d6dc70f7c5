import { isAbortSignal } from "../checks.ts";
import { failingAs, StorageError } from "../errors.ts";
import type { Host, HostLock } from "../host/host.ts";

/**
 * Milliseconds to wait for the holder, a signal that ends the wait, or false to be refused at once.
 */
export type LockWait = number | AbortSignal | false;

const POLL_MILLISECONDS = 10;

/**
 * Locks the store for one owner, or with a path the file there. Throws ERR_LOCKED naming the store.
 */
export async function takeLock(
	host: Host,
	wait: LockWait,
	file?: string,
): Promise<HostLock> {
	const begun = performance.now();
	const deadline = typeof wait === "number" ? begun + wait : 0;
	for (;;) {
		const path = host.location;
		const lock = await failingAs(
			"ERR_IO",
			`${path} cannot be locked`,
			{ path },
			() => host.lock(file),
		);
		if (lock !== undefined) {
			return lock;
		}
		const isOver = isAbortSignal(wait)
			? wait.aborted
			: performance.now() >= deadline;
		if (isOver) {
			throw new StorageError(
				"ERR_LOCKED",
				`${host.location} is open elsewhere; a store has one writer, and ${waitedSince(begun, wait)}`,
				{ path: host.location },
				isAbortSignal(wait) ? wait.reason : undefined,
			);
		}
		await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
	}
}

export function checkWait(wait: LockWait): void {
	const isValid =
		wait === false || isAbortSignal(wait) || typeof wait === "number";
	if (!isValid) {
		throw new TypeError(
			"wait is a number of milliseconds, an AbortSignal or false",
		);
	}
	if (typeof wait === "number" && !(wait >= 0)) {
		throw new RangeError(`wait is 0 milliseconds or more, not ${wait}`);
	}
}

function waitedSince(begun: number, wait: LockWait): string {
	return wait === false || wait === 0
		? "it was not waited for; { wait } does"
		: `it was waited for ${Math.round(performance.now() - begun)} ms`;
}
