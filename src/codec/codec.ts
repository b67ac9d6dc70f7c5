import { checkBytes, kindOf, ownBytes } from "../checks.ts";
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

/**
 * How values of a type become bytes and come back. Each value is to have one encoding: what `read`
 * takes, `write` writes again, byte for byte.
 */
export interface Codec<T> {
	/** Bytes of every value, where all have as many. */
	readonly size?: number | undefined;
	/**
	 * Bytes that `write` will write. Throws TypeError or RangeError for what is no value, as far as
	 * it has to look.
	 */
	sizeOf(value: T): number;
	/**
	 * Writes the value: as many bytes as `sizeOf` says. Throws TypeError or RangeError for what is no
	 * value; then nothing counts as written. Must not touch the journal that it writes for.
	 */
	write(value: T, writer: Writer): void;
	/**
	 * Takes a value's bytes and no more. Throws ERR_CODEC for bytes that are none; `reader.invalid`
	 * makes that error.
	 */
	read(reader: Reader): T;
}

/** A codec whose values all have the same number of bytes. */
export interface FixedCodec<T> extends Codec<T> {
	readonly size: number;
}

/** The type of a codec's values. */
export type Infer<C> = C extends Codec<infer T> ? T : never;

/** Throws TypeError for what cannot be a codec: `what` names it. */
export function checkCodec(what: string, codec: unknown): void {
	const { sizeOf, read, write }: Partial<Codec<unknown>> = Object(codec);
	if ([sizeOf, read, write].some((call) => typeof call !== "function")) {
		throw new TypeError(`${what} is a codec, not ${kindOf(codec)}`);
	}
}

/**
 * A value's bytes, in an array of its own.
 *
 * @throws {TypeError} for what is no value of the codec.
 * @throws {RangeError} likewise.
 */
export function encode<T>(codec: Codec<T>, value: T): Uint8Array<ArrayBuffer> {
	checkCodec("what a value is encoded with", codec);
	const bytes = new Uint8Array(codec.size ?? codec.sizeOf(value));
	new Writer(bytes).fill(0, bytes.length, codec, value);
	return bytes;
}

/**
 * The value that the bytes, all of them, are. Byte strings in it are views of them.
 *
 * @throws {TypeError} for no bytes.
 * @throws {StorageError} ERR_CODEC for bytes that are no value of the codec, or more than one.
 */
export function decode<T>(codec: Codec<T>, bytes: Uint8Array): T {
	checkCodec("what bytes are decoded with", codec);
	checkBytes(bytes);
	const reader = new Reader(ownBytes(bytes));
	const value = codec.read(reader);
	if (reader.remaining > 0) {
		throw reader.invalid("extra data", {
			expected: reader.offset,
			found: bytes.length,
		});
	}
	return value;
}
