import type { Arena } from "../core/arena.ts";
import type { StoreContext } from "../storage/context.ts";
import { CacheMemory } from "./cache-memory.ts";

/** A page of any size has room in it. */
const PIECE_BYTES = 64 * 1024;
const BUDGET_BYTES = 4 * 1024 * 1024;
/** Of a small linear memory no more is used up. */
const SHARE_OF_MEMORY = 1 / 4;

const BUDGETS = new WeakMap<StoreContext, PageBudget>();

/**
 * The memory for the cached pages of a store, whatever their sizes. It is taken piece by piece, as pages come in. Once all is taken a
 * page size with fewer pieces than its even share gets one from the size that has most.
 */
export class PageBudget {
	readonly #storage: StoreContext;
	readonly #arena: Arena;
	readonly #piecesMax: number;
	readonly #caches = new Map<number, CacheMemory>();
	#taken = 0;

	private constructor(storage: StoreContext) {
		const bytes = storage.core.memoryBytes * SHARE_OF_MEMORY;
		this.#storage = storage;
		this.#arena = storage.arena;
		this.#piecesMax = Math.floor(Math.min(BUDGET_BYTES, bytes) / PIECE_BYTES);
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
			const pieces = {
				pagesEach: Math.floor(PIECE_BYTES / pageSize),
				most: this.#piecesMax,
				more: (asking: CacheMemory) => this.#more(asking),
			};
			cache = new CacheMemory(this.#storage, pageSize, pieces);
			this.#caches.set(pageSize, cache);
		}
		return cache;
	}

	/** The address of a piece more; undefined where a cache has to do with those that it has. */
	#more(cache: CacheMemory): number | undefined {
		if (this.#taken < this.#piecesMax) {
			const address = this.#arena.tryAllocate(PIECE_BYTES);
			if (address !== undefined) {
				this.#taken += 1;
				return address;
			}
		}
		const evenShare = Math.floor(this.#taken / this.#caches.size);
		return cache.pieces < evenShare ? this.#largest()?.giveUp() : undefined;
	}

	#largest(): CacheMemory | undefined {
		const caches = [...this.#caches.values()];
		return caches.sort((one, other) => other.pieces - one.pieces)[0];
	}
}
