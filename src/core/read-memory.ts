import type { Arena } from "./arena.ts";

/** Who waits for memory. */
interface Waiter {
	readonly size: number;
	readonly take: (address: number) => void;
}

/**
 * A part of linear memory that is lent to reads alone, so that no cache and no write buffer can
 * leave them without. What does not fit waits for its turn, and none overtakes another. It waits
 * for reads under way and for nothing else: a loan lasts as long as its read does, and whoever has
 * one asks for no other.
 */
export class ReadMemory {
	/** Bytes that a read gets, sooner or later. */
	readonly size: number;
	readonly #arena: Arena;
	/** In the order in which they came. */
	readonly #waiting = new Set<Waiter>();

	constructor(arena: Arena) {
		this.size = arena.freeBytes;
		this.#arena = arena;
	}

	/**
	 * The address of `size` bytes, which are all to be given back; undefined where they are to be
	 * waited for.
	 */
	tryTake(size: number): number | undefined {
		return this.#waiting.size === 0 ? this.#arena.tryAllocate(size) : undefined;
	}

	/** As tryTake, and waits. Throws ERR_MEMORY for more bytes than there are. */
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
