import { StorageError } from "../../src/errors.ts";

/**
 * The locks by which a store's owner has it. Any script of the origin can steal a Web Lock, and the
 * browser tells its holder afterwards: from then on what that holder would change may be another
 * owner's.
 */
export class Ownership {
	readonly #path: string;
	readonly #held = new Set<AbortSignal>();

	constructor(path: string) {
		this.#path = path;
	}

	/** A lock counts until the answer is called. */
	hold(lost: AbortSignal): () => void {
		this.#held.add(lost);
		return () => this.#held.delete(lost);
	}

	/** Throws ERR_OWNER_LOST once a lock that is held was stolen. */
	refuseIfLost(): void {
		for (const { aborted, reason } of this.#held) {
			if (aborted) {
				throw new StorageError(
					"ERR_OWNER_LOST",
					`${this.#path}: its lock was stolen, so another may own the store; close it and open it again`,
					{ path: this.#path },
					reason,
				);
			}
		}
	}
}
