import { VARINT_WIDTH_MAX } from "../../../assembly/format.ts";
import { joined, newBytes } from "../../bytes.ts";
import { type ErrorPlace, StorageError } from "../../errors.ts";
import { SEQUENTIAL_READ_BYTES } from "../../host/read-sizes.ts";
import { READ_DEPTH } from "../../paged/reader.ts";
import type { StoreContext } from "../../storage/context.ts";
import { blobPath } from "../../storage/names.ts";
import { AppendQueue } from "../../turns/append-queue.ts";
import { fanOut, NOTHING } from "../../turns/fan-out.ts";
import { Pace } from "../../turns/pace.ts";
import { keepPages, type OpenedPages } from "../page-partition.ts";
import { PagesSection } from "../pages-section.ts";
import { FRAMED_BYTES, type FramedItems } from "./framed-items.ts";
import { type ItemPlace, sizeOfItem } from "./item.ts";
import { ItemCursor } from "./item-cursor.ts";
import type { VariableTally } from "./item-report.ts";
import type { SectionTail } from "./section-tail.ts";

const NO_ITEM = new Uint8Array();

/** How items lie in the pages of a section. */
export interface ItemLayout {
	readonly pageSize: number;
	/** Bytes that a write buffer holds. */
	readonly capacity: number;
	/** The most bytes of an item. */
	readonly sizeMax: number;
}

/** What the sections of a journal share. */
export interface ItemSections {
	readonly storage: StoreContext;
	readonly layout: ItemLayout;
	readonly tally: VariableTally;
}

/** An item's length, and the width of that. */
interface ItemHead {
	readonly width: number;
	readonly size: number;
}

/**
 * The items of one open section, each behind its length in the pages of a blob. An append must know
 * that nothing lies behind the last whole item: otherwise the rest of a torn item would swallow the
 * new one.
 */
export class VariableSection extends PagesSection {
	readonly #number: bigint;
	readonly #shared: ItemSections;
	readonly #tail: SectionTail;
	/** Appends that wait, so that none overtakes another. */
	readonly #appends = new AppendQueue();
	readonly #pace = new Pace();

	constructor(
		section: bigint,
		opened: OpenedPages,
		shared: ItemSections,
		tail: SectionTail,
	) {
		super(opened, shared.layout.pageSize);
		this.#number = section;
		this.#shared = shared;
		this.#tail = tail;
		if (this.size === 0) {
			tail.end = 0;
		}
	}

	/** Bytes of the section, including a torn tail until it is cut. */
	override get size(): number {
		return this.paged.size;
	}

	/** Where the items end, as far as that is known. */
	get end(): number {
		return Math.min(this.#tail.end ?? this.size, this.size);
	}

	/** The sizes that the section shrank to in this session, in order. */
	get shrunkTo(): readonly number[] {
		return this.#tail.shrunkTo;
	}

	/**
	 * Appends an item if that needs no wait, and returns its place. Throws for an invalid item; then
	 * nothing is appended.
	 */
	tryAppend<T>(framed: FramedItems<T>, item: T): ItemPlace | undefined {
		const { sizeMax } = this.#shared.layout;
		const size = sizeOfItem(framed.form, item, sizeMax);
		const offset = this.#appends.isFree
			? this.#tryAppend(framed, item, size)
			: undefined;
		return offset === undefined ? undefined : { offset, size };
	}

	/**
	 * Appends items one behind the other. Resolves to where each begins, or to undefined, with
	 * nothing appended, if a torn tail must be cut first. When it rejects, some items may stay, each
	 * whole.
	 */
	async append(items: readonly Uint8Array[]): Promise<number[] | undefined> {
		return this.#appends.run(async () => {
			if (this.#tail.end === undefined) {
				await this.#walk();
			}
			if (this.end < this.size) {
				return undefined;
			}
			const offsets: number[] = [];
			for (const item of items) {
				offsets.push(
					this.#tryAppend(FRAMED_BYTES, item, item.length) ??
						(await this.#append(item)),
				);
			}
			return offsets;
		});
	}

	/** The item that begins at an offset. */
	async get(offset: number): Promise<Uint8Array> {
		const head = await this.paged.reads.read(offset, this.#widthMaxAt(offset));
		const { width, size } = this.#headIn(head, offset);
		return this.paged.reads.read(offset + width, size);
	}

	/** The items at offsets, in their order. Those that need the host are read together. */
	async getMany(offsets: readonly number[]): Promise<Uint8Array[]> {
		const missing: number[] = [];
		const items = await this.#pace.map(offsets, (offset, index) => {
			const item = this.tryGet(offset);
			if (item === undefined) {
				missing.push(index);
			}
			return item ?? NO_ITEM;
		});
		await fanOut(missing, READ_DEPTH, async (index) => {
			items[index] = await this.get(offsets[index] ?? 0);
			return NOTHING;
		});
		return items;
	}

	/** As get, if it needs no I/O. */
	tryGet(offset: number): Uint8Array | undefined {
		const head = new Uint8Array(this.#widthMaxAt(offset));
		if (!this.paged.reads.tryRead(offset, head)) {
			return undefined;
		}
		const { width, size } = this.#headIn(head, offset);
		const item = newBytes(size);
		return this.paged.reads.tryRead(offset + width, item) ? item : undefined;
	}

	/** Verified bytes from an offset on, one at least, `count` or somewhat fewer; past the cache. */
	readAhead(offset: number, count: number): Promise<Uint8Array> {
		return this.paged.reads.readAhead(offset, count);
	}

	/** A cursor over the items from an offset on. */
	cursor(offset: number, buffer: number): ItemCursor {
		const { storage, layout } = this.#shared;
		return new ItemCursor(storage, layout.sizeMax, offset, buffer);
	}

	/** Takes the result of a walk: `items` items that end at `end`, in a section of `size` bytes. */
	adopt(end: number, size: number, items: number): void {
		if (this.#tail.end === undefined && this.size === size) {
			this.#tail.end = end;
			this.#shared.tally.addWalk(items);
		}
	}

	override async shrink(size: number): Promise<void> {
		if (size < this.size) {
			await this.#tail.shrink(size, () => super.shrink(size));
		}
	}

	/** Cuts and reports any bytes behind the last whole item. */
	async cutTail(): Promise<void> {
		const { storage, layout, tally } = this.#shared;
		const { end, size } = this;
		if (end === size) {
			return;
		}
		const copy = this.#tail.isExplained
			? undefined
			: await keepPages(storage, this.blob, layout.pageSize, end);
		await this.shrink(end);
		tally.addCut({
			section: this.#number,
			why: "torn-item",
			size: end,
			bytesCut: size - end,
			...(copy !== undefined && { copy }),
		});
	}

	/** ERR_ITEM_OUT_OF_RANGE, with the place of the offset. */
	outOfRange(offset: number): StorageError {
		return new StorageError(
			"ERR_ITEM_OUT_OF_RANGE",
			`item out of range: ${offset} of ${blobPath(this.blob)}, whose items end at ${this.end}`,
			{ ...this.#placeOf(offset), found: this.end },
		);
	}

	/**
	 * The error for an offset without an item: ERR_ITEM_TOO_LARGE if the length there is too large,
	 * else ERR_ITEM_CORRUPT.
	 */
	corrupt(offset: number, announced?: number): StorageError {
		const { sizeMax } = this.#shared.layout;
		const where = `at ${offset} of ${blobPath(this.blob)}`;
		return announced === undefined
			? new StorageError(
					"ERR_ITEM_CORRUPT",
					`codec error: no item begins ${where}, its length is no varint of 32 bits`,
					this.#placeOf(offset),
				)
			: new StorageError(
					"ERR_ITEM_TOO_LARGE",
					`item too large: size=${announced} is announced ${where}, and maxItemSize is ${sizeMax}`,
					{ ...this.#placeOf(offset), expected: sizeMax, found: announced },
				);
	}

	/** Reads all frames of the section, to find where the last whole one ends. */
	async #walk(): Promise<void> {
		const { size } = this;
		const cursor = this.cursor(0, SEQUENTIAL_READ_BYTES);
		let items = 0;
		do {
			items += cursor.passOver();
		} while (await cursor.fill(this, size));
		this.adopt(cursor.offset, size, items);
	}

	#tryAppend<T>(
		framed: FramedItems<T>,
		item: T,
		size: number,
	): number | undefined {
		if (this.#tail.end !== this.size) {
			return undefined;
		}
		const most = VARINT_WIDTH_MAX + size;
		const offset = this.paged.tryPut(framed, item, size, most);
		if (offset !== undefined) {
			this.#tail.end = this.size;
		}
		return offset;
	}

	/** When it rejects, a part of the item may stay: a torn tail, to be cut before the next one. */
	async #append(item: Uint8Array): Promise<number> {
		const { storage, layout } = this.#shared;
		const offset = this.size;
		const head = storage.core.records.varint(item.length);
		this.#tail.isExplained = true;
		if (head.length + item.length <= layout.capacity) {
			await this.paged.appendWhole(joined(head, item));
		} else {
			await this.paged.append(head);
			await this.paged.append(item);
		}
		this.#tail.end = offset + head.length + item.length;
		return offset;
	}

	/** How many bytes a length at this offset can have. */
	#widthMaxAt(offset: number): number {
		if (offset >= this.end) {
			throw this.outOfRange(offset);
		}
		return Math.min(VARINT_WIDTH_MAX, this.end - offset);
	}

	#headIn(bytes: Uint8Array, offset: number): ItemHead {
		const { storage, layout } = this.#shared;
		const verdict = storage.core.records.decodeVarint(bytes);
		if (verdict.status !== "ok") {
			throw this.corrupt(offset);
		}
		const { width, value: size } = verdict;
		if (size > layout.sizeMax) {
			throw this.corrupt(offset, size);
		}
		if (offset + width + size > this.end) {
			throw this.#insufficient(offset, width + size);
		}
		return { width, size };
	}

	#insufficient(offset: number, length: number): StorageError {
		return new StorageError(
			"ERR_BLOB_INSUFFICIENT_LENGTH",
			`blob insufficient length: an item of ${length} bytes at ${offset} of ${blobPath(this.blob)}, whose items end at ${this.end}`,
			{
				...this.#placeOf(offset),
				expected: offset + length,
				found: this.end,
			},
		);
	}

	#placeOf(offset: number): ErrorPlace {
		const { partition, hexName } = this.blob;
		return { partition, blob: hexName, section: this.#number, offset };
	}
}
