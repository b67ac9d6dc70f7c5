import { checkRange } from "../arguments.ts";
import type { Codec } from "../codec/codec.ts";
import { type Form, formOf } from "../codec/form.ts";
import type { Storage } from "../storage.ts";
import { Journal } from "./journal.ts";
import { type Section, sectionNumber } from "./section.ts";
import { foundSections } from "./section-partition.ts";
import { Sections } from "./sections.ts";
import { bytesOfValue, type ValuePlace } from "./value.ts";
import { ValuePartition } from "./value-partition.ts";
import type { ValueSection } from "./value-section.ts";

export interface GlobOptions<Value = Uint8Array> {
	readonly partition: string;
	/** What a value is; bytes without it. */
	readonly value?: Codec<Value>;
	/** Bytes held back for each open section before they are flushed; 64 KiB by default, 2 MiB at most. */
	readonly writeBuffer?: number;
}

/** Values of any size, each with its CRC-32C, found by a place that the caller keeps. (commonware's segmented `Glob`.) */
export class Glob<Value = Uint8Array> extends Journal<ValueSection> {
	readonly #sections: Sections<ValueSection>;
	readonly #form: Form<Value>;

	private constructor(
		{ storage, name }: ValuePartition,
		sections: Sections<ValueSection>,
		form: Form<Value>,
	) {
		super(storage, sections, [name]);
		this.#sections = sections;
		this.#form = form;
	}

	/**
	 * Lists the sections, and opens none. Throws ERR_CONFIG when dualslot.json knows the partition otherwise, ERR_INVALID_BLOB_NAME
	 * and ERR_PARTITION_CORRUPT for what is no section. Nothing is cut: nothing in a glob says where it should end.
	 */
	static open<Value = Uint8Array>(
		storage: Storage,
		options: GlobOptions<Value>,
	): Promise<Glob<Value>>;
	static async open(
		storage: Storage,
		options: GlobOptions<unknown>,
	): Promise<Glob<unknown>> {
		const { partition, value, writeBuffer } = options;
		const values = new ValuePartition(storage, partition, writeBuffer, {
			kind: "glob",
		});
		const sections = new Sections(
			{
				storage,
				partition,
				open: (section, left) => values.open(section, left?.isDurable === true),
				remove: (section) => values.remove(section),
			},
			await foundSections(storage, partition),
		);
		return new Glob(values, sections, formOf(value, partition));
	}

	/**
	 * Resolves to where the value lies: at once unless the section is to be opened, or its write buffer is full. Bytes must not
	 * change until then; a codec's value is encoded when this is called. Throws ERR_VALUE_TOO_LARGE from 2^32 - 4 bytes on.
	 */
	append(section: Section, value: Value): Promise<ValuePlace> {
		try {
			const number = sectionNumber(section);
			const form = this.#form;
			const place = this.#sections.tryUse(number)?.tryAppend(form, value);
			if (place !== undefined) {
				return Promise.resolve(place);
			}
			const bytes = bytesOfValue(form, value);
			return this.#sections.useOrMake(number, (open) => open.append(bytes));
		} catch (error) {
			return Promise.reject(error);
		}
	}

	/**
	 * The value at a place that append gave. Throws ERR_SECTION_OUT_OF_RANGE, ERR_BLOB_INSUFFICIENT_LENGTH for what cannot lie in
	 * the section, ERR_INVALID_CHECKSUM for what is no whole value, ERR_CODEC for one that is none of the codec's.
	 */
	async get(section: Section, offset: number, size: number): Promise<Value> {
		const number = sectionNumber(section);
		checkRange(offset, size);
		const bytes =
			this.#sections.tryUse(number)?.tryGet(offset, size) ??
			(await this.#sections.use(number, (open) => open.get(offset, size)));
		return this.#form.read(bytes, number, offset);
	}

	/** A glob may end anywhere. */
	protected override checkCut(): void {}
}
