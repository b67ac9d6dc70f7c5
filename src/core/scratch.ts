import type { Arena } from "./arena.ts";

/**
 * A little linear memory for what is copied there, looked at and forgotten, all in one step: it is
 * never full.
 */
export class Scratch {
	/** Bytes that there always are. */
	readonly size: number;
	readonly #arena: Arena;
	readonly #address: number;

	constructor(arena: Arena, size: number) {
		this.size = size;
		this.#arena = arena;
		this.#address = arena.allocate(size);
	}

	/**
	 * Runs a step, which waits for nothing and asks for no other scratch, with `size` bytes. Throws
	 * ERR_MEMORY for more than there always are.
	 */
	use<T>(size: number, step: (address: number) => T): T {
		if (size <= this.size) {
			return step(this.#address);
		}
		const address = this.#arena.allocate(size);
		try {
			return step(address);
		} finally {
			this.#arena.free(address);
		}
	}
}
