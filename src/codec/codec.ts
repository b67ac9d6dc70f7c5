import { checkBytes, kindOf, ownBytes } from "../checks.ts";
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

/**
 * Encodes values of a type as bytes, and decodes them. Each value must have one encoding: bytes
 * that `read` takes, `write` writes again exactly.
 */
export interface Codec<T> {
	/** Bytes of each value, if all have the same size. */
	readonly size?: number | undefined;
	/**
	 * How many bytes `write` will write. Throws TypeError or RangeError for an invalid value, as far
	 * as it checks.
	 */
	sizeOf(value: T): number;
	/**
	 * Writes the value, in as many bytes as `sizeOf` says. Throws TypeError or RangeError for an
	 * invalid value; then nothing counts as written. Must not touch the journal that it writes for.
	 */
	write(value: T, writer: Writer): void;
	/**
	 * Reads a value's bytes and no more. Throws ERR_CODEC for invalid bytes; `reader.invalid` makes
	 * that error.
	 */
	read(reader: Reader): T;
}

/** A codec whose values all have the same number of bytes. */
export interface FixedCodec<T> extends Codec<T> {
	readonly size: number;
}

/** The type of a codec's values. */
export type Infer<C> = C extends Codec<infer T> ? T : never;

/** Throws TypeError for no codec; `what` names the argument. */
export function checkCodec(what: string, codec: unknown): void {
	const { sizeOf, read, write }: Partial<Codec<unknown>> = Object(codec);
	if ([sizeOf, read, write].some((call) => typeof call !== "function")) {
		throw new TypeError(`${what} is a codec, not ${kindOf(codec)}`);
	}
}

/**
 * A value's bytes, in an array of its own.
 *
 * @throws {TypeError} for an invalid value.
 * @throws {RangeError} for an invalid value.
 */
export function encode<T>(codec: Codec<T>, value: T): Uint8Array<ArrayBuffer> {
	checkCodec("what a value is encoded with", codec);
	const bytes = new Uint8Array(codec.size ?? codec.sizeOf(value));
	new Writer(bytes).fill(0, bytes.length, codec, value);
	return bytes;
}

/**
 * Decodes all of the bytes as one value. Byte strings in it are views of them.
 *
 * @throws {TypeError} for no Uint8Array.
 * @throws {StorageError} ERR_CODEC unless the bytes are exactly one value.
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
