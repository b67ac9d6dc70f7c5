import { checkOptions, checkRange } from "../../checks.ts";
import { packedForm } from "../../compression/options.ts";
import {
	type EntriesOf,
	type EntryForm,
	type EntryOf,
	entryForm,
} from "../../forms/entry-form.ts";
import { BYTES_FORM, type Form } from "../../forms/form.ts";
import { pageMemory } from "../../paged/page-memory.ts";
import { tellOfBuffer } from "../../paged/write-buffer.ts";
import { contextOf, type Storage } from "../../storage/storage.ts";
import { Pace } from "../../turns/pace.ts";
import { EntryJournal } from "../entries/entry-journal.ts";
import { entryLayout } from "../entries/entry-layout.ts";
import type {
	EntryReplay,
	EntryReplayOptions,
} from "../entries/entry-replay.ts";
import { journalOwner } from "../journal-owner.ts";
import { type Section, sectionNumber } from "../section.ts";
import { Sections } from "../section-manager.ts";
import {
	bytesOfValue,
	checkedPlaces,
	type ValuePlace,
	valueSizeMax,
	valueTooLarge,
} from "../values/value.ts";
import {
	type OversizedJournalOptions,
	type PointingEntries,
	type PointingSize,
	sizeOfEntries,
} from "./oversized-options.ts";
import type { AppendedValue, OversizedSection } from "./oversized-section.ts";
import { OversizedSections } from "./oversized-sections.ts";
import {
	asksForValues,
	PairReplay,
	type PairReplayOptions,
} from "./pair-replay.ts";
import { pointedSizeMax } from "./place-fields.ts";

/**
 * Entries of one size that each point at a value of any size: a fixed journal over a glob, section
 * by section. No entry is found with a value that is not its own, or not whole. (commonware's
 * segmented `Oversized`.)
 *
 * Sizes, positions and cuts refer to entries, and values follow. When a rewind fails in between,
 * values stay that no entry points at; the next open cuts them.
 */
export class OversizedJournal<
	Entry = Uint8Array,
	Entries = Uint8Array,
	Value = Uint8Array,
> extends EntryJournal<Entry, Entries> {
	readonly #sections: Sections<OversizedSection>;
	readonly #form: EntryForm<Entry, Entries>;
	readonly #valueForm: Form<Value>;
	readonly #valueMax: number;
	readonly #entrySize: number;
	readonly #pace = new Pace();

	private constructor(
		{ partitions, layout, fields, tally }: OversizedSections,
		form: EntryForm<Entry, Entries>,
		valueForm: Form<Value>,
		sections: Sections<OversizedSection>,
	) {
		super(sections, partitions, form, layout.entrySize, tally);
		this.#sections = sections;
		this.#form = form;
		this.#valueForm = valueForm;
		this.#valueMax = pointedSizeMax(fields);
		this.#entrySize = layout.entrySize;
	}

	/**
	 * Checks sections, durably cuts entries without their values and values without entries, and
	 * reports it: every section after a crash, else the last 64, and each other when it is first
	 * used. A section costs at most six host reads: two headers, up to three pages and its last
	 * value; more for a value of more than 128 KiB, or after a crash.
	 *
	 * @throws {TypeError} for invalid options.
	 * @throws {RangeError} for values out of range.
	 * @throws {StorageError} ERR_CONFIG when dualslot.json records a partition differently,
	 * ERR_IN_USE while another owns one, ERR_INVALID_BLOB_NAME and ERR_PARTITION_CORRUPT for a file
	 * that is no section; ERR_PAGE_SIZE where no page of this size is found; ERR_INVALID_CHECKSUM
	 * where a page that says where a value lies is damaged; ERR_ZSTD_MISSING where compression finds
	 * no zstd; ERR_READ_FAILED, ERR_MEMORY, ERR_CLOSED.
	 */
	static open<Entry extends PointingEntries, Value = Uint8Array>(
		storage: Storage,
		options: OversizedJournalOptions<Entry, Value>,
	): Promise<
		OversizedJournal<
			EntryOf<PointingSize<Entry>>,
			EntriesOf<PointingSize<Entry>>,
			Value
		>
	>;
	static async open(
		storage: Storage,
		options: OversizedJournalOptions<PointingEntries, unknown>,
	): Promise<OversizedJournal<unknown, unknown, unknown>> {
		checkOptions(options);
		const { index, values, compression, writeBuffer } = options;
		const context = contextOf(storage);
		const sizeMax = valueSizeMax(options.maxValueSize, compression);
		const entry = sizeOfEntries(options.entry);
		const { pageSize } = pageMemory(context, index, options);
		const layout = entryLayout(entry.size, pageSize, writeBuffer);
		const form = entryForm(entry, index);
		const owner = journalOwner(
			context,
			"an OversizedJournal",
			[index, values],
			options,
		);
		const place = { partition: index };
		tellOfBuffer(owner.observer, place, writeBuffer, layout.capacity);
		const source = new OversizedSections(context, owner, options, layout);
		return context.owners.opening(owner, async () => {
			const valueForm = await packedForm(context, {
				partition: values,
				codec: options.value,
				compression,
				sizeMax,
				tooLarge: valueTooLarge,
				isBare: true,
			});
			const sections = new Sections(source, await source.find());
			await source.recover(sections);
			return new OversizedJournal(source, form, valueForm, sections);
		});
	}

	/**
	 * Appends the value, then the entry, with the value's place filled in. Resolves at once unless
	 * the section must be opened or a write buffer is full. Bytes must not change until then; codecs
	 * encode during this call.
	 *
	 * @throws {TypeError} for what is no entry, or no value.
	 * @throws {RangeError} likewise.
	 * @throws {StorageError} ERR_VALUE_TOO_LARGE, ERR_OFFSET_OVERFLOW for a place that an entry's
	 * fields cannot hold, of which nothing is written; ERR_WRITE_FAILED, ERR_NO_SPACE, ERR_MEMORY
	 * when the section cannot take it, ERR_POISONED after a failure of its own; ERR_READ_ONLY;
	 * ERR_SECTION_PRUNED below the last prune, ERR_CLOSED after the end.
	 */
	append(section: Section, entry: Entry, value: Value): Promise<AppendedValue> {
		try {
			const number = sectionNumber(section);
			const form = this.#valueForm;
			return form.isMadeFirst
				? this.#append(number, entry, BYTES_FORM, form.bytesOf(value))
				: this.#append(number, entry, form, value);
		} catch (error) {
			return Promise.reject(error);
		}
	}

	/**
	 * The value at a place that an entry holds.
	 *
	 * @throws {StorageError} ERR_SECTION_OUT_OF_RANGE, ERR_BLOB_INSUFFICIENT_LENGTH for a place
	 * outside the section, ERR_INVALID_CHECKSUM where no whole value lies, ERR_DECOMPRESSION for no
	 * zstd frame, or one of too many bytes, ERR_CODEC when the codec rejects the value;
	 * ERR_READ_FAILED, ERR_MEMORY; ERR_SECTION_PRUNED below the last prune, ERR_CLOSED after the end.
	 */
	async getValue(
		section: Section,
		offset: number,
		size: number,
	): Promise<Value> {
		const number = sectionNumber(section);
		checkRange(offset, size);
		const bytes =
			this.#sections.tryUse(number)?.tryGetValue(offset, size) ??
			(await this.#sections.use(number, (open) => open.getValue(offset, size)));
		const turn = this.#pace.step();
		if (turn !== undefined) {
			await turn;
		}
		return this.#valueForm.read(bytes, number, offset);
	}

	/**
	 * The values at places, in their order. Those that lie one behind the other are read at once, in
	 * blocks of up to 128 KiB, and as bytes are parts of their block: a value that is kept keeps all
	 * of it, and a `slice` of it does not.
	 *
	 * @throws {TypeError} for what are no places.
	 * @throws {RangeError} likewise.
	 * @throws {StorageError} as `getValue`, the first failure: ERR_SECTION_OUT_OF_RANGE,
	 * ERR_BLOB_INSUFFICIENT_LENGTH for a place outside the section, ERR_INVALID_CHECKSUM where no
	 * whole value lies, ERR_DECOMPRESSION for no zstd frame, or one of too many bytes, ERR_CODEC when
	 * the codec rejects a value; ERR_READ_FAILED, ERR_MEMORY; ERR_SECTION_PRUNED below the last
	 * prune, ERR_CLOSED after the end.
	 */
	async getValues(
		section: Section,
		places: readonly ValuePlace[],
	): Promise<Value[]> {
		const number = sectionNumber(section);
		const own = checkedPlaces(places);
		const values = await this.#sections.use(number, (open) =>
			open.getValues(own),
		);
		return this.#pace.map(values, (bytes, index) =>
			this.#valueForm.read(bytes, number, own[index]?.offset ?? 0),
		);
	}

	/**
	 * As `getValue`, without a promise, if the value is in memory: it was read lately, or read ahead,
	 * or is not yet handed over. Else undefined, and so for a place where no whole value lies.
	 *
	 * @throws {TypeError} for no place.
	 * @throws {RangeError} likewise.
	 * @throws {StorageError} ERR_DECOMPRESSION, ERR_CODEC as `getValue`; ERR_SECTION_PRUNED below the
	 * last prune, ERR_CLOSED after the end.
	 */
	tryGetValue(
		section: Section,
		offset: number,
		size: number,
	): Value | undefined {
		const number = sectionNumber(section);
		checkRange(offset, size);
		const open = this.#sections.tryUse(number);
		if (open === undefined) {
			this.#sections.refusePruned(number);
		}
		const bytes = open?.tryGetHeldValue(offset, size);
		return bytes && this.#valueForm.read(bytes, number, offset);
	}

	/**
	 * All entries from a place on, in order. The first step rejects with ERR_ITEM_OUT_OF_RANGE for a
	 * position past the end of section `from`.
	 *
	 * @throws {TypeError} for invalid options.
	 * @throws {RangeError} for values out of range.
	 */
	override replay(
		options?: EntryReplayOptions & { readonly values?: false },
	): EntryReplay<Entry>;
	/**
	 * All entries from a place on with their values, in order: values that lie one behind the other
	 * are read at once.
	 *
	 * @throws {TypeError} for invalid options.
	 * @throws {RangeError} for values out of range.
	 */
	override replay(options: PairReplayOptions): PairReplay<Entry, Value>;
	override replay(
		options: EntryReplayOptions | PairReplayOptions = {},
	): EntryReplay<Entry> | PairReplay<Entry, Value> {
		checkOptions(options);
		if (!asksForValues(options)) {
			return super.replay(options);
		}
		const forms = { entry: this.#form, value: this.#valueForm };
		return new PairReplay(this.#sections, forms, this.#entrySize, options);
	}

	/**
	 * Where the last entry's value ends; 0 when the section is empty or does not exist.
	 *
	 * @throws {StorageError} ERR_INVALID_CHECKSUM where the last entry lies in a damaged page,
	 * ERR_OFFSET_OVERFLOW where its value ends past 2^53 - 1; ERR_BLOB_OPEN_FAILED, ERR_READ_FAILED,
	 * ERR_MEMORY when the section cannot be opened; ERR_SECTION_PRUNED below the last prune,
	 * ERR_CLOSED after the end.
	 */
	async valueSize(section: Section): Promise<number> {
		const number = sectionNumber(section);
		this.#sections.refusePruned(number);
		const end = await this.#sections.useIfThere(number, (open) =>
			open.valueEnd(),
		);
		return end ?? 0;
	}

	#append<T>(
		section: bigint,
		entry: Entry,
		form: Form<T>,
		value: T,
	): Promise<AppendedValue> {
		const appended = this.#sections
			.tryUseToAppend(section)
			?.tryAppendPair(this.#form, entry, form, value);
		if (appended !== undefined) {
			return Promise.resolve(appended);
		}
		const entryBytes = this.#form.bytesOf(entry);
		const valueBytes = bytesOfValue(form, value, this.#valueMax);
		return this.#sections.append(section, (open) =>
			open.appendPair(entryBytes, valueBytes),
		);
	}

	/**
	 * A missing section can only be rewound to size 0.
	 *
	 * @internal
	 */
	protected override checkRewind(
		section: bigint,
		size: number,
		isThere: boolean,
	): void {
		if (!isThere && size !== 0) {
			this.#sections.refuseMissing(section);
		}
		super.checkRewind(section, size, isThere);
	}
}
