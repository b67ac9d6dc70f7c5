import { checkBytes, checkWhole } from "../arguments.ts";
import type { Storage } from "../storage.ts";
import { EntryReplay, type EntryReplayOptions } from "./entry-replay.ts";
import type { EntrySection } from "./entry-section.ts";
import { Journal } from "./journal.ts";
import type { JournalRecovery } from "./report.ts";
import { type Section, sectionNumber } from "./section.ts";
import type { Sections } from "./sections.ts";

/** What journals of entries of one size share. An entry's position is its number in its section, from 0 on. */
export abstract class EntryJournal<
	Open extends EntrySection = EntrySection,
> extends Journal<Open> {
	/** What opening found, kept and cut. */
	readonly recovery: JournalRecovery;
	readonly #sections: Sections<Open>;
	readonly #entrySize: number;

	protected constructor(
		storage: Storage,
		sections: Sections<Open>,
		partitions: readonly string[],
		entrySize: number,
		recovery: JournalRecovery,
	) {
		super(storage, sections, partitions);
		this.recovery = recovery;
		this.#sections = sections;
		this.#entrySize = entrySize;
	}

	/**
	 * The entry at a position. Throws ERR_SECTION_OUT_OF_RANGE, ERR_ITEM_OUT_OF_RANGE; and ERR_INVALID_CHECKSUM where a page is
	 * damaged.
	 */
	async get(section: Section, position: number): Promise<Uint8Array> {
		const number = sectionNumber(section);
		checkWhole("a position", position);
		const open = this.#sections.tryUse(number);
		if (open !== undefined && position < open.count) {
			const entry = new Uint8Array(this.#entrySize);
			if (open.tryGet(position, entry)) {
				return entry;
			}
		}
		return this.#sections.use(number, (open) => open.get(position));
	}

	/** The entries at strictly increasing positions, one after the other. */
	async getMany(
		section: Section,
		positions: readonly number[],
	): Promise<Uint8Array> {
		const number = sectionNumber(section);
		let last = -1;
		for (const position of positions) {
			checkWhole("a position", position);
			if (position <= last) {
				throw new RangeError("positions are strictly increasing");
			}
			last = position;
		}
		return this.#sections.use(number, (open) => open.getMany(positions));
	}

	/**
	 * Fills the target, of an entry's size, if that needs no I/O, and answers whether it did. Throws ERR_ITEM_OUT_OF_RANGE where
	 * the section is open and has no such entry.
	 */
	tryGet(section: Section, position: number, target: Uint8Array): boolean {
		const number = sectionNumber(section);
		checkWhole("a position", position);
		this.checkEntry(target);
		const open = this.#sections.tryUse(number);
		if (open === undefined) {
			this.#sections.refusePruned(number);
			return false;
		}
		return open.tryGet(position, target);
	}

	/** The last entry, undefined where there is none. Throws ERR_SECTION_OUT_OF_RANGE. */
	async last(section: Section): Promise<Uint8Array | undefined> {
		return this.#sections.use(sectionNumber(section), (open) =>
			open.count === 0 ? undefined : open.get(open.count - 1),
		);
	}

	/** Throws ERR_ITEM_OUT_OF_RANGE, at its first step, for a position past the end of section `from`. */
	replay(options: EntryReplayOptions = {}): EntryReplay {
		return new EntryReplay(this.#sections, this.#entrySize, options);
	}

	protected checkEntry(entry: Uint8Array): void {
		checkBytes(entry);
		if (entry.length !== this.#entrySize) {
			throw new RangeError(
				`an entry has ${this.#entrySize} bytes, not ${entry.length}`,
			);
		}
	}

	protected override checkCut(
		_section: bigint,
		size: number,
		_isThere: boolean,
	): void {
		if (size % this.#entrySize !== 0) {
			throw new RangeError(
				`a section of entries of ${this.#entrySize} bytes cannot end at ${size}`,
			);
		}
	}
}
