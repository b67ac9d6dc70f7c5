import type { Awaitable } from "../turns/awaitable.ts";
import { failure } from "./answers.ts";
import type { HostLock } from "./host.ts";

/**
 * Whether a file or lock is still its holder's. A late call is refused before it reaches the
 * platform, where the same descriptor, number or place may be another holder's by then.
 */
export class OpenState {
	#isClosed = false;
	#ended: Awaitable<void> = undefined;

	/** Throws EBADF as soon as `close` has been called. */
	refuseIfClosed(): void {
		if (this.#isClosed) {
			throw failure("EBADF", "the file is closed");
		}
	}

	/** Runs `end` once: later calls return the same result. */
	close(end: () => Awaitable<void>): Awaitable<void> {
		if (!this.#isClosed) {
			this.#isClosed = true;
			this.#ended = end();
		}
		return this.#ended;
	}
}

/** A lock that is released once, however often it is asked: later it may be another holder's. */
export function lockOf(release: () => Awaitable<void>): HostLock {
	const state = new OpenState();
	return { release: () => state.close(release) };
}
