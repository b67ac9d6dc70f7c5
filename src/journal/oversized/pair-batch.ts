import type { Form } from "../../forms/form.ts";
import type { ReadValues } from "./oversized-section.ts";

/** Entries with their values that a replay has read together, in order. */
export class PairBatch<Value = Uint8Array> {
	/** The section's number. */
	readonly section: bigint;
	/** Of the first entry. */
	readonly position: number;
	/** The entries' bytes, one after the other. They belong to the caller. */
	readonly entries: Uint8Array;
	readonly #values: ReadValues;
	readonly #form: Form<Value>;

	/** @internal */
	constructor(
		section: bigint,
		position: number,
		entries: Uint8Array,
		values: ReadValues,
		form: Form<Value>,
	) {
		this.section = section;
		this.position = position;
		this.entries = entries;
		this.#values = values;
		this.#form = form;
	}

	/** How many entries there are, each with its value. */
	get length(): number {
		return this.#values.length;
	}

	/**
	 * The value of the entry at an index, from 0 on. Bytes belong to the caller, and are a part of
	 * the block of 128 KiB, or what `buffer` says, that the batch was read in: a value that is kept
	 * keeps all of it.
	 *
	 * @throws {RangeError} for no index.
	 * @throws {StorageError} ERR_DECOMPRESSION for no zstd frame, or one of too many bytes, ERR_CODEC
	 * when the codec rejects the value.
	 */
	value(index: number): Value {
		const value = this.#values[index];
		if (value === undefined) {
			throw new RangeError(`an index is 0 to ${this.length - 1}, not ${index}`);
		}
		return this.#form.read(value.bytes, this.section, value.offset);
	}
}
