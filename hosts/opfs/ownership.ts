import { StorageError } from "../../src/errors.ts";
import type { Observer } from "../../src/host/observer.ts";

/**
 * The locks by which an owner has a store. Any script of the origin can steal a Web Lock, and the
 * browser tells its holder only afterwards: from then on the holder might change another owner's
 * files.
 */
export class Ownership {
	readonly #path: string;
	readonly #observer: Observer;
	readonly #held = new Set<AbortSignal>();

	constructor(path: string, observer: Observer) {
		this.#path = path;
		this.#observer = observer;
	}

	/** A lock counts until the result is called. Its loss is told at once. */
	hold(lost: AbortSignal): () => void {
		const tell = () => this.#observer.error(this.#lostBy(lost.reason));
		this.#held.add(lost);
		lost.addEventListener("abort", tell);
		return () => {
			lost.removeEventListener("abort", tell);
			this.#held.delete(lost);
		};
	}

	/** Throws ERR_OWNER_LOST once a held lock was stolen. */
	refuseIfLost(): void {
		for (const { aborted, reason } of this.#held) {
			if (aborted) {
				throw this.#lostBy(reason);
			}
		}
	}

	#lostBy(reason: unknown): StorageError {
		return new StorageError(
			"ERR_OWNER_LOST",
			`${this.#path}: its lock was stolen, so another may own the store; close it and open it again`,
			{ path: this.#path },
			reason,
		);
	}
}
