import { RECORD_SIZE } from "../../assembly/format.ts";
import type { Core } from "../core/core.ts";
import type { BufferHolder, WriteBuffer } from "../core/write-memory.ts";
import type { StoreContext } from "../storage/context.ts";

/**
 * Values that are appended as a whole each, with what stands around them. One object serves all
 * values: an object for each would cost more than the copy.
 */
export interface Content<T> {
	/** Bytes that a value of `size` bytes takes. */
	spanOf(size: number): number;
	/** Writes a value of `size` bytes into linear memory. Throws what the encoder throws. */
	put(core: Core, address: number, size: number, value: T): void;
	/** The bytes, as consecutive parts. Throws as `put`. */
	parts(core: Core, value: T): readonly Uint8Array[];
}

const NOTHING = new Uint8Array();

/**
 * The end of a paged blob that the host does not have yet, as physical pages in linear memory. Each
 * page has a gap for its checksum record, so sealing copies nothing and a run of pages is one
 * contiguous write.
 *
 *    address                                                     (capacity in pages)
 *    | data of `page` | record | data of `page` + 1 | record | … |
 *      ^ the committed prefix of a partial page stands here too
 *
 * The memory is taken for an append, and given back when all is durable. The rest is then less than
 * a page, and is kept aside.
 */
export class Tip {
	readonly #core: Core;
	readonly #buffer: WriteBuffer;
	/**
	 * Begins with the bytes held while there is no memory: a part of one page. Reused: garbage would
	 * cost more than the copy.
	 */
	#aside: Uint8Array = NOTHING;
	readonly #pageSize: number;
	readonly #stride: number;
	readonly #pages: number;
	/** The number of the first page held. */
	page = 0;
	/** Logical bytes held, counted from the start of that page. */
	length = 0;
	/** Set while a codec writes a value. */
	#isEncoding = false;

	/**
	 * Holds `capacity` logical bytes, the rest of their last page, and one more page. Throws
	 * ERR_MEMORY where the store could never have so much.
	 */
	constructor(
		{ core, memory }: StoreContext,
		holder: BufferHolder,
		pageSize: number,
		capacity: number,
	) {
		this.#core = core;
		this.#pageSize = pageSize;
		this.#stride = pageSize + RECORD_SIZE;
		this.#pages = Math.floor(capacity / pageSize) + 2;
		const size = this.#pages * this.#stride;
		this.#buffer = memory.writes.bufferOf(holder, size);
	}

	/** Where the first page held begins, once there is memory for it. */
	get address(): number {
		return this.#buffer.address;
	}

	/** The logical offset in the blob of the first byte held. */
	get offset(): number {
		return this.page * this.#pageSize;
	}

	/** The logical size of the blob. */
	get end(): number {
		return this.offset + this.length;
	}

	/** Whether there is memory to append to. Takes it if that needs no wait. */
	tryTake(): boolean {
		return this.#buffer.isTaken || (this.#buffer.tryTake() && this.#goOn());
	}

	/** Takes memory to append to. Throws ERR_MEMORY. */
	async take(): Promise<void> {
		if (!this.#buffer.isTaken) {
			await this.#buffer.take();
			this.#goOn();
		}
	}

	/** Gives the memory back when all that is held is durable, and no page of it is full. */
	giveBack(): void {
		if (this.#buffer.isTaken) {
			if (this.#aside.length < this.length) {
				const size = Math.min(this.#pageSize, 2 * this.length);
				this.#aside = new Uint8Array(size);
			}
			this.#aside.set(this.#core.bytes(this.address, this.length));
			this.#buffer.giveBack();
		}
	}

	/** Copies as many of the bytes as fit. Returns how many. */
	append(bytes: Uint8Array): number {
		this.#refuseNested();
		const inPage = this.length % this.#pageSize;
		if (inPage + bytes.length < this.#pageSize && this.hasRoom(bytes.length)) {
			this.#core.write(this.#addressOf(this.length), bytes);
			this.length += bytes.length;
			return bytes.length;
		}
		return this.#appendAcrossPages(bytes);
	}

	/**
	 * Appends a value of `size` bytes that fits. It is encoded in place, or copied there when it
	 * spans two pages. When this throws, nothing is appended.
	 */
	put<T>(content: Content<T>, value: T, size: number): void {
		const span = content.spanOf(size);
		if ((this.length % this.#pageSize) + span > this.#pageSize) {
			for (const part of this.#encoded(content, value)) {
				this.append(part);
			}
			return;
		}
		this.#encode(content, this.#addressOf(this.length), size, value);
		this.length += span;
	}

	hasRoom(count: number): boolean {
		return this.length + count <= this.#pages * this.#pageSize;
	}

	#goOn(): true {
		this.#core.write(this.address, this.#aside.subarray(0, this.length));
		return true;
	}

	#encode<T>(
		content: Content<T>,
		address: number,
		size: number,
		value: T,
	): void {
		this.#refuseNested();
		this.#isEncoding = true;
		try {
			content.put(this.#core, address, size, value);
		} finally {
			this.#isEncoding = false;
		}
	}

	#encoded<T>(content: Content<T>, value: T): readonly Uint8Array[] {
		this.#refuseNested();
		this.#isEncoding = true;
		try {
			return content.parts(this.#core, value);
		} finally {
			this.#isEncoding = false;
		}
	}

	/**
	 * While a codec writes a value nothing else may be appended: it would land where the value goes.
	 */
	#refuseNested(): void {
		if (this.#isEncoding) {
			throw new TypeError("a codec appends nothing while it writes a value");
		}
	}

	#appendAcrossPages(bytes: Uint8Array): number {
		const count = Math.min(
			bytes.length,
			this.#pages * this.#pageSize - this.length,
		);
		let copied = 0;
		while (copied < count) {
			const inPage = this.length % this.#pageSize;
			const part = Math.min(count - copied, this.#pageSize - inPage);
			this.#core.write(
				this.#addressOf(this.length),
				bytes.subarray(copied, copied + part),
			);
			copied += part;
			this.length += part;
		}
		return count;
	}

	/** A copy of the held bytes from `from` to the end of its page. */
	copyRestOfPage(from: number): Uint8Array {
		const left = this.#pageSize - (from % this.#pageSize);
		const count = Math.min(left, this.length - from);
		return this.#core.bytes(this.#addressOf(from), count).slice();
	}

	/** Puts bytes of one page back where they were held. */
	overwrite(from: number, bytes: Uint8Array): void {
		this.#core.write(this.#addressOf(from), bytes);
	}

	/**
	 * Fills the target from index `filled` on with held bytes, which start at logical offset `offset`
	 * of the blob.
	 */
	copyTo(target: Uint8Array, filled: number, offset: number): void {
		let at = offset - this.offset;
		let copied = filled;
		if (!this.#buffer.isTaken) {
			const end = at + target.length - filled;
			target.set(this.#aside.subarray(at, end), filled);
			return;
		}
		while (copied < target.length) {
			const inPage = at % this.#pageSize;
			const part = Math.min(target.length - copied, this.#pageSize - inPage);
			target.set(this.#core.bytes(this.#addressOf(at), part), copied);
			copied += part;
			at += part;
		}
	}

	/** Where the n-th page held begins. */
	pageAddress(index: number): number {
		return this.address + index * this.#stride;
	}

	/** A view of physical bytes, counted from the start of the first page held. */
	physical(start: number, end: number): Uint8Array {
		return this.#core.bytes(this.address + start, end - start);
	}

	/** Takes back the last appended bytes. */
	retract(bytes: number): void {
		this.length -= bytes;
	}

	/** Drops the first pages, and moves the rest to the front. */
	drop(pages: number): void {
		if (pages === 0) {
			return;
		}
		const left = this.length - pages * this.#pageSize;
		const physical =
			Math.floor(left / this.#pageSize) * this.#stride +
			(left % this.#pageSize);
		this.#core.move(this.pageAddress(pages), this.address, physical);
		this.page += pages;
		this.length = left;
	}

	/** Starts anew at a page, with `held` as its first bytes. */
	restart(page: number, held: Uint8Array): void {
		this.page = page;
		this.length = held.length;
		if (this.#buffer.isTaken) {
			this.#core.write(this.address, held);
		} else {
			this.#aside = held;
		}
	}

	free(): void {
		this.#buffer.giveBack();
	}

	#addressOf(logical: number): number {
		const page = Math.floor(logical / this.#pageSize);
		return this.address + page * this.#stride + (logical % this.#pageSize);
	}
}
