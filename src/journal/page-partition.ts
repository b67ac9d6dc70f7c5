import { RECORD_SIZE } from "../../assembly/format.ts";
import type { CacheMemory } from "../paged/cache-memory.ts";
import { PagedFile } from "../paged/paged-file.ts";
import type { PagedSection } from "../paged/paged-section.ts";
import type { StoreContext } from "../storage/context.ts";
import type { PartitionConfig } from "../storage/own-files/partition-config.ts";
import type { Owner } from "../storage/owners.ts";
import type { StorageBlob } from "../storage/storage-blob.ts";
import { endingIfFailed } from "../turns/endings.ts";
import { blobNameOfSection } from "./section.ts";
import {
	isSectionOwed,
	type OwnedPartition,
	removeBlobOfSection,
} from "./section-blobs.ts";

/** The pages of a section, and the blob that they lie in. */
export interface OpenedPages {
	readonly blob: StorageBlob;
	readonly paged: PagedFile;
}

/** The partition of a journal whose sections are pages. */
export class PagePartition {
	readonly storage: StoreContext;
	readonly name: string;
	/** Whether this session and an earlier one keep dualslot.json, which has the partition. */
	readonly #isKnown: boolean;
	readonly #owner: Owner;
	readonly #cache: CacheMemory;
	readonly #capacity: number;
	readonly #config: PartitionConfig;

	/**
	 * `capacity`: bytes of a write buffer. Throws ERR_CONFIG when dualslot.json records the partition
	 * differently.
	 */
	constructor(
		{ storage, owner, name }: OwnedPartition,
		cache: CacheMemory,
		capacity: number,
		config: PartitionConfig,
	) {
		this.#isKnown = storage.checkConfig(name, config) && storage.hasMetadata;
		this.storage = storage;
		this.name = name;
		this.#owner = owner;
		this.#cache = cache;
		this.#capacity = capacity;
		this.#config = config;
	}

	/** Bytes of the write buffer of an open section. */
	get bufferBytes(): number {
		return this.#capacity + 2 * this.#cache.pageSize;
	}

	/**
	 * Whether a section that was found must be judged when its journal is opened: after a crash, and
	 * where no session of dualslot's has recorded the partition. A clean close leaves nothing to cut.
	 */
	isDue(section: bigint): boolean {
		return !this.#isKnown || this.isOwed(section);
	}

	/** Whether a crash may have left a hole in the section. */
	isOwed(section: bigint): boolean {
		return isSectionOwed(this.storage, this.name, section);
	}

	/** Opens the pages of a section, and makes them where they are missing. */
	async open(
		section: bigint,
		parts: Omit<PagedSection, "config">,
	): Promise<OpenedPages> {
		const name = blobNameOfSection(section);
		const blob = await this.storage.openOwned(this.#owner, this.name, name);
		const within = { ...parts, config: this.#config };
		const paged = await endingIfFailed(
			() => PagedFile.open(blob, this.#cache, this.#capacity, within),
			() => blob.drop(),
		);
		// The journal ends it, not the store.
		this.storage.unregister(paged);
		return { blob, paged };
	}

	/** Durable when it resolves. */
	async remove(section: bigint): Promise<void> {
		await removeBlobOfSection(this.storage, this.#owner, this.name, section);
	}
}

/** Copies the pages from the one with byte `size` on. Returns the path of the copy. */
export async function keepPages(
	storage: StoreContext,
	blob: StorageBlob,
	pageSize: number,
	size: number,
): Promise<string | undefined> {
	const page = Math.floor(size / pageSize);
	return storage.cutCopies.keep(blob, page * (pageSize + RECORD_SIZE));
}
