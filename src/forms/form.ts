import { checkBytes } from "../checks.ts";
import { type Codec, checkCodec, decode, encode } from "../codec/codec.ts";
import { Writer } from "../codec/writer.ts";
import type { Core } from "../core/core.ts";
import { type ErrorPlace, isStorageError, StorageError } from "../errors.ts";

/**
 * In which form values are handed to a journal and handed out: as bytes, or as the values of a
 * codec.
 */
export interface Form<T> {
	/**
	 * Whether its size is known only when its bytes are: then those are made first, and handed on in
	 * their place.
	 */
	readonly isMadeFirst: boolean;
	/**
	 * Bytes that the value takes. Throws TypeError or RangeError for what is no value, as far as it
	 * has to look.
	 */
	sizeOf(value: T): number;
	/**
	 * The value's bytes: bytes themselves, and no copy; of all else an array of its own. Throws as
	 * `put`.
	 */
	bytesOf(value: T): Uint8Array;
	/**
	 * Writes the value, of `size` bytes, where it is to lie. Throws TypeError or RangeError for what
	 * is no value.
	 */
	put(core: Core, address: number, size: number, value: T): void;
	/**
	 * The value whose bytes lie at an offset of a section. Throws ERR_CODEC, ERR_DECOMPRESSION with
	 * that place.
	 */
	read(bytes: Uint8Array, section: bigint, offset: number): T;
	/** The value's bytes, as those are that it is given as; throws as `read`, but for ERR_CODEC. */
	contentOf(bytes: Uint8Array, section: bigint, offset: number): Uint8Array;
}

/**
 * One for each linear memory: it fills one value at a time, and refuses a codec that appends while
 * it writes.
 */
const WRITERS = new WeakMap<Core, Writer>();

/**
 * The form of values: bytes, unless there is a codec. `isBare` where nothing but its bytes lies at
 * a value's offset.
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

/** The form of bytes. It knows nothing of any journal, so there is one. */
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

	/** What more is said of the place of a value that lies at an offset of its section. */
	protected placeAt(_offset: number): ErrorPlace {
		return {};
	}

	/**
	 * Counts the place of bad bytes from the start of the section, where it is known; else it is that
	 * of the value.
	 */
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
