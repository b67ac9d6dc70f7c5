import { checkOptions, checkRange } from "../../checks.ts";
import type { Codec } from "../../codec/codec.ts";
import { compressionConfig, packedForm } from "../../compression/options.ts";
import { BYTES_FORM, type Form } from "../../forms/form.ts";
import type { ObserverOptions } from "../../host/observer.ts";
import { contextOf, type Storage } from "../../storage/storage.ts";
import { Pace } from "../../turns/pace.ts";
import { Journal } from "../journal.ts";
import { journalOwner } from "../journal-owner.ts";
import { type Section, sectionNumber } from "../section.ts";
import { foundSections } from "../section-blobs.ts";
import { Sections } from "../section-manager.ts";
import {
	bytesOfValue,
	type ValuePlace,
	valueSizeMax,
	valueTooLarge,
} from "./value.ts";
import { ValuePartition } from "./value-partition.ts";
import type { ValueSection } from "./value-section.ts";

export interface GlobOptions<Value = Uint8Array> extends ObserverOptions {
	/** The partition that has the values' sections, and nothing else. */
	readonly partition: string;
	/** The value codec; bytes without one. */
	readonly value?: Codec<Value>;
	/**
	 * Compresses each value to a zstd frame of level 1 to 22, or 0 for zstd's default, 3. Whether a
	 * partition is compressed is fixed.
	 */
	readonly compression?: number;
	/** The most bytes of a compressed value, before compression and when read: 16 MiB by default. */
	readonly maxValueSize?: number;
	/**
	 * Bytes held back for each open section before they are flushed; 64 KiB by default, 2 MiB at
	 * most.
	 */
	readonly writeBuffer?: number;
}

/**
 * Values of any size, each with its CRC-32C, found by a place that the caller keeps. (commonware's
 * segmented `Glob`.)
 */
export class Glob<Value = Uint8Array> extends Journal {
	readonly #sections: Sections<ValueSection>;
	readonly #form: Form<Value>;
	readonly #pace = new Pace();

	private constructor(
		{ name }: ValuePartition,
		sections: Sections<ValueSection>,
		form: Form<Value>,
	) {
		super(sections, [name]);
		this.#sections = sections;
		this.#form = form;
	}

	/**
	 * Lists the sections, but opens none. Nothing is cut: nothing in a glob says where it should end.
	 *
	 * @throws {TypeError} for invalid options.
	 * @throws {RangeError} for values out of range.
	 * @throws {StorageError} ERR_CONFIG when dualslot.json records the partition differently,
	 * ERR_IN_USE while another owns it, ERR_INVALID_BLOB_NAME and ERR_PARTITION_CORRUPT for a foreign
	 * file; ERR_ZSTD_MISSING where compression finds no zstd; ERR_READ_FAILED, ERR_CLOSED.
	 */
	static open<Value = Uint8Array>(
		storage: Storage,
		options: GlobOptions<Value>,
	): Promise<Glob<Value>>;
	static async open(
		storage: Storage,
		options: GlobOptions<unknown>,
	): Promise<Glob<unknown>> {
		checkOptions(options);
		const { partition, value, compression, writeBuffer } = options;
		const sizeMax = valueSizeMax(options.maxValueSize, compression);
		const context = contextOf(storage);
		const owner = journalOwner(context, "a Glob", [partition], options);
		const place = { storage: context, owner, name: partition };
		const values = new ValuePartition(place, writeBuffer, {
			kind: "glob",
			...compressionConfig(compression),
		});
		return context.owners.opening(owner, async () => {
			const form = await packedForm(context, {
				partition,
				codec: value,
				compression,
				isBare: true,
				sizeMax,
				tooLarge: valueTooLarge,
			});
			const sections = new Sections(
				{
					storage: context,
					owner,
					partition,
					bufferBytes: values.bufferBytes,
					open: (section, left) =>
						values.open(section, left?.isDurable === true),
					judge: async () => undefined,
					remove: (section) => values.remove(section),
				},
				await foundSections(context, partition),
			);
			return new Glob(values, sections, form);
		});
	}

	/**
	 * Resolves to the value's place, at once unless the section must be opened or its write buffer is
	 * full. Bytes must not change until then; a codec encodes during this call.
	 *
	 * @throws {TypeError} for an invalid value.
	 * @throws {RangeError} for an invalid value.
	 * @throws {StorageError} ERR_VALUE_TOO_LARGE from 2^32 - 4 bytes on; ERR_WRITE_FAILED,
	 * ERR_NO_SPACE, ERR_MEMORY when the section cannot take it, ERR_POISONED after a failure of its
	 * own; ERR_READ_ONLY; ERR_SECTION_PRUNED below the last prune, ERR_CLOSED after the end.
	 */
	append(section: Section, value: Value): Promise<ValuePlace> {
		try {
			const number = sectionNumber(section);
			const form = this.#form;
			return form.isMadeFirst
				? this.#append(number, BYTES_FORM, form.bytesOf(value))
				: this.#append(number, form, value);
		} catch (error) {
			return Promise.reject(error);
		}
	}

	/**
	 * The value at a place that `append` gave.
	 *
	 * @throws {StorageError} ERR_SECTION_OUT_OF_RANGE, ERR_BLOB_INSUFFICIENT_LENGTH for a place
	 * outside the section, ERR_INVALID_CHECKSUM where no whole value lies, ERR_DECOMPRESSION for no
	 * zstd frame, or one of too many bytes, ERR_CODEC when the codec rejects the value;
	 * ERR_READ_FAILED, ERR_MEMORY; ERR_SECTION_PRUNED below the last prune, ERR_CLOSED after the end.
	 */
	async get(section: Section, offset: number, size: number): Promise<Value> {
		const number = sectionNumber(section);
		checkRange(offset, size);
		const bytes =
			this.#sections.tryUse(number)?.tryGet(offset, size) ??
			(await this.#sections.use(number, (open) => open.get(offset, size)));
		const turn = this.#pace.step();
		if (turn !== undefined) {
			await turn;
		}
		return this.#form.read(bytes, number, offset);
	}

	/**
	 * A glob may end anywhere.
	 *
	 * @internal
	 */
	protected override checkRewind(): void {}

	#append<T>(section: bigint, form: Form<T>, value: T): Promise<ValuePlace> {
		const place = this.#sections
			.tryUseToAppend(section)
			?.tryAppend(form, value);
		if (place !== undefined) {
			return Promise.resolve(place);
		}
		const bytes = bytesOfValue(form, value);
		return this.#sections.append(section, (open) => open.append(bytes));
	}
}
