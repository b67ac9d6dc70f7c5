import type { StorageError } from "../errors.ts";
import { refusalAfter } from "../host/latch.ts";

/**
 * The failure latch of a packed store. After a failed sync nobody knows what the disk holds, and
 * the kernel calls the lost bytes clean: every mutation that follows is refused with ERR_POISONED
 * until the store is opened anew; reads go on.
 */
export class Poison {
	readonly #location: string;
	#failure: StorageError | undefined;

	constructor(location: string) {
		this.#location = location;
	}

	/** What a mutation is refused with; undefined while none is. */
	get failed(): StorageError | undefined {
		return this.#failure;
	}

	refuse(): void {
		if (this.#failure !== undefined) {
			throw this.#failure;
		}
	}

	/** Runs a step whose failure leaves nobody knowing what the disk holds. */
	async latching<T>(what: string, step: () => T | Promise<T>): Promise<T> {
		try {
			return await step();
		} catch (error) {
			this.latch(what, error);
			throw error;
		}
	}

	latch(what: string, cause: unknown): void {
		this.#failure ??= refusalAfter(this.#location, what, cause);
	}
}
