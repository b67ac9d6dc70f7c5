import { checkList, checkOptions, checkWhole } from "../../checks.ts";
import { packedForm } from "../../compression/options.ts";
import type { Form } from "../../forms/form.ts";
import { contextOf, type Storage } from "../../storage/storage.ts";
import { Pace } from "../../turns/pace.ts";
import { Journal } from "../journal.ts";
import { journalOwner } from "../journal-owner.ts";
import { type Section, sectionNumber } from "../section.ts";
import { Sections } from "../section-manager.ts";
import { FRAMED_BYTES, FramedItems } from "./framed-items.ts";
import {
	bytesOfItem,
	type ItemPlace,
	itemSizeMax,
	itemTooLarge,
} from "./item.ts";
import { ItemReplay, type ItemReplayOptions } from "./item-replay.ts";
import type { VariableRecovery } from "./item-report.ts";
import type { VariableSection } from "./item-section.ts";
import {
	type VariableJournalOptions,
	VariableSections,
} from "./item-sections.ts";

/**
 * Items of any size, each behind its length in the checksummed pages of a section. (commonware's
 * segmented `Variable`.) An item is found by the offset that `append` returns.
 *
 * The first append to a section that opening found, or that was cut within an item, reads all of it
 * once to find the end of its last whole item. It cuts the bytes behind. On damage the append
 * rejects: nobody knows where the items end. Then cut the section to the error's `offset`, or use
 * another one. A cut may have any size, and leave a part of an item behind.
 */
export class VariableJournal<Item = Uint8Array> extends Journal {
	readonly #source: VariableSections;
	readonly #sections: Sections<VariableSection>;
	readonly #form: Form<Item>;
	readonly #framed: FramedItems<Item>;
	/** Running cuts of torn tails, by section; appends there wait for them. */
	readonly #cuts = new Map<bigint, Promise<void>>();
	readonly #pace = new Pace();

	private constructor(
		source: VariableSections,
		sections: Sections<VariableSection>,
		form: Form<Item>,
	) {
		super(sections, [source.partition]);
		this.#source = source;
		this.#sections = sections;
		this.#form = form;
		this.#framed = new FramedItems(form);
	}

	/**
	 * Checks the pages of sections, durably cuts what a crash left, and reports it: every section
	 * after a crash, else the last 64, and each other when it is first used. A section costs two host
	 * reads, of its header and its last page; after a crash also those of its window.
	 *
	 * @throws {TypeError} for invalid options.
	 * @throws {RangeError} for values out of range.
	 * @throws {StorageError} ERR_CONFIG when dualslot.json records the partition differently,
	 * ERR_IN_USE while another owns it, ERR_INVALID_BLOB_NAME and ERR_PARTITION_CORRUPT for a file
	 * that is no section; ERR_PAGE_SIZE where no page of this size is found; ERR_ZSTD_MISSING where
	 * compression finds no zstd; ERR_READ_FAILED, ERR_MEMORY, ERR_CLOSED.
	 */
	static open<Item = Uint8Array>(
		storage: Storage,
		options: VariableJournalOptions<Item>,
	): Promise<VariableJournal<Item>>;
	static async open(
		storage: Storage,
		options: VariableJournalOptions<unknown>,
	): Promise<VariableJournal<unknown>> {
		checkOptions(options);
		const { partition, item, compression, maxItemSize } = options;
		const context = contextOf(storage);
		const owner = journalOwner(
			context,
			"a VariableJournal",
			[partition],
			options,
		);
		const source = new VariableSections(context, owner, options);
		return context.owners.opening(owner, async () => {
			const form = await packedForm(context, {
				partition,
				codec: item,
				compression,
				isBare: false,
				sizeMax: itemSizeMax(maxItemSize),
				tooLarge: itemTooLarge,
			});
			const sections = new Sections(source, await source.find());
			await sections.recover((section) => source.isDue(section));
			return new VariableJournal(source, sections, form);
		});
	}

	/**
	 * What was found and cut: when the journal was opened, since then in sections that were used for
	 * the first time, and by walks.
	 */
	get recovery(): VariableRecovery {
		const { storage, partition, tally } = this.#source;
		const outside = storage.left.reportIn([partition]);
		return tally.result(this.#sections.found, outside);
	}

	/**
	 * Resolves to the item's place, at once unless the section must be opened or walked, or its write
	 * buffer is full. Bytes must not change until then; a codec encodes during this call.
	 *
	 * @throws {TypeError} for an invalid item.
	 * @throws {RangeError} for an invalid item.
	 * @throws {StorageError} ERR_ITEM_TOO_LARGE; ERR_ITEM_CORRUPT, ERR_INVALID_CHECKSUM where the
	 * section is damaged; ERR_WRITE_FAILED, ERR_NO_SPACE, ERR_MEMORY when the section cannot take it,
	 * ERR_POISONED after a failure of its own; ERR_READ_ONLY; ERR_SECTION_PRUNED below the last
	 * prune, ERR_CLOSED after the end.
	 */
	append(section: Section, item: Item): Promise<ItemPlace> {
		try {
			const number = sectionNumber(section);
			const form = this.#form;
			return form.isMadeFirst
				? this.#appendOne(number, FRAMED_BYTES, form.bytesOf(item))
				: this.#appendOne(number, this.#framed, item);
		} catch (error) {
			return Promise.reject(error);
		}
	}

	/**
	 * Appends items, with none of another call between them. Resolves to where each begins. All are
	 * checked first. When this rejects, `size` tells how many bytes were taken.
	 *
	 * @throws {TypeError} for invalid items.
	 * @throws {RangeError} for invalid items.
	 * @throws {StorageError} ERR_ITEM_TOO_LARGE; ERR_ITEM_CORRUPT, ERR_INVALID_CHECKSUM where the
	 * section is damaged; ERR_WRITE_FAILED, ERR_NO_SPACE, ERR_MEMORY when the section cannot take it,
	 * ERR_POISONED after a failure of its own; ERR_READ_ONLY; ERR_SECTION_PRUNED below the last
	 * prune, ERR_CLOSED after the end.
	 */
	async appendMany(
		section: Section,
		items: readonly Item[],
	): Promise<number[]> {
		const number = sectionNumber(section);
		checkList("items", items);
		const bytes: Uint8Array[] = [];
		for (const item of items) {
			bytes.push(bytesOfItem(this.#form, item, this.#source.layout.sizeMax));
		}
		return this.#append(number, bytes);
	}

	/**
	 * The item at an offset that `append` or a replay gave; for other offsets the result is
	 * unspecified.
	 *
	 * @throws {StorageError} ERR_SECTION_OUT_OF_RANGE, ERR_ITEM_OUT_OF_RANGE past the end;
	 * ERR_ITEM_CORRUPT, ERR_ITEM_TOO_LARGE and ERR_BLOB_INSUFFICIENT_LENGTH for bytes that are no
	 * item; ERR_INVALID_CHECKSUM where a page is damaged, ERR_DECOMPRESSION where the item is no zstd
	 * frame, or one of too many bytes; ERR_CODEC when the codec rejects it; ERR_READ_FAILED,
	 * ERR_MEMORY; ERR_SECTION_PRUNED below the last prune, ERR_CLOSED after the end.
	 */
	get(section: Section, offset: number): Promise<Item> {
		try {
			const number = sectionNumber(section);
			checkWhole("an offset", offset);
			const item = this.#sections.tryUse(number)?.tryGet(offset);
			return item === undefined
				? this.#getWaiting(number, offset)
				: this.#pace.answer(this.#form.read(item, number, offset));
		} catch (error) {
			return Promise.reject(error);
		}
	}

	/**
	 * The items at some offsets, in their order. Those that need the host are read together.
	 *
	 * @throws {StorageError} as `get`, the first failure: ERR_SECTION_OUT_OF_RANGE,
	 * ERR_ITEM_OUT_OF_RANGE past the end; ERR_ITEM_CORRUPT, ERR_ITEM_TOO_LARGE and
	 * ERR_BLOB_INSUFFICIENT_LENGTH for bytes that are no item; ERR_INVALID_CHECKSUM where a page is
	 * damaged, ERR_DECOMPRESSION where an item is no zstd frame, or one of too many bytes; ERR_CODEC
	 * when the codec rejects it; ERR_READ_FAILED, ERR_MEMORY; ERR_SECTION_PRUNED below the last
	 * prune, ERR_CLOSED after the end.
	 */
	async getMany(section: Section, offsets: readonly number[]): Promise<Item[]> {
		const number = sectionNumber(section);
		checkList("offsets", offsets);
		for (const offset of offsets) {
			checkWhole("an offset", offset);
		}
		const items = await this.#sections.use(number, (open) =>
			open.getMany(offsets),
		);
		return this.#pace.map(items, (item, index) =>
			this.#form.read(item, number, offsets[index] ?? 0),
		);
	}

	/**
	 * As get, if that needs no I/O; else undefined.
	 *
	 * @throws {StorageError} as `get`, for an open section: ERR_ITEM_OUT_OF_RANGE past the end;
	 * ERR_ITEM_CORRUPT, ERR_ITEM_TOO_LARGE for bytes that are no item; ERR_DECOMPRESSION, ERR_CODEC;
	 * ERR_SECTION_PRUNED below the last prune, ERR_CLOSED after the end.
	 */
	tryGet(section: Section, offset: number): Item | undefined {
		const number = sectionNumber(section);
		checkWhole("an offset", offset);
		const open = this.#sections.tryUse(number);
		if (open === undefined) {
			this.#sections.refusePruned(number);
		}
		const item = open?.tryGet(offset);
		return item && this.#form.read(item, number, offset);
	}

	/**
	 * All items from a place on, in order. The first step rejects with ERR_ITEM_OUT_OF_RANGE for an
	 * offset past the end of section `from`.
	 *
	 * @throws {TypeError} for invalid options.
	 * @throws {RangeError} for values out of range.
	 */
	replay(options: ItemReplayOptions = {}): ItemReplay<Item> {
		return new ItemReplay(this.#sections, this.#form, options);
	}

	/**
	 * A section may end anywhere.
	 *
	 * @internal
	 */
	protected override checkRewind(): void {}

	async #getWaiting(section: bigint, offset: number): Promise<Item> {
		const item = await this.#sections.use(section, (open) => open.get(offset));
		return this.#form.read(item, section, offset);
	}

	#appendOne<T>(
		section: bigint,
		framed: FramedItems<T>,
		item: T,
	): Promise<ItemPlace> {
		const open = this.#sections.tryUseToAppend(section);
		const place = open?.tryAppend(framed, item);
		if (place !== undefined) {
			return Promise.resolve(place);
		}
		const { sizeMax } = this.#source.layout;
		const bytes = bytesOfItem(framed.form, item, sizeMax);
		return this.#appendWaiting(section, bytes);
	}

	async #appendWaiting(section: bigint, item: Uint8Array): Promise<ItemPlace> {
		const [offset = 0] = await this.#append(section, [item]);
		return { offset, size: item.length };
	}

	#append(section: bigint, items: readonly Uint8Array[]): Promise<number[]> {
		return this.#sections.appendBy(section, async (use) => {
			for (;;) {
				const offsets = await use((open) => open.append(items));
				if (offsets !== undefined) {
					return offsets;
				}
				await this.#cutTail(section);
			}
		});
	}

	/** Runs alone, as every cut: no other call runs on the section. */
	#cutTail(section: bigint): Promise<void> {
		const running = this.#cuts.get(section);
		if (running !== undefined) {
			return running;
		}
		const cut = this.#sections
			.change(async () => {
				if (this.#sections.has(section)) {
					await this.#sections.useWithin(section, (open) => open.cutTail());
				}
			})
			.finally(() => this.#cuts.delete(section));
		this.#cuts.set(section, cut);
		return cut;
	}
}
