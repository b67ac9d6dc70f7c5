import type { Arena } from "../arena.ts";
import type { Core } from "../core.ts";

/**
 * The end of a blob without pages that is not yet handed to the host, in linear memory.
 *
 *    0                       start            end
 *    | handed over           | held           | room …
 */
export class AppendBuffer {
	readonly #core: Core;
	readonly #arena: Arena;
	readonly #capacity: number;
	readonly #address: number;
	/** The offset in the blob of the first byte held. */
	start: number;
	length = 0;

	constructor(core: Core, arena: Arena, capacity: number, start: number) {
		this.#core = core;
		this.#arena = arena;
		this.#capacity = capacity;
		this.#address = arena.allocate(capacity);
		this.start = start;
	}

	/** The offset in the blob behind the last byte held. */
	get end(): number {
		return this.start + this.length;
	}

	get room(): number {
		return this.#capacity - this.length;
	}

	/** The address of the next byte. */
	get tail(): number {
		return this.#address + this.length;
	}

	/** Copies bytes in, for which there is room. */
	append(bytes: Uint8Array): void {
		this.#core.write(this.tail, bytes);
		this.length += bytes.length;
	}

	/** A view of the first bytes held. */
	head(length: number): Uint8Array {
		return this.#core.bytes(this.#address, length);
	}

	/** Copies held bytes out, those from offset `offset` of the blob on. */
	copyTo(target: Uint8Array, offset: number): void {
		const address = this.#address + offset - this.start;
		target.set(this.#core.bytes(address, target.length));
	}

	/** Lets go of the first bytes, which are handed over; what is left moves to the front. */
	drop(length: number): void {
		const left = this.length - length;
		this.#core.move(this.#address + length, this.#address, left);
		this.start += length;
		this.length = left;
	}

	/** Forgets all from offset `end` of the blob on. */
	cut(end: number): void {
		this.start = Math.min(this.start, end);
		this.length = end - this.start;
	}

	free(): void {
		this.#arena.free(this.#address);
	}
}
