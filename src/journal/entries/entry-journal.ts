import { checkBytes, checkList, checkWhole, isPromise } from "../../checks.ts";
import type { EntryForm } from "../../forms/entry-form.ts";
import { Pace } from "../../turns/pace.ts";
import { Journal } from "../journal.ts";
import type { RecoveryTally } from "../recovery-tally.ts";
import type { JournalRecovery } from "../report.ts";
import { type Section, sectionNumber } from "../section.ts";
import type { Sections } from "../section-manager.ts";
import { EntryReplay, type EntryReplayOptions } from "./entry-replay.ts";
import type { EntrySection } from "./entry-section.ts";

/**
 * The base of journals with entries of one size. An entry's position is its number in its section,
 * from 0 on.
 */
export abstract class EntryJournal<
	Entry = Uint8Array,
	Entries = Uint8Array,
> extends Journal {
	readonly #tally: RecoveryTally;
	readonly #partitions: readonly string[];
	readonly #sections: Sections<EntrySection>;
	readonly #form: EntryForm<Entry, Entries>;
	readonly #entrySize: number;
	readonly #pace = new Pace();

	/** @internal */
	protected constructor(
		sections: Sections<EntrySection>,
		partitions: readonly string[],
		form: EntryForm<Entry, Entries>,
		entrySize: number,
		tally: RecoveryTally,
	) {
		super(sections, partitions);
		this.#tally = tally;
		this.#partitions = partitions;
		this.#sections = sections;
		this.#form = form;
		this.#entrySize = entrySize;
	}

	/**
	 * What was found, kept and cut: when the journal was opened, and since then in sections that were
	 * used for the first time.
	 */
	get recovery(): JournalRecovery {
		const { storage, found } = this.#sections;
		return this.#tally.result(found, storage.left.reportIn(this.#partitions));
	}

	/**
	 * The entry at a position.
	 *
	 * @throws {StorageError} ERR_SECTION_OUT_OF_RANGE, ERR_ITEM_OUT_OF_RANGE for a missing section or
	 * entry; ERR_INVALID_CHECKSUM in a damaged page, ERR_CODEC when the codec rejects it;
	 * ERR_READ_FAILED, ERR_MEMORY; ERR_SECTION_PRUNED below the last prune, ERR_CLOSED after the end.
	 */
	async get(section: Section, position: number): Promise<Entry> {
		const number = sectionNumber(section);
		checkWhole("a position", position);
		const open = this.#sections.tryUse(number);
		if (open !== undefined && position < open.count) {
			const entry = new Uint8Array(this.#entrySize);
			if (open.tryGet(position, entry)) {
				const turn = this.#pace.step();
				if (turn !== undefined) {
					await turn;
				}
				return this.#read(entry, number, position);
			}
		}
		const answer = this.#sections.useNow(number, (open) => open.get(position));
		const entry = isPromise(answer) ? await answer : answer;
		return this.#read(entry, number, position);
	}

	/**
	 * As `get`, but fills the target, which has an entry's size and must not change until this
	 * resolves.
	 *
	 * @throws {TypeError} unless given a Uint8Array.
	 * @throws {RangeError} for a target of another size.
	 * @throws {StorageError} ERR_SECTION_OUT_OF_RANGE, ERR_ITEM_OUT_OF_RANGE for a missing section or
	 * entry; ERR_INVALID_CHECKSUM where a page is damaged; ERR_READ_FAILED, ERR_MEMORY;
	 * ERR_SECTION_PRUNED below the last prune, ERR_CLOSED after the end.
	 */
	async readInto(
		section: Section,
		position: number,
		target: Uint8Array,
	): Promise<void> {
		if (!this.tryGet(section, position, target)) {
			const number = sectionNumber(section);
			await this.#sections.use(number, (open) =>
				open.readInto(position, target),
			);
		}
	}

	/**
	 * The entries at strictly increasing positions; as bytes, in one array.
	 *
	 * @throws {RangeError} for positions that do not increase.
	 * @throws {StorageError} as `get`: ERR_SECTION_OUT_OF_RANGE, ERR_ITEM_OUT_OF_RANGE for a missing
	 * section or entry; ERR_INVALID_CHECKSUM where a page is damaged, ERR_CODEC when the codec
	 * rejects an entry; ERR_READ_FAILED, ERR_MEMORY; ERR_SECTION_PRUNED below the last prune,
	 * ERR_CLOSED after the end.
	 */
	async getMany(
		section: Section,
		positions: readonly number[],
	): Promise<Entries> {
		const number = sectionNumber(section);
		checkList("positions", positions);
		let last = -1;
		for (const position of positions) {
			checkWhole("a position", position);
			if (position <= last) {
				throw new RangeError("positions are strictly increasing");
			}
			last = position;
		}
		const bytes = await this.#sections.use(number, (open) =>
			open.getMany(positions),
		);
		return this.#form.readMany(bytes, number, positions);
	}

	/**
	 * Fills the target, of an entry's size, with the entry if that needs no I/O. Returns whether it
	 * did.
	 *
	 * @throws {RangeError} for a target of another size.
	 * @throws {StorageError} ERR_ITEM_OUT_OF_RANGE where the section is open and has no such entry;
	 * ERR_SECTION_PRUNED below the last prune, ERR_CLOSED after the end.
	 */
	tryGet(section: Section, position: number, target: Uint8Array): boolean {
		const number = sectionNumber(section);
		checkWhole("a position", position);
		checkBytes(target);
		if (target.length !== this.#entrySize) {
			throw new RangeError(
				`an entry has ${this.#entrySize} bytes, not ${target.length}`,
			);
		}
		const open = this.#sections.tryUse(number);
		if (open === undefined) {
			this.#sections.refusePruned(number);
			return false;
		}
		return open.tryGet(position, target);
	}

	/**
	 * The last entry; undefined in an empty section.
	 *
	 * @throws {StorageError} ERR_SECTION_OUT_OF_RANGE for a missing section; ERR_INVALID_CHECKSUM
	 * where a page is damaged, ERR_CODEC when the codec rejects the entry; ERR_READ_FAILED,
	 * ERR_MEMORY; ERR_SECTION_PRUNED below the last prune, ERR_CLOSED after the end.
	 */
	async last(section: Section): Promise<Entry | undefined> {
		const number = sectionNumber(section);
		return this.#sections.use(number, async (open) => {
			const position = open.count - 1;
			return position < 0
				? undefined
				: this.#read(await open.get(position), number, position);
		});
	}

	/**
	 * All entries from a place on, in order. The first step rejects with ERR_ITEM_OUT_OF_RANGE for a
	 * position past the end of section `from`.
	 *
	 * @throws {TypeError} for invalid options.
	 * @throws {RangeError} for values out of range.
	 */
	replay(options: EntryReplayOptions = {}): EntryReplay<Entry> {
		return new EntryReplay(
			this.#sections,
			this.#form,
			this.#entrySize,
			options,
		);
	}

	/** @internal */
	protected override checkRewind(
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

	#read(entry: Uint8Array, section: bigint, position: number): Entry {
		return this.#form.read(entry, section, position * this.#entrySize);
	}
}
