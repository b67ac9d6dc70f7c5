import { PAGE_SIZE_MAX } from "../../assembly/format.ts";
import { checkWhole } from "../checks.ts";
import type { Arena } from "../core/arena.ts";
import { closed } from "../refusals.ts";
import type { StoreContext } from "../storage/context.ts";
import type { Awaitable } from "../turns/awaitable.ts";
import { PageFaults, type PageFetch, type PageTaker } from "./page-faults.ts";

/**
 * A flush that would take 1/FLOOD_SHARE of the cache bypasses it: bulk loads are seldom read back
 * soon.
 */
const FLOOD_SHARE = 4;

/** The source of a cache's memory: pieces with room for `pagesEach` pages. */
export interface CachePieces {
	readonly pagesEach: number;
	/** How many pieces the cache may count on. */
	most(): number;
	/** The address of one more piece, or undefined. */
	more(cache: CacheMemory): number | undefined;
}

/**
 * Whole logical pages of one size, of any number of blobs, in pieces of linear memory. Replacement
 * is CLOCK: a hit sets a slot's reference bit, and the hand clears bits until it finds one that is
 * clear. (commonware's `CacheRef`.)
 *
 *    piece 0                       piece 1
 *    | slot 0 | slot 1 | … | -- |  | slot n | slot n + 1 | … | -- |      (n pages to a piece)
 */
export class CacheMemory {
	readonly storage: StoreContext;
	readonly pageSize: number;
	readonly #arena: Arena;
	readonly #source: CachePieces;
	readonly #addresses: number[] = [];
	#referenced = new Uint8Array(0);
	#owners: (CachedPages | undefined)[] = [];
	#pages = new Float64Array(0);
	#hand = 0;
	/** How many blobs have pages in the cache. */
	#users = 0;
	#isClosed = false;

	constructor(storage: StoreContext, pageSize: number, source: CachePieces) {
		storage.refuseIfClosed();
		this.storage = storage;
		this.pageSize = pageSize;
		this.#arena = storage.arena;
		this.#source = source;
	}

	/** A cache of `pages` pages, with its memory taken at once. Throws ERR_MEMORY. */
	static ofPages(
		storage: StoreContext,
		pageSize: number,
		pages: number,
	): CacheMemory {
		const source = {
			pagesEach: pages,
			most: () => 1,
			more: () => undefined,
		};
		const cache = new CacheMemory(storage, pageSize, source);
		cache.#add(storage.arena.allocate(pageSize * pages));
		return cache;
	}

	/** How many pages the cache can count on. */
	get pages(): number {
		return this.#source.pagesEach * this.#source.most();
	}

	/** How many pieces of memory the cache has. */
	get pieces(): number {
		return this.#addresses.length;
	}

	/** Whether an open blob has pages in the cache. */
	get isUsed(): boolean {
		return this.#users > 0;
	}

	/** Gives up a piece and its pages. Returns the address. */
	giveUp(): number | undefined {
		const address = this.#addresses.pop();
		const left = this.#addresses.length * this.#source.pagesEach;
		for (let slot = left; slot < this.#owners.length; slot += 1) {
			this.#owners[slot]?.evict(this.#pages[slot] ?? 0, slot);
		}
		this.#resize(left);
		return address;
	}

	/** Adds a blob: returns its pages. */
	attach(): CachedPages {
		this.refuseIfClosed();
		this.#users += 1;
		return new CachedPages(this);
	}

	/** Counts one blob less. */
	detach(): void {
		this.#users -= 1;
	}

	/** Gives the memory back. Blobs that still use the cache fail with ERR_CLOSED. */
	close(): void {
		if (!this.#isClosed) {
			this.#isClosed = true;
			for (const address of this.#addresses) {
				this.#arena.free(address);
			}
		}
	}

	refuseIfClosed(): void {
		if (this.#isClosed) {
			throw closed("the page cache");
		}
	}

	/** A view of `length` bytes of a slot's page, to be used at once; counts as a hit. */
	hit(slot: number, start: number, length: number): Uint8Array {
		this.refuseIfClosed();
		this.#referenced[slot] = 1;
		return this.storage.core.bytes(this.#addressOf(slot) + start, length);
	}

	/** Fills a slot with the page at an address of linear memory; counts as a hit. */
	fill(slot: number, address: number): void {
		this.refuseIfClosed();
		this.#referenced[slot] = 1;
		this.storage.core.move(address, this.#addressOf(slot), this.pageSize);
	}

	/** Gives a page in linear memory to all who wait for it. */
	show(address: number, length: number, takers: readonly PageTaker[]): void {
		const page = this.storage.core.bytes(address, length);
		for (const take of takers) {
			take(page);
		}
	}

	/**
	 * A slot for an owner's page, taken from its last owner; undefined if the cache has no memory.
	 */
	claim(owner: CachedPages, page: number): number | undefined {
		if (this.#owners[this.#hand] !== undefined || this.pieces === 0) {
			this.#grow();
		}
		if (this.pieces === 0) {
			return undefined;
		}
		while (this.#referenced[this.#hand] === 1) {
			this.#referenced[this.#hand] = 0;
			this.#advance();
		}
		const slot = this.#hand;
		this.#advance();
		this.#owners[slot]?.evict(this.#pages[slot] ?? 0, slot);
		this.#owners[slot] = owner;
		this.#pages[slot] = page;
		return slot;
	}

	/** Empties the slot. It is claimed as soon as the hand reaches it. */
	vacate(slot: number): void {
		this.#owners[slot] = undefined;
		this.#referenced[slot] = 0;
	}

	#addressOf(slot: number): number {
		const { pagesEach } = this.#source;
		const piece = Math.floor(slot / pagesEach);
		const address = this.#addresses[piece] ?? 0;
		return address + (slot - piece * pagesEach) * this.pageSize;
	}

	#advance(): void {
		this.#hand = (this.#hand + 1) % this.#referenced.length;
	}

	#grow(): void {
		const address = this.#source.more(this);
		if (address !== undefined) {
			this.#add(address);
		}
	}

	/** The first slot of the piece is the next to be claimed. */
	#add(address: number): void {
		this.#hand = this.#owners.length;
		this.#addresses.push(address);
		this.#resize(this.pieces * this.#source.pagesEach);
	}

	#resize(slots: number): void {
		const kept = Math.min(slots, this.#owners.length);
		const referenced = new Uint8Array(slots);
		referenced.set(this.#referenced.subarray(0, kept));
		const pages = new Float64Array(slots);
		pages.set(this.#pages.subarray(0, kept));
		this.#owners.length = kept;
		while (this.#owners.length < slots) {
			this.#owners.push(undefined);
		}
		this.#referenced = referenced;
		this.#pages = pages;
		this.#hand = this.#hand < slots ? this.#hand : 0;
	}
}

/** One blob's pages in a cache. */
export class CachedPages {
	readonly #cache: CacheMemory;
	readonly #slots = new Map<number, number>();
	readonly #faults = new PageFaults();

	constructor(cache: CacheMemory) {
		this.#cache = cache;
	}

	/**
	 * A view of `length` bytes of the page from `start` on, to be used at once; undefined when it is
	 * not cached.
	 */
	get(page: number, start: number, length: number): Uint8Array | undefined {
		const slot = this.#slots.get(page);
		return slot === undefined
			? undefined
			: this.#cache.hit(slot, start, length);
	}

	/** Whether so many pages at once would evict too many others. */
	isFloodedBy(pages: number): boolean {
		return pages * FLOOD_SHARE >= this.#cache.pages;
	}

	/** Caches the page at an address of linear memory, in place of an older copy. */
	put(page: number, address: number): void {
		let slot = this.#slots.get(page);
		if (slot === undefined) {
			slot = this.#cache.claim(this, page);
			if (slot === undefined) {
				return;
			}
			this.#slots.set(page, slot);
		}
		this.#cache.fill(slot, address);
	}

	/**
	 * Fetches a page that is not cached. A page has one fetch at a time, and all who wait get its
	 * result. `fetch` calls `deliver` with the page's address and its number of valid bytes. Fewer
	 * than a page are given out, but not cached.
	 */
	fault(page: number, fetch: PageFetch, take: PageTaker): Awaitable<void> {
		return this.#faults.join(page, fetch, take, (address, length, takers) => {
			if (length === this.#cache.pageSize) {
				this.put(page, address);
			}
			this.#cache.show(address, length, takers);
		});
	}

	/** Forgets all pages, and has the cache forget this user. */
	end(): void {
		this.invalidateFrom(0);
		this.#cache.detach();
	}

	/** Forgets all pages from `page` on. */
	invalidateFrom(page: number): void {
		this.#faults.forgetAll();
		for (const [cached, slot] of [...this.#slots]) {
			if (cached >= page) {
				this.#slots.delete(cached);
				this.#cache.vacate(slot);
			}
		}
	}

	/** Forgets a page that lost its slot. */
	evict(page: number, slot: number): void {
		if (this.#slots.get(page) === slot) {
			this.#slots.delete(page);
		}
	}
}

/** Throws TypeError and RangeError for an invalid page size. */
export function checkPageSize(pageSize: number): void {
	checkWhole("a page size", pageSize);
	if (pageSize < 1 || pageSize > PAGE_SIZE_MAX) {
		throw new RangeError(
			`a page has 1 to ${PAGE_SIZE_MAX} bytes, not ${pageSize}`,
		);
	}
}
