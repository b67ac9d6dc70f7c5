import { isStorageError, type StorageError } from "../errors.ts";
import type { Observer } from "../host/observer.ts";
import { poisoned } from "../refusals.ts";

/**
 * The failure latch of a packed store. After a failed sync nobody knows what the disk holds, and
 * the kernel calls the lost bytes clean. So every later change is refused with ERR_POISONED until
 * the store is opened anew; reads go on.
 */
export class Poison {
	readonly #location: string;
	readonly #observer: Observer;
	#failure: StorageError | undefined;

	constructor(location: string, observer: Observer) {
		this.#location = location;
		this.#observer = observer;
	}

	/** The error of refused changes; undefined while none is refused. */
	get failed(): StorageError | undefined {
		return this.#failure;
	}

	refuse(): void {
		if (this.#failure !== undefined) {
			throw this.#failure;
		}
	}

	/** Runs a step; after its failure the content of the disk is unknown. */
	async latching<T>(what: string, step: () => T | Promise<T>): Promise<T> {
		try {
			return await step();
		} catch (error) {
			this.latch(what, error);
			throw error;
		}
	}

	/** Latches, and reports the failure, at the first one only. */
	latch(what: string, cause: unknown): void {
		if (this.#failure === undefined) {
			this.#failure = poisoned(this.#location, what, cause);
			this.#observer.error(isStorageError(cause) ? cause : this.#failure);
		}
	}
}
