import type { Arena } from "./arena.ts";

/**
 * A little linear memory for bytes that are copied there and used within one step: it is never
 * full.
 */
export class Scratch {
	/** Bytes that are always free. */
	readonly size: number;
	readonly #arena: Arena;
	readonly #address: number;

	constructor(arena: Arena, size: number) {
		this.size = size;
		this.#arena = arena;
		this.#address = arena.allocate(size);
	}

	/**
	 * Runs a step with `size` bytes. The step is synchronous and asks for no other scratch. May throw
	 * ERR_MEMORY for more bytes than are always free.
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
