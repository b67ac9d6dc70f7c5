import { checkWhole } from "../arguments.ts";
import type { StorageBlob } from "../blob.ts";
import { checkPartitionName } from "../names.ts";
import type { PageCache } from "../page-cache.ts";
import { PagedBlob } from "../paged-blob.ts";
import type { PagedSection } from "../paged-section.ts";
import type { Storage } from "../storage.ts";
import type { PartitionConfig } from "../store-config.ts";
import { pagedCapacity, writeBufferSize } from "../write-buffer.ts";
import { blobNameOfSection } from "./section.ts";
import { removeBlobOfSection } from "./section-partition.ts";

/** How entries lie in the pages of a section. */
export interface EntryLayout {
	/** Bytes of each entry. */
	readonly entrySize: number;
	readonly pageSize: number;
	/** Bytes that a write buffer holds: an entry at least. */
	readonly capacity: number;
}

/** The pages of a section, and the blob that they lie in. */
export interface OpenedPages {
	readonly blob: StorageBlob;
	readonly paged: PagedBlob;
}

/** Throws RangeError and TypeError for what is no layout. */
export function entryLayout(
	entrySize: number,
	pageSize: number,
	writeBuffer?: number,
): EntryLayout {
	checkWhole("an entry's size", entrySize);
	const asked = Math.max(writeBufferSize(writeBuffer), entrySize);
	const capacity = pagedCapacity(asked, pageSize);
	if (entrySize < 1 || entrySize > capacity) {
		throw new RangeError(
			`an entry in pages of ${pageSize} bytes has 1 to ${capacity} bytes, not ${entrySize}`,
		);
	}
	return { entrySize, pageSize, capacity };
}

/** The partition of a journal whose sections are entries in pages. */
export class EntryPartition {
	readonly storage: Storage;
	readonly name: string;
	readonly layout: EntryLayout;
	readonly #cache: PageCache;
	readonly #config: PartitionConfig;

	/** Throws ERR_CONFIG when dualslot.json knows the partition otherwise. */
	constructor(
		storage: Storage,
		name: string,
		cache: PageCache,
		layout: EntryLayout,
		config: PartitionConfig,
	) {
		if (cache.storage !== storage) {
			throw new TypeError("a journal's page cache is one of its own storage");
		}
		checkPartitionName(name);
		storage.checkConfig(name, config);
		this.storage = storage;
		this.name = name;
		this.layout = layout;
		this.#cache = cache;
		this.#config = config;
	}

	/** Opens the pages of a section, and makes them where they are missing. */
	async open(
		section: bigint,
		parts: Omit<PagedSection, "config">,
	): Promise<OpenedPages> {
		const name = blobNameOfSection(section);
		const blob = await this.storage.open(this.name, name);
		// Its journal ends it, and not the store.
		this.storage.unregister(blob);
		const options = { cache: this.#cache, writeBuffer: this.layout.capacity };
		try {
			const config = this.#config;
			const paged = await PagedBlob.open(blob, options, { ...parts, config });
			this.storage.unregister(paged);
			return { blob, paged };
		} catch (error) {
			await blob.drop();
			throw error;
		}
	}

	/** Durable when it resolves. */
	async remove(section: bigint): Promise<void> {
		await removeBlobOfSection(this.storage, this.name, section);
	}
}
