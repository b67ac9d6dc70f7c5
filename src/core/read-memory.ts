import type { Arena } from "./arena.ts";

/** A read that waits for memory. */
interface Waiter {
	readonly size: number;
	readonly take: (address: number) => void;
}

/**
 * A part of linear memory that is lent to reads alone, so that no cache and no write buffer can
 * leave them without. Reads that do not fit wait, and are served in order. They wait only for reads
 * under way: a loan ends with its read, and a read with a loan asks for no other.
 */
export class ReadMemory {
	/** The most bytes that a read can get. */
	readonly size: number;
	readonly #arena: Arena;
	/** In the order in which they came. */
	readonly #waiting = new Set<Waiter>();

	constructor(arena: Arena) {
		this.size = arena.freeBytes;
		this.#arena = arena;
	}

	/**
	 * The address of `size` bytes, which must be given back; undefined where the read must wait for
	 * them.
	 */
	tryTake(size: number): number | undefined {
		return this.#waiting.size === 0 ? this.#arena.tryAllocate(size) : undefined;
	}

	/** As tryTake, but waits. Rejects with ERR_MEMORY for more bytes than there are. */
	take(size: number): Promise<number> {
		return new Promise((resolve, reject) => {
			if (size > this.size) {
				reject(this.#arena.refusal(size));
				return;
			}
			this.#waiting.add({ size, take: resolve });
			this.#serve();
		});
	}

	giveBack(address: number): void {
		this.#arena.free(address);
		this.#serve();
	}

	#serve(): void {
		for (const waiter of this.#waiting) {
			const address = this.#arena.tryAllocate(waiter.size);
			if (address === undefined) {
				return;
			}
			this.#waiting.delete(waiter);
			waiter.take(address);
		}
	}
}
