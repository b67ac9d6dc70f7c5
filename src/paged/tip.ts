import { RECORD_SIZE } from "../../assembly/format.ts";
import type { Core } from "../core/core.ts";
import type { BufferHolder, WriteBuffer } from "../core/write-memory.ts";
import type { StoreContext } from "../storage/context.ts";

/** What is to be appended as a whole. */
export interface Content {
	/** In bytes. */
	readonly size: number;
	/** Writes it into linear memory. Throws what its encoding throws. */
	put(core: Core, address: number): void;
	/** Its bytes, in parts that follow one another. Throws as `put`. */
	parts(core: Core): readonly Uint8Array[];
}

const NOTHING = new Uint8Array();

/**
 * The end of a paged blob that is not yet handed to the host, as physical pages in linear memory:
 * the gap for each page's checksum record is in place, so that sealing copies nothing and a run of
 * pages is one contiguous write.
 *
 *    address                                                     (capacity in pages)
 *    | data of `page` | record | data of `page` + 1 | record | … |
 *      ^ the committed prefix of a partial page stands here too
 *
 * The memory is taken when something is to be appended, and given back when all is durable: what is
 * left then is less than a page, and kept aside.
 */
export class Tip {
	readonly #core: Core;
	readonly #buffer: WriteBuffer;
	/**
	 * In front what is held while there is no memory: a part of one page. Used again: garbage would
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
	/** While a codec writes a value. */
	#isEncoding = false;

	/**
	 * Holds `capacity` logical bytes, what is left of the page they end in, and one page more. Throws
	 * ERR_MEMORY where that is more than the store could ever have.
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

	/** Whether there is memory to append to, which is taken where that can be done at once. */
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

	/** Copies as many of the bytes as there is room for, and answers how many. */
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
	 * Appends what there is room for: written where it will lie, or where that is in two pages copied
	 * there. Where it throws nothing is appended.
	 */
	put(content: Content): void {
		const { size } = content;
		if ((this.length % this.#pageSize) + size > this.#pageSize) {
			for (const part of this.#encoded(content)) {
				this.append(part);
			}
			return;
		}
		this.#encode(content, this.#addressOf(this.length));
		this.length += size;
	}

	hasRoom(count: number): boolean {
		return this.length + count <= this.#pages * this.#pageSize;
	}

	#goOn(): true {
		this.#core.write(this.address, this.#aside.subarray(0, this.length));
		return true;
	}

	#encode(content: Content, address: number): void {
		this.#refuseNested();
		this.#isEncoding = true;
		try {
			content.put(this.#core, address);
		} finally {
			this.#isEncoding = false;
		}
	}

	#encoded(content: Content): readonly Uint8Array[] {
		this.#refuseNested();
		this.#isEncoding = true;
		try {
			return content.parts(this.#core);
		} finally {
			this.#isEncoding = false;
		}
	}

	/**
	 * As long as a codec writes a value, nothing else is appended: it would lie where the value is to
	 * lie.
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

	/** A copy of the bytes held from `from` on, in its page alone. */
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

	/** Lets go of the first pages; what is left moves to the front. */
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

	/** Starts anew at a page, of which it holds the first bytes. */
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
