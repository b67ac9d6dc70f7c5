import type { PageCache } from "../page-cache.ts";
import type { Storage } from "../storage.ts";
import { Journal } from "./journal.ts";
import type { EntryReplay, EntryReplayOptions } from "./replay.ts";
import type { JournalRecovery } from "./report.ts";
import type { Section } from "./section.ts";

export interface FixedJournalOptions {
	readonly partition: string;
	/** Of the same storage; its page size is the journal's. */
	readonly cache: PageCache;
	readonly entry: {
		/** Bytes of each entry, 1 to 2 MiB. */
		readonly size: number;
	};
	/** Bytes held back for each open section before full pages are flushed, as of a paged blob; 64 KiB by default. */
	readonly writeBuffer?: number;
}

/** Entries of one size, one after the other in the checksummed pages of a section. (commonware's segmented `Fixed`.) */
export abstract class FixedJournal extends Journal {
	abstract readonly recovery: JournalRecovery;

	/**
	 * Looks into every section once, cuts what a crash left, durably, and reports it. Throws ERR_CONFIG when dualslot.json knows the
	 * partition otherwise, ERR_INVALID_BLOB_NAME and ERR_PARTITION_CORRUPT for what is no section. I/O errors are returned, never
	 * taken for damage.
	 */
	static async open(
		_storage: Storage,
		_options: FixedJournalOptions,
	): Promise<FixedJournal> {
		throw new Error("not yet");
	}

	/** Resolves to the entry's position: at once unless the section is to be opened, or its write buffer is full. */
	abstract append(section: Section, entry: Uint8Array): Promise<number>;

	/** Appends entries that lie one after the other, and resolves to the position of the first. When it rejects, `size` says how many were taken. */
	abstract appendMany(section: Section, entries: Uint8Array): Promise<number>;

	/** Throws ERR_SECTION_OUT_OF_RANGE, ERR_ITEM_OUT_OF_RANGE; ERR_INVALID_CHECKSUM where a page is damaged. */
	abstract get(section: Section, position: number): Promise<Uint8Array>;

	/** The entries at strictly increasing positions, one after the other. */
	abstract getMany(
		section: Section,
		positions: readonly number[],
	): Promise<Uint8Array>;

	/** Fills the target, of an entry's size, if that needs no I/O, and answers whether it did. */
	abstract tryGet(
		section: Section,
		position: number,
		target: Uint8Array,
	): boolean;

	/** The last entry, undefined where there is none. Throws ERR_SECTION_OUT_OF_RANGE. */
	abstract last(section: Section): Promise<Uint8Array | undefined>;

	/** Throws ERR_ITEM_OUT_OF_RANGE, at the first step, for a position past the end of section `from`. */
	abstract replay(options?: EntryReplayOptions): EntryReplay;
}
