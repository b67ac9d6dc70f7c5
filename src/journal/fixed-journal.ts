import { checkBytes } from "../arguments.ts";
import type { PageCache } from "../page-cache.ts";
import type { Storage } from "../storage.ts";
import { EntryJournal } from "./entry-journal.ts";
import { entryLayout } from "./entry-layout.ts";
import { cutTornEntry } from "./entry-recovery.ts";
import { EntrySection } from "./entry-section.ts";
import { PagePartition } from "./page-partition.ts";
import { type JournalRecovery, RecoveryTally } from "./report.ts";
import { type Section, sectionNumber } from "./section.ts";
import { foundSections } from "./section-partition.ts";
import { Sections } from "./sections.ts";

export interface FixedJournalOptions {
	readonly partition: string;
	/** Of the same storage; its page size is the journal's. */
	readonly cache: PageCache;
	readonly entry: {
		/** Bytes of each entry, from 1 to what a write buffer can hold: 2 MiB, or less with pages of a few bytes. */
		readonly size: number;
	};
	/** Bytes held back for each open section before full pages are flushed, as of a paged blob; 64 KiB by default. */
	readonly writeBuffer?: number;
}

/** Entries of one size, one after the other in the checksummed pages of a section. (commonware's segmented `Fixed`.) */
export class FixedJournal extends EntryJournal {
	readonly #sections: Sections<EntrySection>;
	readonly #entrySize: number;

	private constructor(
		{ storage, name }: PagePartition,
		sections: Sections<EntrySection>,
		entrySize: number,
		recovery: JournalRecovery,
	) {
		super(storage, sections, [name], entrySize, recovery);
		this.#sections = sections;
		this.#entrySize = entrySize;
	}

	/**
	 * Looks into every section once, cuts what a crash left, durably, and reports it: a section costs two reads of the host, of its
	 * header and its last page, and after a crash those of its window. Throws ERR_CONFIG when dualslot.json knows the partition
	 * otherwise, ERR_INVALID_BLOB_NAME and ERR_PARTITION_CORRUPT for what is no section. I/O errors are returned, never taken for
	 * damage.
	 */
	static async open(
		storage: Storage,
		options: FixedJournalOptions,
	): Promise<FixedJournal> {
		const { partition, cache, entry, writeBuffer } = options;
		const { pageSize } = cache;
		const layout = entryLayout(entry.size, pageSize, writeBuffer);
		const { capacity, entrySize } = layout;
		const entries = new PagePartition(storage, partition, cache, capacity, {
			kind: "fixed",
			pageSize,
			entry: { size: entrySize },
		});
		const sections = new Sections(
			{
				storage,
				partition,
				open: async (section, left) =>
					new EntrySection(await entries.open(section, { left }), layout),
				remove: (section) => entries.remove(section),
			},
			await foundSections(storage, partition),
		);
		const recovery = await recover(storage, sections);
		return new FixedJournal(entries, sections, entrySize, recovery);
	}

	/** Resolves to the entry's position: at once unless the section is to be opened, or its write buffer is full. */
	append(section: Section, entry: Uint8Array): Promise<number> {
		try {
			const number = sectionNumber(section);
			this.checkEntry(entry);
			const position = this.#sections.tryUse(number)?.tryAppend(entry);
			return position === undefined
				? this.#sections.useOrMake(number, (open) => open.append(entry))
				: Promise.resolve(position);
		} catch (error) {
			return Promise.reject(error);
		}
	}

	/**
	 * Appends entries that lie one after the other, with none of another call between them, and resolves to the position of the
	 * first. When it rejects, `size` says how many were taken.
	 */
	async appendMany(section: Section, entries: Uint8Array): Promise<number> {
		const number = sectionNumber(section);
		checkBytes(entries);
		if (entries.length % this.#entrySize !== 0) {
			throw new RangeError(
				`entries of ${this.#entrySize} bytes do not come to ${entries.length}`,
			);
		}
		return this.#sections.useOrMake(number, (open) => open.append(entries));
	}
}

async function recover(
	storage: Storage,
	sections: Sections<EntrySection>,
): Promise<JournalRecovery> {
	const tally = new RecoveryTally();
	await sections.recover(async (section, open) => {
		const cut = await cutTornEntry(storage, section, open);
		tally.add(open.paged.recovery, cut);
	});
	return tally.result();
}
