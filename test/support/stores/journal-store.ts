import { hex } from "../../../src/bytes.ts";
import type { Host } from "../../../src/host/host.ts";
import {
	FixedJournal,
	type FixedJournalOptions,
} from "../../../src/journal/entries/fixed-journal.ts";
import type { VariableJournalOptions } from "../../../src/journal/items/item-sections.ts";
import { VariableJournal } from "../../../src/journal/items/variable-journal.ts";
import { OversizedJournal } from "../../../src/journal/oversized/oversized-journal.ts";
import type { OversizedJournalOptions } from "../../../src/journal/oversized/oversized-options.ts";
import { blobNameOfSection } from "../../../src/journal/section.ts";
import { Glob, type GlobOptions } from "../../../src/journal/values/glob.ts";
import { PageCache } from "../../../src/paged/cache.ts";
import type { StorageOptions } from "../../../src/storage/options.ts";
import { Storage } from "../../../src/storage/storage.ts";
import type { StorageBlob } from "../../../src/storage/storage-blob.ts";
import { blobBeside } from "../hosts/blob-beside.ts";
import { InterceptedHost } from "../hosts/intercepted-host.ts";
import { hostTest, MEMORY, type Suite } from "../runs/suite.ts";

export interface JournalSizes extends StorageOptions {
	readonly pageSize?: number;
	readonly writeBuffer?: number;
	readonly cachePages?: number;
}

export type JournalTest = (
	name: string,
	body: (store: JournalStore) => Promise<void>,
	sizes?: JournalSizes,
) => void;

/**
 * Registers one test over a store for journals, by default with the sizes of commonware's tests.
 */
export function journalTest(suite: Suite): JournalTest {
	const test = hostTest(suite);
	return (name, body, sizes) =>
		test(name, async (host) => {
			const store = await JournalStore.create(host, sizes);
			try {
				await body(store);
			} finally {
				store.host.hooks = {};
				await store.storage.drop();
			}
		});
}

export const INDEX = "test-index";
export const VALUES = "test-values";

/** A store, its open session, and the journals that a test opens in it. */
export class JournalStore {
	readonly host: InterceptedHost;
	readonly #sizes: JournalSizes;
	#storage: Storage;
	#cache: PageCache;

	private constructor(
		host: InterceptedHost,
		storage: Storage,
		sizes: JournalSizes,
	) {
		this.host = host;
		this.#sizes = sizes;
		this.#storage = storage;
		this.#cache = cacheOf(storage, sizes);
	}

	static async create(
		host: Host,
		sizes: JournalSizes = {},
	): Promise<JournalStore> {
		const intercepted = new InterceptedHost(host);
		const storage = await Storage.open(intercepted, {
			memory: MEMORY,
			...sizes,
		});
		return new JournalStore(intercepted, storage, sizes);
	}

	get storage(): Storage {
		return this.#storage;
	}

	get cache(): PageCache {
		return this.#cache;
	}

	/** A journal of entries of 8 bytes. */
	fixed(options: Partial<FixedJournalOptions> = {}): Promise<FixedJournal> {
		return FixedJournal.open(this.#storage, {
			partition: INDEX,
			cache: this.#cache,
			entry: { size: 8 },
			writeBuffer: this.#sizes.writeBuffer ?? 1024,
			...options,
		});
	}

	variable(
		options: Partial<VariableJournalOptions> = {},
	): Promise<VariableJournal> {
		return VariableJournal.open(this.#storage, {
			partition: INDEX,
			cache: this.#cache,
			writeBuffer: this.#sizes.writeBuffer ?? 1024,
			...options,
		});
	}

	glob(options: Partial<GlobOptions> = {}): Promise<Glob> {
		return Glob.open(this.#storage, {
			partition: VALUES,
			writeBuffer: this.#sizes.writeBuffer ?? 1024,
			...options,
		});
	}

	/** A journal of entries of 20 bytes: a number, and the place of its value. */
	oversized(
		options: Partial<OversizedJournalOptions> = {},
	): Promise<OversizedJournal> {
		return OversizedJournal.open(this.#storage, {
			index: INDEX,
			values: VALUES,
			cache: this.#cache,
			entry: { size: 20, offsetAt: 8, sizeAt: 16 },
			writeBuffer: this.#sizes.writeBuffer ?? 1024,
			valueBuffer: this.#sizes.writeBuffer ?? 1024,
			...options,
		});
	}

	/** Ends the session like a crash, and begins the next. */
	async crash(options: JournalSizes = {}): Promise<void> {
		await this.#storage.drop();
		await this.#begin(options);
	}

	/** Ends the session with a clean close, and begins the next. */
	async restart(options: JournalSizes = {}): Promise<void> {
		await this.#storage.close();
		await this.#begin(options);
	}

	/** Works on a section's blob without the journal knowing. */
	async withBlob<T>(
		partition: string,
		section: bigint,
		body: (blob: StorageBlob) => Promise<T>,
	): Promise<T> {
		const name = blobNameOfSection(section);
		const blob = await blobBeside(this.#storage, partition, name);
		try {
			return await body(blob);
		} finally {
			await blob.close();
		}
	}

	/** Truncates a section's blob, or extends it with zeros. */
	resizeBlob(partition: string, section: bigint, size: number): Promise<void> {
		return this.withBlob(partition, section, (blob) => blob.resize(size));
	}

	/** Drops all cached pages: later reads go to the host. */
	forgetPages(): void {
		this.#cache = cacheOf(this.#storage, this.#sizes);
	}

	async #begin(options: JournalSizes): Promise<void> {
		const sizes = { memory: MEMORY, ...this.#sizes, ...options };
		this.#storage = await Storage.open(this.host, sizes);
		this.#cache = cacheOf(this.#storage, sizes);
	}
}

/** The path of a section's file in the store. */
export function pathOf(partition: string, section: bigint): string {
	return `${partition}/${hex(blobNameOfSection(section))}`;
}

/** An entry of 8 bytes: a number, big-endian. */
export function numbered(number: number): Uint8Array {
	const entry = new Uint8Array(8);
	new DataView(entry.buffer).setBigUint64(0, BigInt(number));
	return entry;
}

/** The numbers of consecutive entries. */
export function numbersIn(entries: Uint8Array): number[] {
	const view = new DataView(entries.buffer, entries.byteOffset);
	return Array.from({ length: entries.length / 8 }, (_, index) =>
		Number(view.getBigUint64(index * 8)),
	);
}

/** An entry of 20 bytes, still without the place of its value. */
export function pointer(id: number): Uint8Array {
	const entry = new Uint8Array(20);
	entry.set(numbered(id));
	return entry;
}

/** The fields of an entry of 20 bytes. */
export function pointerIn(entry: Uint8Array) {
	const view = new DataView(entry.buffer, entry.byteOffset);
	return {
		id: Number(view.getBigUint64(0)),
		offset: Number(view.getBigUint64(8)),
		size: view.getUint32(16),
	};
}

/** A value of 16 bytes; with its checksum it takes 20. */
export function sixteen(id: number): Uint8Array {
	return new Uint8Array(16).fill(id);
}

function cacheOf(storage: Storage, sizes: JournalSizes): PageCache {
	const { pageSize = 64, cachePages = 8 } = sizes;
	return new PageCache(storage, { pageSize, pages: cachePages });
}
