import { checkOptions } from "../../checks.ts";
import {
	checkEntry,
	type EntriesOf,
	type EntryForm,
	type EntryOf,
	type EntrySize,
	entryForm,
} from "../../forms/entry-form.ts";
import { FormContent } from "../../forms/form-content.ts";
import type { ObserverOptions } from "../../host/observer.ts";
import { type PageOptions, pageMemory } from "../../paged/page-memory.ts";
import { tellOfBuffer } from "../../paged/write-buffer.ts";
import { contextOf, type Storage } from "../../storage/storage.ts";
import { journalOwner } from "../journal-owner.ts";
import { PagePartition } from "../page-partition.ts";
import { RecoveryTally } from "../recovery-tally.ts";
import { type Section, sectionNumber } from "../section.ts";
import { foundSections } from "../section-blobs.ts";
import { Sections } from "../section-manager.ts";
import { EntryJournal } from "./entry-journal.ts";
import { entryLayout } from "./entry-layout.ts";
import { cutTornEntry } from "./entry-recovery.ts";
import { EntrySection } from "./entry-section.ts";

export interface FixedJournalOptions<Entry extends EntrySize = EntrySize>
	extends PageOptions,
		ObserverOptions {
	/** The partition that has the journal's sections, and nothing else. */
	readonly partition: string;
	/** The size of entries that are bytes, or a codec whose values all have one size. */
	readonly entry: Entry;
	/**
	 * Bytes held back for each open section before full pages are flushed, as of a paged blob; 64 KiB
	 * by default.
	 */
	readonly writeBuffer?: number;
}

/**
 * Entries of one size, one after the other in the checksummed pages of a section. (commonware's
 * segmented `Fixed`.)
 */
export class FixedJournal<
	Entry = Uint8Array,
	Entries = Uint8Array,
> extends EntryJournal<Entry, Entries> {
	readonly #sections: Sections<EntrySection>;
	readonly #form: EntryForm<Entry, Entries>;
	readonly #content: FormContent<Entry>;

	private constructor(
		{ name }: PagePartition,
		sections: Sections<EntrySection>,
		form: EntryForm<Entry, Entries>,
		entrySize: number,
		tally: RecoveryTally,
	) {
		super(sections, [name], form, entrySize, tally);
		this.#sections = sections;
		this.#form = form;
		this.#content = new FormContent(form);
	}

	/**
	 * Checks sections, durably cuts what a crash left, and reports it: every section after a crash,
	 * else the last 64, and each other when it is first used. A section costs two host reads, of
	 * header and last page, and after a crash those of its window. I/O errors are thrown, never taken
	 * for damage.
	 *
	 * @throws {TypeError} for invalid options.
	 * @throws {RangeError} for values out of range.
	 * @throws {StorageError} ERR_CONFIG when dualslot.json records the partition differently,
	 * ERR_IN_USE while another owns it, ERR_INVALID_BLOB_NAME and ERR_PARTITION_CORRUPT for a foreign
	 * file; ERR_PAGE_SIZE if no page has this size; ERR_READ_FAILED, ERR_MEMORY, ERR_CLOSED.
	 */
	static open<Entry extends EntrySize>(
		storage: Storage,
		options: FixedJournalOptions<Entry>,
	): Promise<FixedJournal<EntryOf<Entry>, EntriesOf<Entry>>>;
	static async open(
		storage: Storage,
		options: FixedJournalOptions,
	): Promise<FixedJournal<unknown, unknown>> {
		checkOptions(options);
		const { partition, entry, writeBuffer } = options;
		checkEntry(entry);
		const context = contextOf(storage);
		const cache = pageMemory(context, partition, options);
		const { pageSize } = cache;
		const layout = entryLayout(entry.size, pageSize, writeBuffer);
		const { capacity, entrySize } = layout;
		const form = entryForm(entry, partition);
		const owner = journalOwner(context, "a FixedJournal", [partition], options);
		tellOfBuffer(owner.observer, { partition }, writeBuffer, capacity);
		const place = { storage: context, owner, name: partition };
		const tally = new RecoveryTally(place);
		const entries = new PagePartition(place, cache, capacity, {
			kind: "fixed",
			pageSize,
			entry: { size: entrySize },
		});
		return context.owners.opening(owner, async () => {
			const sections = new Sections(
				{
					storage: context,
					owner,
					partition,
					bufferBytes: entries.bufferBytes,
					open: async (section, left) =>
						new EntrySection(await entries.open(section, { left }), layout),
					judge: async (section, open) => {
						const cut = await cutTornEntry(context, section, open);
						tally.add(open.paged.recovery, cut);
					},
					remove: (section) => entries.remove(section),
				},
				await foundSections(context, partition),
			);
			await sections.recover((section) => entries.isDue(section));
			return new FixedJournal(entries, sections, form, entrySize, tally);
		});
	}

	/**
	 * Resolves to the entry's position, at once unless the section must be opened or its write buffer
	 * is full. A codec encodes during this call.
	 *
	 * @throws {TypeError} for an invalid entry.
	 * @throws {RangeError} for an invalid entry.
	 * @throws {StorageError} ERR_WRITE_FAILED, ERR_NO_SPACE, ERR_MEMORY when the section cannot take
	 * it, ERR_POISONED after a failure of its own; ERR_READ_ONLY; ERR_SECTION_PRUNED below the last
	 * prune, ERR_CLOSED after the end.
	 */
	append(section: Section, entry: Entry): Promise<number> {
		try {
			const number = sectionNumber(section);
			const position = this.#sections
				.tryUseToAppend(number)
				?.tryAppend(this.#content, entry);
			if (position !== undefined) {
				return Promise.resolve(position);
			}
			const bytes = this.#form.bytesOf(entry);
			return this.#sections.append(number, (open) => open.append(bytes));
		} catch (error) {
			return Promise.reject(error);
		}
	}

	/**
	 * Appends entries; bytes are entries one after the other. No other call's entries come between.
	 * Resolves to the position of the first. All are checked first. When this rejects, `size` tells
	 * how many were taken.
	 *
	 * @throws {TypeError} for invalid entries.
	 * @throws {RangeError} for invalid entries.
	 * @throws {StorageError} ERR_WRITE_FAILED, ERR_NO_SPACE, ERR_MEMORY when the section cannot take
	 * it, ERR_POISONED after a failure of its own; ERR_READ_ONLY; ERR_SECTION_PRUNED below the last
	 * prune, ERR_CLOSED after the end.
	 */
	async appendMany(section: Section, entries: Entries): Promise<number> {
		const number = sectionNumber(section);
		const bytes = this.#form.bytesOfMany(entries);
		return this.#sections.append(number, (open) => open.append(bytes));
	}
}
