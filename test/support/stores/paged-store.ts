import type { Host } from "../../../src/host/host.ts";
import { PageCache } from "../../../src/paged/cache.ts";
import { PagedBlob } from "../../../src/paged/paged-blob.ts";
import type { StorageOptions } from "../../../src/storage/options.ts";
import { Storage } from "../../../src/storage/storage.ts";
import type { StorageBlob } from "../../../src/storage/storage-blob.ts";
import { blobBeside } from "../hosts/blob-beside.ts";
import { InterceptedHost } from "../hosts/intercepted-host.ts";
import { hostTest, MEMORY, type Suite } from "../runs/suite.ts";

export interface PagedSizes extends StorageOptions {
	readonly pageSize?: number;
	readonly writeBuffer?: number;
	readonly cachePages?: number;
}

export type Wrap = (blob: StorageBlob) => StorageBlob;

export type PagedTest = (
	name: string,
	body: (store: PagedStore) => Promise<void>,
	sizes?: PagedSizes,
) => void;

/**
 * Registers one test over a store with a paged blob, by default with the sizes of commonware's
 * tests.
 */
export function pagedTest(suite: Suite): PagedTest {
	const test = hostTest(suite);
	return (name, body, sizes) =>
		test(name, async (host) => {
			const store = await PagedStore.create(host, sizes);
			try {
				await body(store);
			} finally {
				store.host.hooks = {};
				await store.storage.drop();
			}
		});
}

/** A store, its open session, and one blob in it that a test opens as often as it needs. */
export class PagedStore {
	static readonly PATH = "partition/626c6f62";
	readonly host: InterceptedHost;
	readonly #sizes: PagedSizes;
	#storage: Storage;
	#cache: PageCache;

	private constructor(
		host: InterceptedHost,
		storage: Storage,
		sizes: PagedSizes,
	) {
		this.host = host;
		this.#sizes = sizes;
		this.#storage = storage;
		this.#cache = cacheOf(storage, sizes);
	}

	static async create(host: Host, sizes: PagedSizes = {}): Promise<PagedStore> {
		const intercepted = new InterceptedHost(host);
		const storage = await Storage.open(intercepted, {
			memory: MEMORY,
			...sizes,
		});
		return new PagedStore(intercepted, storage, sizes);
	}

	get storage(): Storage {
		return this.#storage;
	}

	get cache(): PageCache {
		return this.#cache;
	}

	/** Ends the session like a crash, and begins the next. */
	async crash(options: StorageOptions = {}): Promise<void> {
		await this.#storage.drop();
		await this.#begin(options);
	}

	/** Ends the session with a clean close, and begins the next. */
	async restart(options: PagedSizes = {}): Promise<void> {
		await this.#storage.close();
		await this.#begin(options);
	}

	blob(name = "blob"): Promise<StorageBlob> {
		return this.#storage.open("partition", name);
	}

	/** A handle of the blob that the paged blob does not know. */
	beside(): Promise<StorageBlob> {
		return blobBeside(this.#storage, "partition", "blob");
	}

	/** Opens the paged blob, over any wrapper of its blob. */
	async open(wrap: Wrap = (blob) => blob, name?: string): Promise<PagedBlob> {
		const { writeBuffer = 206 } = this.#sizes;
		const blob = wrap(await this.blob(name));
		return PagedBlob.open(blob, { cache: this.#cache, writeBuffer });
	}

	/** Drops the paged blob and opens it again. */
	async reopen(paged: PagedBlob, wrap?: Wrap): Promise<PagedBlob> {
		await paged.drop();
		return this.open(wrap);
	}

	/** The physical bytes, as the host has them. */
	async physical(): Promise<Uint8Array> {
		const blob = await this.beside();
		const bytes = await blob.read(0, blob.size);
		await blob.drop();
		return bytes;
	}

	/** Damages physical bytes without the paged blob knowing. */
	async mangle(offset: number, bytes: Uint8Array): Promise<void> {
		const blob = await this.beside();
		await blob.write(offset, bytes);
		await blob.close();
	}

	/** Drops all cached pages: later reads go to the host. */
	forgetPages(): void {
		this.#cache = cacheOf(this.#storage, this.#sizes);
	}

	async #begin(options: PagedSizes): Promise<void> {
		const sizes = { memory: MEMORY, ...this.#sizes, ...options };
		this.#storage = await Storage.open(this.host, sizes);
		this.#cache = cacheOf(this.#storage, sizes);
	}
}

function cacheOf(storage: Storage, sizes: PagedSizes): PageCache {
	const { pageSize = 103, cachePages = 206 } = sizes;
	return new PageCache(storage, { pageSize, pages: cachePages });
}
