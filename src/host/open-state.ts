import type { Awaitable } from "../turns/awaitable.ts";
import { failure } from "./answers.ts";
import type { HostLock } from "./host.ts";

/**
 * Whether what a host has given is still its holder's. A late call is refused before it reaches the
 * platform, where the same descriptor, number or place may be somebody else's by then.
 */
export class OpenState {
	#isClosed = false;
	#ended: Awaitable<void> = undefined;

	/** Throws EBADF from the moment on in which the end is called for. */
	refuseIfClosed(): void {
		if (this.#isClosed) {
			throw failure("EBADF", "the file is closed");
		}
	}

	/** Ends it once: who asks again waits for the same end. */
	close(end: () => Awaitable<void>): Awaitable<void> {
		if (!this.#isClosed) {
			this.#isClosed = true;
			this.#ended = end();
		}
		return this.#ended;
	}
}

/**
 * A lock that is given back once, however often it is released: later it may be another holder's.
 */
export function lockOf(release: () => Awaitable<void>): HostLock {
	const state = new OpenState();
	return { release: () => state.close(release) };
}
