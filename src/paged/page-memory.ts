import type { StoreContext } from "../storage/context.ts";
import { cacheMemoryOf, type PageCache } from "./cache.ts";
import { type CacheMemory, checkPageSize } from "./cache-memory.ts";
import { PageBudget } from "./page-budget.ts";

/** For a partition without a recorded size. */
const PAGE_SIZE_DEFAULT = 4096;

export interface PageOptions {
	/**
	 * A cache of the same storage; its page size applies. Without a cache, all pages of a storage
	 * share 4 MiB of its memory.
	 */
	readonly cache?: PageCache;
	/**
	 * Logical bytes of a page, 1 to 65535. Without a cache, the default is what dualslot.json
	 * records, or 4096.
	 */
	readonly pageSize?: number;
}

/**
 * The cache for the pages of a partition. Throws TypeError for a value that is no cache or a cache
 * of another storage, RangeError for a value that is no page size.
 */
export function pageMemory(
	storage: StoreContext,
	partition: string,
	{ cache, pageSize }: PageOptions,
): CacheMemory {
	if (pageSize !== undefined) {
		checkPageSize(pageSize);
	}
	if (cache === undefined) {
		const size = pageSize ?? recordedSize(storage, partition);
		return PageBudget.of(storage).cacheOf(size);
	}
	const memory = cacheMemoryOf(cache);
	if (memory.storage !== storage) {
		throw new TypeError("the page cache is one of another storage");
	}
	if (pageSize !== undefined && pageSize !== memory.pageSize) {
		throw new RangeError(
			`the cache has pages of ${memory.pageSize} bytes, and pageSize is ${pageSize}`,
		);
	}
	return memory;
}

function recordedSize({ config }: StoreContext, partition: string): number {
	const recorded = config.get(partition);
	return recorded !== undefined && "pageSize" in recorded
		? recorded.pageSize
		: PAGE_SIZE_DEFAULT;
}
