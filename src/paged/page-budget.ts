import type { Arena } from "../core/arena.ts";
import type { StoreContext } from "../storage/context.ts";
import { CacheMemory } from "./cache-memory.ts";
import { type CachedValues, ValueMemory } from "./value-memory.ts";

/** Large enough for a page of any size. */
const CACHE_PIECE_BYTES = 64 * 1024;
/** Bounds the bookkeeping for the pages of a piece. */
const PAGES_EACH_MAX = 1024;
const BUDGET_BYTES = 4 * 1024 * 1024;
/** The most that is taken of a small memory. */
const SHARE_OF_MEMORY = 1 / 4;

/** What has pieces of the budget. */
interface Holder {
	readonly pieces: number;
	/** Whether an open blob has something in them. */
	readonly isUsed: boolean;
	/** Gives up a piece, and returns its address. */
	giveUp(): number | undefined;
}

const BUDGETS = new WeakMap<StoreContext, PageBudget>();

/**
 * The memory for the cached pages of a store, of all page sizes, and for values that were read
 * lately. It is taken piece by piece as they come in, and given back when other allocations need
 * it. Once all is taken, a page size, or the values, get pieces from what no open blob uses, then
 * from what has most pieces.
 */
export class PageBudget {
	readonly #storage: StoreContext;
	readonly #arena: Arena;
	readonly #piecesMax: number;
	readonly #caches = new Map<number, CacheMemory>();
	readonly #values: ValueMemory;
	#taken = 0;

	private constructor(storage: StoreContext) {
		this.#storage = storage;
		this.#arena = storage.arena;
		const bytes = this.#arena.freeBytes * SHARE_OF_MEMORY;
		this.#piecesMax = Math.floor(
			Math.min(BUDGET_BYTES, bytes) / CACHE_PIECE_BYTES,
		);
		this.#arena.reclaimBy(() => this.#giveBack());
		this.#values = new ValueMemory(storage.core, {
			pieceBytes: CACHE_PIECE_BYTES,
			more: (asking) => this.#more(asking),
		});
	}

	/** The one budget of a store. */
	static of(storage: StoreContext): PageBudget {
		let budget = BUDGETS.get(storage);
		if (budget === undefined) {
			budget = new PageBudget(storage);
			BUDGETS.set(storage, budget);
		}
		return budget;
	}

	/** The cache of pages of one size. It has no memory before a page is cached. */
	cacheOf(pageSize: number): CacheMemory {
		let cache = this.#caches.get(pageSize);
		if (cache === undefined) {
			const pagesEach = Math.floor(CACHE_PIECE_BYTES / pageSize);
			cache = new CacheMemory(this.#storage, pageSize, {
				pagesEach: Math.min(pagesEach, PAGES_EACH_MAX),
				most: () => this.#evenShare(),
				more: (asking) => this.#more(asking),
			});
			this.#caches.set(pageSize, cache);
		}
		return cache;
	}

	/** The values of a blob that were read lately. It has no memory before a value is put there. */
	valuesOfBlob(): CachedValues {
		return this.#values.valuesOfBlob();
	}

	/** The address of one more piece; undefined where the holder gets none. */
	#more(holder: Holder): number | undefined {
		if (this.#taken < this.#piecesMax) {
			const address = this.#arena.tryAllocateFree(CACHE_PIECE_BYTES);
			if (address !== undefined) {
				this.#taken += 1;
				return address;
			}
		}
		const idle = this.#all().find(
			({ isUsed, pieces }) => !isUsed && pieces > 0,
		);
		return (idle ?? this.#largerThan(holder))?.giveUp();
	}

	#giveBack(): boolean {
		const [largest] = this.#all();
		const address = largest?.giveUp();
		if (address === undefined) {
			return false;
		}
		this.#arena.free(address);
		this.#taken -= 1;
		return true;
	}

	/** The largest holder, if at least two pieces larger. */
	#largerThan(holder: Holder): Holder | undefined {
		const [largest] = this.#all();
		const isLarger = largest && largest.pieces > holder.pieces + 1;
		return isLarger ? largest : undefined;
	}

	#evenShare(): number {
		const used = this.#all().filter(({ isUsed }) => isUsed);
		return Math.ceil(this.#piecesMax / Math.max(1, used.length));
	}

	/** Most pieces first. */
	#all(): Holder[] {
		const all: Holder[] = [...this.#caches.values(), this.#values];
		return all.sort((one, other) => other.pieces - one.pieces);
	}
}
