import { checkRange } from "../arguments.ts";
import type { Storage } from "../storage.ts";
import { Journal } from "./journal.ts";
import { type Section, sectionNumber } from "./section.ts";
import { foundSections } from "./section-partition.ts";
import { Sections } from "./sections.ts";
import { checkValue, type ValuePlace } from "./value.ts";
import { ValuePartition } from "./value-partition.ts";
import type { ValueSection } from "./value-section.ts";

export interface GlobOptions {
	readonly partition: string;
	/** Bytes held back for each open section before they are flushed; 64 KiB by default, 2 MiB at most. */
	readonly writeBuffer?: number;
}

/** Values of any size, each with its CRC-32C, found by a place that the caller keeps. (commonware's segmented `Glob`.) */
export class Glob extends Journal<ValueSection> {
	readonly #sections: Sections<ValueSection>;

	private constructor(
		{ storage, name }: ValuePartition,
		sections: Sections<ValueSection>,
	) {
		super(storage, sections, [name]);
		this.#sections = sections;
	}

	/**
	 * Lists the sections, and opens none. Throws ERR_CONFIG when dualslot.json knows the partition otherwise, ERR_INVALID_BLOB_NAME
	 * and ERR_PARTITION_CORRUPT for what is no section. Nothing is cut: nothing in a glob says where it should end.
	 */
	static async open(storage: Storage, options: GlobOptions): Promise<Glob> {
		const { partition, writeBuffer } = options;
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
		return new Glob(values, sections);
	}

	/**
	 * Resolves to where the value lies: at once unless the section is to be opened, or its write buffer is full. The bytes must not
	 * change until then. Throws ERR_VALUE_TOO_LARGE from 2^32 - 4 bytes on.
	 */
	append(section: Section, value: Uint8Array): Promise<ValuePlace> {
		try {
			const number = sectionNumber(section);
			checkValue(value);
			const place = this.#sections.tryUse(number)?.tryAppend(value);
			return place === undefined
				? this.#sections.useOrMake(number, (open) => open.append(value))
				: Promise.resolve(place);
		} catch (error) {
			return Promise.reject(error);
		}
	}

	/**
	 * The value at a place that append gave. Throws ERR_SECTION_OUT_OF_RANGE, ERR_BLOB_INSUFFICIENT_LENGTH for what cannot lie in
	 * the section, ERR_INVALID_CHECKSUM for what is no whole value.
	 */
	get(section: Section, offset: number, size: number): Promise<Uint8Array> {
		try {
			const number = sectionNumber(section);
			checkRange(offset, size);
			const value = this.#sections.tryUse(number)?.tryGet(offset, size);
			return value === undefined
				? this.#sections.use(number, (open) => open.get(offset, size))
				: Promise.resolve(value);
		} catch (error) {
			return Promise.reject(error);
		}
	}

	/** A glob may end anywhere. */
	protected override checkCut(): void {}
}
