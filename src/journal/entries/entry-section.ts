import { StorageError } from "../../errors.ts";
import type { FormContent } from "../../forms/form-content.ts";
import { AppendQueue } from "../../turns/append-queue.ts";
import type { Awaitable } from "../../turns/awaitable.ts";
import type { OpenedPages } from "../page-partition.ts";
import { PagesSection } from "../pages-section.ts";
import type { EntryLayout } from "./entry-layout.ts";

/**
 * The entries of one open section, one after the other in the pages of a blob. Positions count
 * entries. In a store that is open for reading, entries that recovery would have cut are not seen.
 */
export class EntrySection extends PagesSection {
	readonly layout: EntryLayout;
	readonly entrySize: number;
	/** The most bytes of entries appended in one run. */
	readonly #runBytes: number;
	/** Queues appends of several runs, so that no other entry comes between. */
	readonly #appends = new AppendQueue();
	/** Logical bytes that are visible in a store open for reading. */
	#seen = Number.POSITIVE_INFINITY;

	constructor(opened: OpenedPages, layout: EntryLayout) {
		super(opened, layout.pageSize);
		const { entrySize, capacity } = layout;
		this.layout = layout;
		this.entrySize = entrySize;
		this.#runBytes = Math.floor(capacity / entrySize) * entrySize;
	}

	/** Whole entries. */
	get count(): number {
		return Math.floor(Math.min(this.paged.size, this.#seen) / this.entrySize);
	}

	override get size(): number {
		return this.count * this.entrySize;
	}

	/** Whether an entry can be appended at once. */
	get canAppend(): boolean {
		return this.#appends.isFree && this.paged.canAppend(this.entrySize);
	}

	/**
	 * Appends at once and returns the position; undefined when that needs a wait. Throws for an
	 * invalid entry.
	 */
	tryAppend<T>(content: FormContent<T>, entry: T): number | undefined {
		const size = content.form.sizeOf(entry);
		const offset = this.#appends.isFree
			? this.paged.tryPut(content, entry, size)
			: undefined;
		return offset === undefined ? undefined : offset / this.entrySize;
	}

	/** Appends entries that lie one after the other; resolves to the position of the first. */
	async append(entries: Uint8Array): Promise<number> {
		const { paged } = this;
		const run = this.#runBytes;
		return this.#appends.run(async () => {
			const offset = await paged.appendWhole(entries.subarray(0, run));
			for (let at = run; at < entries.length; at += run) {
				await paged.appendWhole(entries.subarray(at, at + run));
			}
			return offset / this.entrySize;
		});
	}

	/** At once where the host answers at once. */
	get(position: number): Awaitable<Uint8Array> {
		this.#requireEntry(position);
		return this.paged.reads.readNow(position * this.entrySize, this.entrySize);
	}

	async readInto(position: number, target: Uint8Array): Promise<void> {
		this.#requireEntry(position);
		await this.paged.reads.readInto(position * this.entrySize, target);
	}

	tryGet(position: number, target: Uint8Array): boolean {
		this.#requireEntry(position);
		return this.paged.reads.tryRead(position * this.entrySize, target);
	}

	async getMany(positions: readonly number[]): Promise<Uint8Array> {
		const last = positions[positions.length - 1];
		if (last !== undefined) {
			this.#requireEntry(last);
		}
		const offsets = positions.map((position) => position * this.entrySize);
		return this.paged.reads.readMany(offsets, this.entrySize);
	}

	/**
	 * Bytes of entries from an offset on, `count` or somewhat fewer, none at the end; past the cache.
	 */
	async readAhead(offset: number, count: number): Promise<Uint8Array> {
		const left = this.size - offset;
		if (left <= 0) {
			return new Uint8Array();
		}
		const bytes = await this.paged.reads.readAhead(offset, count);
		return bytes.subarray(0, left);
	}

	/** Hides all from `size` on, where it must not be cut. */
	hideFrom(size: number): void {
		this.#seen = size;
	}

	/** ERR_ITEM_OUT_OF_RANGE, with the place of the position. */
	outOfRange(position: number): StorageError {
		const { partition, hexName } = this.blob;
		return new StorageError(
			"ERR_ITEM_OUT_OF_RANGE",
			`item out of range: ${position} of ${partition}/${hexName}, which has ${this.count}`,
			{ partition, blob: hexName, position, found: this.count },
		);
	}

	#requireEntry(position: number): void {
		if (position >= this.count) {
			throw this.outOfRange(position);
		}
	}
}
