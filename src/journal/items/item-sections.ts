import type { Codec } from "../../codec/codec.ts";
import { compressionConfig } from "../../compression/options.ts";
import type { ObserverOptions } from "../../host/observer.ts";
import { type PageOptions, pageMemory } from "../../paged/page-memory.ts";
import type { LeftBlob } from "../../paged/paged-section.ts";
import { pagedCapacity, tellOfBuffer } from "../../paged/write-buffer.ts";
import type { StoreContext } from "../../storage/context.ts";
import type { Owner } from "../../storage/owners.ts";
import { PagePartition } from "../page-partition.ts";
import { foundSections } from "../section-blobs.ts";
import type { SectionSource } from "../section-source.ts";
import { framedSizeMax, itemSizeMax } from "./item.ts";
import { VariableTally } from "./item-report.ts";
import {
	type ItemLayout,
	type ItemSections,
	VariableSection,
} from "./item-section.ts";
import { SectionTail } from "./section-tail.ts";

export interface VariableJournalOptions<Item = Uint8Array>
	extends PageOptions,
		ObserverOptions {
	/** The partition that has the journal's sections, and nothing else. */
	readonly partition: string;
	/** The codec of items; bytes without one. */
	readonly item?: Codec<Item>;
	/** The most bytes of an item, on append and on read: below 2^32, 16 MiB by default. */
	readonly maxItemSize?: number;
	/**
	 * Compresses each item to a zstd frame of level 1 to 22, or 0 for zstd's default, 3. Whether a
	 * partition is compressed is fixed.
	 */
	readonly compression?: number;
	/**
	 * Bytes held back for each open section before full pages are flushed, as of a paged blob; 64 KiB
	 * by default.
	 */
	readonly writeBuffer?: number;
}

/** The sections of a variable journal, and what this session knows of where their items end. */
export class VariableSections
	implements SectionSource<VariableSection>, ItemSections
{
	readonly storage: StoreContext;
	readonly owner: Owner;
	readonly partition: string;
	readonly layout: ItemLayout;
	readonly tally: VariableTally;
	readonly #pages: PagePartition;
	readonly #tails = new Map<bigint, SectionTail>();

	/**
	 * Throws TypeError and RangeError for an invalid size, ERR_CONFIG when dualslot.json records the
	 * partition differently.
	 */
	constructor(
		storage: StoreContext,
		owner: Owner,
		options: VariableJournalOptions<unknown>,
	) {
		const { partition, maxItemSize, compression, writeBuffer } = options;
		const cache = pageMemory(storage, partition, options);
		const { pageSize } = cache;
		const contentMax = itemSizeMax(maxItemSize);
		const sizeMax =
			compression === undefined ? contentMax : framedSizeMax(contentMax);
		const capacity = pagedCapacity(writeBuffer, pageSize);
		this.storage = storage;
		this.owner = owner;
		this.partition = partition;
		this.layout = { pageSize, capacity, sizeMax };
		tellOfBuffer(owner.observer, { partition }, writeBuffer, capacity);
		const place = { storage, owner, name: partition };
		this.tally = new VariableTally(place);
		this.#pages = new PagePartition(place, cache, capacity, {
			kind: "variable",
			pageSize,
			...compressionConfig(compression),
		});
	}

	get bufferBytes(): number {
		return this.#pages.bufferBytes;
	}

	/** Ascending. */
	find(): Promise<bigint[]> {
		return foundSections(this.storage, this.partition);
	}

	async open(
		section: bigint,
		left: LeftBlob | undefined,
	): Promise<VariableSection> {
		const opened = await this.#pages.open(section, { left });
		return new VariableSection(section, opened, this, this.#tailOf(section));
	}

	async remove(section: bigint): Promise<void> {
		await this.#pages.remove(section);
		this.#tails.delete(section);
	}

	/** Its pages are judged as they are opened; its items are walked later. */
	async judge(section: bigint, { paged }: VariableSection): Promise<void> {
		this.#tailOf(section).isExplained = paged.recovery.foundCrash;
		this.tally.addOpened(section, paged.recovery);
	}

	/** As of a partition of pages. */
	isDue(section: bigint): boolean {
		return this.#pages.isDue(section);
	}

	#tailOf(section: bigint): SectionTail {
		const known = this.#tails.get(section);
		const tail = known ?? new SectionTail();
		if (known === undefined) {
			this.#tails.set(section, tail);
		}
		return tail;
	}
}
