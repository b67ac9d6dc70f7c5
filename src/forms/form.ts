import { checkBytes } from "../checks.ts";
import { type Codec, checkCodec, decode, encode } from "../codec/codec.ts";
import { Writer } from "../codec/writer.ts";
import type { Core } from "../core/core.ts";
import { type ErrorPlace, isStorageError, StorageError } from "../errors.ts";

/** The form in which a journal takes and gives out values: as bytes, or as values of a codec. */
export interface Form<T> {
	/**
	 * Whether a value's size is known only from its bytes. Then the bytes are made first, and passed
	 * on instead.
	 */
	readonly isMadeFirst: boolean;
	/**
	 * Bytes that the value takes. Throws TypeError or RangeError for an invalid value, as far as it
	 * checks.
	 */
	sizeOf(value: T): number;
	/**
	 * The value's bytes. For bytes this is the value itself, not a copy; else a new array. Throws as
	 * `put`.
	 */
	bytesOf(value: T): Uint8Array;
	/**
	 * Writes the value, of `size` bytes, at `address`. Throws TypeError or RangeError for an invalid
	 * value.
	 */
	put(core: Core, address: number, size: number, value: T): void;
	/**
	 * The value whose bytes lie at an offset of a section. Throws ERR_CODEC, ERR_DECOMPRESSION with
	 * that place.
	 */
	read(bytes: Uint8Array, section: bigint, offset: number): T;
	/** The value's uncompressed bytes, not yet decoded. Throws as `read`, except ERR_CODEC. */
	contentOf(bytes: Uint8Array, section: bigint, offset: number): Uint8Array;
}

/**
 * One per linear memory: a writer fills one value at a time, and refuses a codec that appends
 * meanwhile.
 */
const WRITERS = new WeakMap<Core, Writer>();

/**
 * The form of values: bytes, unless there is a codec. `isBare`: only the value's bytes lie at its
 * offset.
 */
export function formOf<T>(
	codec: Codec<T> | undefined,
	partition: string,
	isBare = true,
): Form<unknown> {
	if (codec === undefined) {
		return BYTES_FORM;
	}
	checkCodec("what a value is", codec);
	return new CodecForm(codec, partition, isBare);
}

export class BytesForm implements Form<Uint8Array> {
	readonly isMadeFirst = false;

	sizeOf(value: Uint8Array): number {
		checkBytes(value);
		return value.length;
	}

	bytesOf(value: Uint8Array): Uint8Array {
		checkBytes(value);
		return value;
	}

	put(core: Core, address: number, _size: number, value: Uint8Array): void {
		core.write(address, value);
	}

	read(bytes: Uint8Array): Uint8Array {
		return bytes;
	}

	contentOf(bytes: Uint8Array): Uint8Array {
		return bytes;
	}
}

/** The form of bytes. It has no state, so all journals share one. */
export const BYTES_FORM: Form<Uint8Array> = new BytesForm();

export class CodecForm<T> implements Form<T> {
	readonly isMadeFirst = false;
	readonly #codec: Codec<T>;
	readonly #partition: string;
	readonly #isBare: boolean;

	constructor(codec: Codec<T>, partition: string, isBare = true) {
		this.#codec = codec;
		this.#partition = partition;
		this.#isBare = isBare;
	}

	sizeOf(value: T): number {
		return this.#codec.size ?? this.#codec.sizeOf(value);
	}

	bytesOf(value: T): Uint8Array {
		return encode(this.#codec, value);
	}

	put(core: Core, address: number, size: number, value: T): void {
		writerIn(core).fill(address, size, this.#codec, value);
	}

	read(bytes: Uint8Array, section: bigint, offset: number): T {
		try {
			return decode(this.#codec, bytes);
		} catch (error) {
			throw this.#placed(error, section, offset);
		}
	}

	contentOf(bytes: Uint8Array): Uint8Array {
		return bytes;
	}

	/** More error details for a value at an offset of its section. */
	protected placeAt(_offset: number): ErrorPlace {
		return {};
	}

	/** Gives the offset of bad bytes in the section if it is known, else that of the value. */
	#placed(error: unknown, section: bigint, start: number): unknown {
		if (!isStorageError(error)) {
			return error;
		}
		const { code, message, place } = error;
		const partition = this.#partition;
		const offset = start + (this.#isBare ? (place.offset ?? 0) : 0);
		return new StorageError(
			code,
			`${message} of the value at ${start} of section ${section} of ${partition}`,
			{ ...place, ...this.placeAt(start), partition, section, offset },
			error,
		);
	}
}

function writerIn(core: Core): Writer {
	let writer = WRITERS.get(core);
	if (writer === undefined) {
		writer = new Writer(core.bytes(0, core.memoryBytes));
		WRITERS.set(core, writer);
	}
	return writer;
}
