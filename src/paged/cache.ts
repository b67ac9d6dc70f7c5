import { behind, checkOptions, checkWhole, kindOf } from "../checks.ts";
import { contextOf, type Storage } from "../storage/storage.ts";
import { CacheMemory, checkPageSize } from "./cache-memory.ts";

const MEMORY = Symbol.for("dualslot.cache");

export interface PageCacheOptions {
	/** Logical bytes of a page, 1 to 65535. Recorded in dualslot.json, not in the blobs. */
	readonly pageSize: number;
	/** How many pages are held, for all blobs together. */
	readonly pages: number;
}

/**
 * Whole logical pages of any number of blobs of one storage, in linear memory that is taken at
 * once. (commonware's `CacheRef`.)
 */
export class PageCache implements AsyncDisposable {
	/** The storage whose blobs the cache is for. */
	readonly storage: Storage;
	/** Logical bytes of a page. */
	readonly pageSize: number;
	/** How many pages are held at most. */
	readonly pages: number;
	readonly #memory: CacheMemory;

	/**
	 * Takes the memory at once.
	 *
	 * @throws {TypeError} for invalid options.
	 * @throws {RangeError} for values out of range.
	 * @throws {StorageError} ERR_MEMORY where too little is left; ERR_CLOSED.
	 */
	constructor(storage: Storage, options: PageCacheOptions) {
		const context = contextOf(storage);
		checkOptions(options);
		const { pageSize, pages } = options;
		checkPageSize(pageSize);
		checkWhole("a number of pages", pages);
		if (pages < 1) {
			throw new RangeError("a page cache holds one page or more");
		}
		this.storage = storage;
		this.pageSize = pageSize;
		this.pages = pages;
		this.#memory = CacheMemory.ofPages(context, pageSize, pages);
		Object.defineProperty(this, MEMORY, { value: this.#memory });
	}

	/** Gives the memory back. Blobs that still use the cache fail with ERR_CLOSED. */
	close(): void {
		this.#memory.close();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.close();
	}
}

/** The memory behind a cache. Throws TypeError for anything else. */
export function cacheMemoryOf(cache: PageCache): CacheMemory {
	const memory = behind<CacheMemory>(cache, MEMORY);
	if (memory === undefined) {
		throw new TypeError(`cache is a PageCache, not ${kindOf(cache)}`);
	}
	return memory;
}
