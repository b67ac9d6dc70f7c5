import { newBytes } from "../bytes.ts";
import { kindOf } from "../checks.ts";
import type { FixedCodec } from "../codec/codec.ts";
import { Writer } from "../codec/writer.ts";
import type { ErrorPlace } from "../errors.ts";
import type { Awaitable } from "../turns/awaitable.ts";
import { Pace } from "../turns/pace.ts";
import { BytesForm, CodecForm, type Form } from "./form.ts";

/** Entries: `size` bytes each, or the values of a codec, which has a size too. */
export interface EntrySize {
	/**
	 * Bytes of each entry, from 1 to what a write buffer can hold: 2 MiB, or less with pages of a few
	 * bytes.
	 */
	readonly size: number;
}

/** The type of an entry of such a journal. */
export type EntryOf<E> = E extends FixedCodec<infer T> ? T : Uint8Array;
/** Several entries: bytes lie one after the other. */
export type EntriesOf<E> =
	E extends FixedCodec<infer T> ? readonly T[] : Uint8Array;

/** The form of entries, which all have one size, alone and together. */
export interface EntryForm<Entry, Entries> extends Form<Entry> {
	/**
	 * The bytes of entries, one after the other. Throws TypeError or RangeError for an invalid entry.
	 */
	bytesOfMany(entries: Entries): Uint8Array;
	/** The entries at these positions, whose bytes lie one after the other. Throws ERR_CODEC. */
	readMany(
		bytes: Uint8Array,
		section: bigint,
		positions: readonly number[],
	): Awaitable<Entries>;
}

/** A form of bytes, or of values if `entry` is a codec. */
export function entryForm(
	entry: EntrySize,
	partition: string,
): EntryForm<unknown, unknown> {
	return isCodec(entry)
		? new EncodedEntries(entry, partition)
		: new RawEntries(entry.size);
}

/** Throws TypeError for an invalid entry option. */
export function checkEntry(entry: unknown): void {
	if (typeof entry !== "object" || entry === null) {
		throw new TypeError(`entry is a codec or a { size }, not ${kindOf(entry)}`);
	}
}

function isCodec(entry: EntrySize): entry is FixedCodec<unknown> {
	return "write" in entry && "read" in entry;
}

class RawEntries
	extends BytesForm
	implements EntryForm<Uint8Array, Uint8Array>
{
	readonly #size: number;

	constructor(size: number) {
		super();
		this.#size = size;
	}

	override sizeOf(entry: Uint8Array): number {
		const size = super.sizeOf(entry);
		if (size !== this.#size) {
			throw new RangeError(`an entry has ${this.#size} bytes, not ${size}`);
		}
		return size;
	}

	override bytesOf(entry: Uint8Array): Uint8Array {
		this.sizeOf(entry);
		return entry;
	}

	bytesOfMany(entries: Uint8Array): Uint8Array {
		const size = super.sizeOf(entries);
		if (size % this.#size !== 0) {
			throw new RangeError(
				`entries of ${this.#size} bytes do not come to ${size}`,
			);
		}
		return entries;
	}

	readMany(bytes: Uint8Array): Uint8Array {
		return bytes;
	}
}

class EncodedEntries<T>
	extends CodecForm<T>
	implements EntryForm<T, readonly T[]>
{
	readonly #codec: FixedCodec<T>;

	constructor(codec: FixedCodec<T>, partition: string) {
		super(codec, partition);
		this.#codec = codec;
	}

	bytesOfMany(entries: readonly T[]): Uint8Array {
		if (!Array.isArray(entries)) {
			throw new TypeError("entries of a codec are an array");
		}
		const { size } = this.#codec;
		const bytes = newBytes(entries.length * size);
		const writer = new Writer(bytes);
		for (const [index, entry] of entries.entries()) {
			writer.fill(index * size, size, this.#codec, entry);
		}
		return bytes;
	}

	readMany(
		bytes: Uint8Array,
		section: bigint,
		positions: readonly number[],
	): Promise<readonly T[]> {
		const { size } = this.#codec;
		return new Pace().map(positions, (position, index) => {
			const entry = bytes.subarray(index * size, (index + 1) * size);
			return this.read(entry, section, position * size);
		});
	}

	protected override placeAt(offset: number): ErrorPlace {
		return { position: offset / this.#codec.size };
	}
}
