import type { Core } from "../../core/core.ts";
import type { BufferHolder, WriteBuffer } from "../../core/write-memory.ts";
import type { StoreContext } from "../../storage/context.ts";

/**
 * The end of a blob without pages that the host does not have yet, in linear memory.
 *
 *    0                       start            end
 *    | handed over           | held           | room …
 */
export class AppendBuffer {
	readonly #core: Core;
	readonly #capacity: number;
	readonly #buffer: WriteBuffer;
	/** The offset in the blob of the first byte held. */
	start: number;
	length = 0;

	constructor(
		{ core, memory }: StoreContext,
		holder: BufferHolder,
		capacity: number,
		start: number,
	) {
		this.#core = core;
		this.#capacity = capacity;
		this.#buffer = memory.writes.bufferOf(holder, capacity);
		this.start = start;
	}

	/** Whether there is memory to append to. Takes it if that needs no wait. */
	tryTake(): boolean {
		return this.#buffer.isTaken || this.#buffer.tryTake();
	}

	/** Takes memory to append to. Throws ERR_MEMORY. */
	take(): Promise<void> {
		return this.#buffer.take();
	}

	/** Gives the memory back, when nothing is held. */
	giveBack(): void {
		if (this.length === 0) {
			this.#buffer.giveBack();
		}
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
		return this.#buffer.address + this.length;
	}

	/** Copies bytes in. There must be room. */
	append(bytes: Uint8Array): void {
		this.#core.write(this.tail, bytes);
		this.length += bytes.length;
	}

	/** A view of the first bytes held. */
	head(length: number): Uint8Array {
		return this.#core.bytes(this.#buffer.address, length);
	}

	/** Where the held byte of an offset of the blob lies. */
	addressOf(offset: number): number {
		return this.#buffer.address + offset - this.start;
	}

	/** Copies held bytes out, from offset `offset` of the blob on. */
	copyTo(target: Uint8Array, offset: number): void {
		target.set(this.#core.bytes(this.addressOf(offset), target.length));
	}

	/** Drops the first bytes, which were handed over, and moves the rest to the front. */
	consume(length: number): void {
		const left = this.length - length;
		const { address } = this.#buffer;
		this.#core.move(address + length, address, left);
		this.start += length;
		this.length = left;
	}

	/** Forgets all from offset `end` of the blob on. */
	shrink(end: number): void {
		this.start = Math.min(this.start, end);
		this.length = end - this.start;
	}

	free(): void {
		this.#buffer.giveBack();
	}
}
