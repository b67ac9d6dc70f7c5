import { assert } from "chai";
import { memoryHost } from "../../../hosts/memory.ts";
import type { Host } from "../../../src/host/host.ts";
import { PageCache } from "../../../src/paged/cache.ts";
import { PagedBlob } from "../../../src/paged/paged-blob.ts";
import type { StorageOptions } from "../../../src/storage/options.ts";
import { Storage } from "../../../src/storage/storage.ts";
import { ZerosAhead } from "../../../src/storage/zeros-ahead.ts";
import type { ZerosBudget } from "../../../src/storage/zeros-budget.ts";
import { InterceptedHost } from "../hosts/intercepted-host.ts";
import { mangleRaw, readRaw } from "../hosts/raw-file.ts";
import { hostTest, MEMORY, type Suite } from "../runs/suite.ts";

export const PAGE_SIZE = 103;
/** A page with its record. */
export const STRIDE = PAGE_SIZE + 12;
export const HEADER = 8;
/** Zeros ahead of each blob of a test. */
export const AHEAD = 20 * STRIDE;
export const PATH = "pages/626c6f62";
const LOOKS = 500;

export type ZerosTest = (
	name: string,
	body: (store: ZerosStore) => Promise<void>,
) => void;

/** Registers one test over a host where each synced growth pays for zeros. */
export function zerosTest(suite: Suite): ZerosTest {
	const test = hostTest(suite);
	return (name, body) =>
		test(name, async (host) => {
			const store = new ZerosStore(host);
			try {
				await body(store);
			} finally {
				store.host.hooks = {};
				await store.end();
			}
		});
}

/** A host where zeros pay, and the sessions of a store on it. */
export class ZerosStore {
	readonly host: InterceptedHost;
	#storage: Storage | undefined;

	constructor(host: Host) {
		this.host = new InterceptedHost(host);
		this.host.zerosAfter = 1;
	}

	async begin(options: StorageOptions = {}): Promise<Storage> {
		this.#storage = await Storage.open(this.host, {
			memory: MEMORY,
			ahead: AHEAD,
			...options,
		});
		return this.#storage;
	}

	get storage(): Storage {
		if (this.#storage === undefined) {
			throw new Error("no session has begun");
		}
		return this.#storage;
	}

	cache(): PageCache {
		return new PageCache(this.storage, { pageSize: PAGE_SIZE, pages: 4 });
	}

	paged(name = "blob"): Promise<PagedBlob> {
		const cache = this.cache();
		return PagedBlob.open(this.storage, "pages", name, { cache });
	}

	/** As a crash of the process. */
	async end(): Promise<void> {
		await this.#storage?.drop();
		this.#storage = undefined;
	}

	/** A paged blob in a store of its own beside this one, in memory and without zeros ahead. */
	async pagedWithout(): Promise<PlainBlob> {
		return PlainBlob.open();
	}

	async mangle(offset: number, bytes: Uint8Array): Promise<void> {
		await mangleRaw(this.host, PATH, offset, bytes);
	}

	/** Whether a file of so many pages gets zeros while one waits a little. */
	async hasZerosSoon(pages: number): Promise<boolean> {
		await new Promise((resolve) => setTimeout(resolve, 30));
		return (await this.bytes()).length > fileSize(pages);
	}

	/** The bytes of the blob's file. */
	bytes(path = PATH): Promise<Uint8Array> {
		return readRaw(this.host, path);
	}

	/** The file's bytes, once it has so many. */
	async bytesOnce(size: number, path = PATH): Promise<Uint8Array> {
		for (let look = 0; look < LOOKS; look += 1) {
			const bytes = await this.bytes(path);
			if (bytes.length === size) {
				return bytes;
			}
			await new Promise((resolve) => setTimeout(resolve, 2));
		}
		throw new Error(`the file never had ${size} bytes`);
	}
}

/** A paged blob without zeros ahead, and its file. */
export class PlainBlob {
	readonly #host: Host;
	readonly #storage: Storage;
	readonly #paged: PagedBlob;

	private constructor(host: Host, storage: Storage, paged: PagedBlob) {
		this.#host = host;
		this.#storage = storage;
		this.#paged = paged;
	}

	static async open(): Promise<PlainBlob> {
		const host = memoryHost();
		const storage = await Storage.open(host, { memory: MEMORY });
		const cache = new PageCache(storage, { pageSize: PAGE_SIZE, pages: 4 });
		const paged = await PagedBlob.open(storage, "pages", "blob", { cache });
		return new PlainBlob(host, storage, paged);
	}

	append(bytes: Uint8Array): Promise<void> {
		return this.#paged.append(bytes);
	}

	sync(): Promise<void> {
		return this.#paged.sync();
	}

	bytes(): Promise<Uint8Array> {
		return readRaw(this.#host, PATH);
	}

	close(): Promise<void> {
		return this.#storage.close();
	}
}

/** A file of so many full pages. */
export function fileSize(pages: number): number {
	return HEADER + pages * STRIDE;
}

/** Waits for zeros behind at least the first of these pages, and at most the last. */
export async function filled(
	store: ZerosStore,
	first: number,
	last = first,
): Promise<void> {
	for (let look = 0; look < LOOKS; look += 1) {
		const { length } = await store.bytes();
		if (length >= fileSize(first) + AHEAD && length <= fileSize(last) + AHEAD) {
			return;
		}
		await new Promise((resolve) => setTimeout(resolve, 2));
	}
	throw new Error("the zeros never came");
}

/** Appends so many full pages of a byte, each with a sync. */
export async function syncedPages(
	paged: PagedBlob,
	count: number,
	byte = 7,
): Promise<void> {
	for (let page = 0; page < count; page += 1) {
		await paged.append(new Uint8Array(PAGE_SIZE).fill(byte));
		await paged.sync();
	}
}

/** A new file without a store, which keeps zeros. */
export async function zerosAhead(
	host: Host,
	path: string,
	budget: ZerosBudget,
): Promise<ZerosAhead> {
	const file = await host.open(path, "create");
	assert.isDefined(file);
	const zeros = await ZerosAhead.over(file, budget);
	zeros.keep();
	return zeros;
}

export async function until(condition: () => boolean): Promise<void> {
	for (let look = 0; look < LOOKS && !condition(); look += 1) {
		await rest();
	}
	assert.isTrue(condition());
}

export function rest(): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, 10));
}
