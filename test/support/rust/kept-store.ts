import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { type NodeStorageOptions, openStorage } from "../../../hosts/node.ts";
import { PageCache } from "../../../src/paged/cache.ts";
import { PagedBlob } from "../../../src/paged/paged-blob.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import type { StorageBlob } from "../../../src/storage/storage-blob.ts";
import { bytesOf, pattern, toHex } from "../runs/bytes.ts";

const HEX_NAME = toHex(bytesOf("blob"));

/**
 * A store in a new directory, with one synced blob. A test shows that the blob has lost nothing.
 */
export class KeptStore {
	static readonly PAGE_SIZE = 100;
	static readonly KEPT = pattern(1000);
	static readonly HEX_NAME = HEX_NAME;
	/** The blob's file, in the store. */
	static readonly PATH = `p/${HEX_NAME}`;
	/** Removed with the store; a test may put its own files there. */
	readonly parent: string;

	private constructor(parent: string) {
		this.parent = parent;
	}

	static async create(): Promise<KeptStore> {
		const parent = mkdtempSync(join(tmpdir(), "dualslot-"));
		chmodSync(parent, 0o755);
		const store = new KeptStore(parent);
		// New files in it are readable by others, for tests that run as others.
		mkdirSync(store.directory, { mode: 0o755 });
		await store.withPaged(async (paged) => {
			await paged.append(KeptStore.KEPT);
			await paged.sync();
		});
		return store;
	}

	get directory(): string {
		return join(this.parent, "store");
	}

	async withStorage(
		body: (storage: Storage) => Promise<void>,
		options: NodeStorageOptions = {},
	): Promise<void> {
		const storage = await openStorage(this.directory, options);
		try {
			await body(storage);
		} finally {
			await storage.close();
		}
	}

	async withPaged(
		body: (paged: PagedBlob, blob: StorageBlob) => Promise<void>,
	): Promise<void> {
		await this.withStorage(async (storage) => {
			const blob = await storage.open("p", "blob");
			await body(await KeptStore.pagedOf(storage, blob), blob);
		});
	}

	static pagedOf(storage: Storage, blob: StorageBlob): Promise<PagedBlob> {
		const pageSize = KeptStore.PAGE_SIZE;
		const cache = new PageCache(storage, { pageSize, pages: 8 });
		return PagedBlob.open(blob, { cache });
	}

	async assertKept(): Promise<void> {
		const { KEPT } = KeptStore;
		await this.withPaged(async (paged) => {
			assert.deepEqual(await paged.read(0, KEPT.length), KEPT);
			assert.equal(paged.recovery.cut, "none");
		});
	}

	delete(): void {
		rmSync(this.parent, { recursive: true });
	}
}
