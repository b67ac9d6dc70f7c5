import { checkRange } from "../arguments.ts";
import type { Storage } from "../storage.ts";
import { EntryJournal } from "./entry-journal.ts";
import { entryLayout } from "./entry-layout.ts";
import type { OversizedJournalOptions } from "./oversized-options.ts";
import type { AppendedValue, OversizedSection } from "./oversized-section.ts";
import { OversizedSections } from "./oversized-sections.ts";
import type { JournalRecovery } from "./report.ts";
import { type Section, sectionNumber } from "./section.ts";
import { Sections } from "./sections.ts";
import { checkValue } from "./value.ts";

/**
 * Entries of one size that each point at a value of any size: a fixed journal over a glob, section by section. No entry is
 * handed to the disk before its value is durable. (commonware's segmented `Oversized`.)
 *
 * Sizes, positions and cuts are those of entries, and values follow them. When a rewind fails between the two, values are left
 * behind that no entry points at; the next open cuts them.
 */
export class OversizedJournal extends EntryJournal<OversizedSection> {
	readonly #sections: Sections<OversizedSection>;

	private constructor(
		storage: Storage,
		{ index, values, entry }: OversizedJournalOptions,
		sections: Sections<OversizedSection>,
		recovery: JournalRecovery,
	) {
		super(storage, sections, [index, values], entry.size, recovery);
		this.#sections = sections;
	}

	/**
	 * Looks into every section once, cuts entries without their values and values without entries, durably, and reports it: a
	 * section costs six reads of the host at most, two headers, up to three pages and its last value, and more for a value of more
	 * than 128 KiB, or after a crash. Throws as FixedJournal.open.
	 */
	static async open(
		storage: Storage,
		options: OversizedJournalOptions,
	): Promise<OversizedJournal> {
		const { cache, entry, writeBuffer } = options;
		const layout = entryLayout(entry.size, cache.pageSize, writeBuffer);
		const source = new OversizedSections(storage, options, layout);
		const sections = new Sections(source, await source.find());
		const recovery = await source.recover(sections);
		return new OversizedJournal(storage, options, sections, recovery);
	}

	/**
	 * Appends the value, then a copy of the entry that says where it lies. Resolves at once unless the section is to be opened, or
	 * a write buffer is full; the value must not change until then. Throws ERR_VALUE_TOO_LARGE.
	 */
	append(
		section: Section,
		entry: Uint8Array,
		value: Uint8Array,
	): Promise<AppendedValue> {
		try {
			const number = sectionNumber(section);
			this.checkEntry(entry);
			checkValue(value);
			const open = this.#sections.tryUse(number);
			const appended = open?.tryAppendPair(entry, value);
			return appended === undefined
				? this.#sections.useOrMake(number, (made) =>
						made.appendPair(entry, value),
					)
				: Promise.resolve(appended);
		} catch (error) {
			return Promise.reject(error);
		}
	}

	/**
	 * The value at a place that an entry tells of. Throws ERR_SECTION_OUT_OF_RANGE, ERR_BLOB_INSUFFICIENT_LENGTH for what cannot
	 * lie in the section, ERR_INVALID_CHECKSUM for what is no whole value.
	 */
	getValue(
		section: Section,
		offset: number,
		size: number,
	): Promise<Uint8Array> {
		try {
			const number = sectionNumber(section);
			checkRange(offset, size);
			const open = this.#sections.tryUse(number);
			const value = open?.tryGetValue(offset, size);
			return value === undefined
				? this.#sections.use(number, (used) => used.getValue(offset, size))
				: Promise.resolve(value);
		} catch (error) {
			return Promise.reject(error);
		}
	}

	/** Where the last entry's value ends; 0 when the section is empty or does not exist. */
	async valueSize(section: Section): Promise<number> {
		const number = sectionNumber(section);
		this.#sections.refusePruned(number);
		const end = await this.#sections.useIfThere(number, (open) =>
			open.valueEnd(),
		);
		return end ?? 0;
	}

	/** What does not exist can be cut to nothing alone. */
	protected override checkCut(
		section: bigint,
		size: number,
		isThere: boolean,
	): void {
		if (!isThere && size !== 0) {
			this.#sections.refuseMissing(section);
		}
		super.checkCut(section, size, isThere);
	}
}
