import { newBytes } from "../bytes.ts";
import { checkRange, checkWhole, isPromise } from "../checks.ts";
import { andThen } from "../host/delegating.ts";
import type { StoreContext } from "../storage/context.ts";
import type { Awaitable } from "../turns/awaitable.ts";
import { fanOut, NOTHING } from "../turns/fan-out.ts";
import { Pace } from "../turns/pace.ts";
import type { CachedPages } from "./cache-memory.ts";
import type { PageDelivery, PageTaker } from "./page-faults.ts";
import type { PhysicalPages } from "./physical-pages.ts";
import { Replay } from "./replay.ts";
import type { Tip } from "./tip.ts";

/** How many items are read at once. */
export const READ_DEPTH = 256;

interface MissingItem {
	readonly offset: number;
	/** Takes its bytes. */
	readonly item: Uint8Array;
}

/**
 * Logical bytes of a paged blob: from the tip, else the cache, else the pages on disk. Pages are
 * verified before a byte of them is given out. The caller has checked that the range lies within
 * the blob.
 */
export class LogicalReader {
	readonly #pageSize: number;
	readonly #tip: Tip;
	readonly #cached: CachedPages;
	readonly #pages: PhysicalPages;
	readonly #storage: StoreContext;

	constructor(
		pageSize: number,
		tip: Tip,
		cached: CachedPages,
		pages: PhysicalPages,
		storage: StoreContext,
	) {
		this.#pageSize = pageSize;
		this.#tip = tip;
		this.#cached = cached;
		this.#pages = pages;
		this.#storage = storage;
	}

	/** Fills the target if that needs no I/O, and returns whether it did. */
	tryRead(offset: number, target: Uint8Array): boolean {
		return this.#copyHeld(offset, target, 0) === target.length;
	}

	/** Fills the target: at once where the host answers at once, and other tasks are not due. */
	read(offset: number, target: Uint8Array): Awaitable<void> {
		let filled = this.#copyHeld(offset, target, 0);
		while (filled < target.length) {
			const read = this.#readPage(offset + filled, target, filled);
			if (isPromise(read)) {
				return this.#readLater(offset, target, filled, read);
			}
			filled = this.#copyHeld(offset, target, filled + read);
		}
		return undefined;
	}

	/** Fills the rest of the target when the bytes of a page have come. */
	async #readLater(
		offset: number,
		target: Uint8Array,
		copied: number,
		coming: Promise<number>,
	): Promise<void> {
		let filled = this.#copyHeld(offset, target, copied + (await coming));
		while (filled < target.length) {
			filled += await this.#readPage(offset + filled, target, filled);
			filled = this.#copyHeld(offset, target, filled);
		}
	}

	/**
	 * Copies bytes of a page on disk. Returns how many: none if the page was cut meanwhile. Throws
	 * ERR_INVALID_CHECKSUM when no slot validates the byte at the offset.
	 */
	#readPage(
		offset: number,
		target: Uint8Array,
		filled: number,
	): Awaitable<number> {
		const page = Math.floor(offset / this.#pageSize);
		let valid = this.#pageSize;
		let copied = 0;
		const fault = this.#fault(page, (bytes) => {
			valid = bytes.length;
			copied = this.#copyPage(bytes, offset, target, filled);
		});
		return andThen(fault, () => {
			if (offset % this.#pageSize >= valid) {
				throw this.#pages.damaged(page, valid);
			}
			return copied;
		});
	}

	/**
	 * Fills the target with items of one size. Items that need the host are read together, as many as
	 * a disk makes use of.
	 */
	async readMany(
		offsets: readonly number[],
		itemSize: number,
		target: Uint8Array,
	): Promise<void> {
		const missing: MissingItem[] = [];
		const pace = new Pace();
		for (const [index, offset] of offsets.entries()) {
			const item = target.subarray(index * itemSize, (index + 1) * itemSize);
			if (!this.tryRead(offset, item)) {
				missing.push({ offset, item });
			}
			const turn = pace.step();
			if (turn !== undefined) {
				await turn;
			}
		}
		await fanOut(missing, READ_DEPTH, async ({ offset, item }) => {
			await this.read(offset, item);
			await pace.step();
			return NOTHING;
		});
	}

	/**
	 * Up to `count` bytes from `offset` on, read past the cache and many pages at a time, or from the
	 * tip.
	 */
	async readAhead(offset: number, count: number): Promise<Uint8Array> {
		const handedOver = this.#tip.offset;
		if (offset >= handedOver) {
			const bytes = newBytes(Math.min(count, this.#tip.end - offset));
			this.#tip.copyTo(bytes, 0, offset);
			return bytes;
		}
		const source = {
			storage: this.#storage,
			pages: this.#pages,
			pageSize: this.#pageSize,
			size: handedOver,
			flush: async () => undefined,
		};
		const replay = new Replay(source, { from: offset, buffer: count });
		await replay.fill();
		return replay.chunk;
	}

	/** Copies from `copied` on while memory has bytes. Returns how far the target is filled. */
	#copyHeld(offset: number, target: Uint8Array, copied: number): number {
		let filled = copied;
		while (filled < target.length) {
			const at = offset + filled;
			if (at >= this.#tip.offset) {
				this.#tip.copyTo(target, filled, at);
				return target.length;
			}
			const page = Math.floor(at / this.#pageSize);
			const start = at - page * this.#pageSize;
			const count = Math.min(this.#pageSize - start, target.length - filled);
			const bytes = this.#cached.get(page, start, count);
			if (bytes === undefined) {
				break;
			}
			target.set(bytes, filled);
			filled += count;
		}
		return filled;
	}

	/**
	 * Copies the bytes that a page, or its first part, has from `offset` on. They go to index
	 * `filled` of the target. Returns how many.
	 */
	#copyPage(
		page: Uint8Array,
		offset: number,
		target: Uint8Array,
		filled: number,
	): number {
		const start = offset % this.#pageSize;
		const end = Math.min(page.length, start + target.length - filled);
		target.set(page.subarray(start, end), filled);
		return Math.max(0, end - start);
	}

	#fault(page: number, take: PageTaker): Awaitable<void> {
		const fetch = (deliver: PageDelivery) =>
			this.#pages.withPages(page, 1, (address) =>
				deliver(address, this.#pages.validLength(address)),
			);
		return this.#cached.fault(page, fetch, take);
	}
}

/** Throws TypeError and RangeError unless the items ascend, do not overlap, and fill the target. */
export function checkItems(
	offsets: readonly number[],
	itemSize: number,
	target: Uint8Array | undefined,
): void {
	checkWhole("an item size", itemSize);
	if (target !== undefined && target.length !== offsets.length * itemSize) {
		throw new RangeError(
			"readMany requires target.length === offsets.length * itemSize",
		);
	}
	let end = 0;
	for (const offset of offsets) {
		checkRange(offset, itemSize);
		if (offset < end) {
			throw new RangeError(
				"readMany requires ascending offsets of items that do not overlap",
			);
		}
		end = offset + itemSize;
	}
}
