import { Buffer } from "node:buffer";
import { join } from "node:path";
import { PageCache, PagedBlob } from "../build/index.js";
import { openStorage } from "../build/node.js";

export const PAGE_SIZE = 4096;

const PARTITION = "entries";
const NAME = "all";
/** Where the blob lies in its store's directory. */
export const BLOB_PATH = join(PARTITION, Buffer.from(NAME).toString("hex"));

/** A store with one paged blob. */
export async function openPaged(directory, options) {
	return pagedOf(await openStorage(directory, options));
}

export async function pagedOf(storage, { pages = 1024, ...options } = {}) {
	const blob = await storage.open(PARTITION, NAME);
	const cache = new PageCache(storage, { pageSize: PAGE_SIZE, pages });
	const paged = await PagedBlob.open(blob, { cache, ...options });
	return { storage, paged };
}
