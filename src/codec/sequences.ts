import { checkBytes, kindOf } from "../checks.ts";
import { type Codec, checkCodec, type FixedCodec } from "./codec.ts";
import {
	checkInteger,
	checkLength,
	type LengthRange,
	lengthRange,
} from "./ranges.ts";
import type { Reader } from "./reader.ts";
import { utf8Length } from "./utf8.ts";
import { uvarintSize } from "./varints.ts";

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const ANY_LENGTH = { max: 2 ** 32 - 1 };

/**
 * `size` bytes, without a length. Bytes read are a view of their source.
 *
 * @throws {RangeError} for an invalid size.
 */
export function fixedBytes(size: number): FixedCodec<Uint8Array> {
	checkInteger(size, 0, ANY_LENGTH.max);
	return {
		size,
		sizeOf: () => size,
		write(value, writer) {
			checkBytes(value);
			checkLength(value.length, { min: size, max: size });
			writer.bytes(value);
		},
		read: (reader) => reader.bytes(size),
	};
}

/**
 * A length, as a varint, then as many bytes. Bytes read are a view of their source.
 *
 * @throws {RangeError} for an invalid range.
 * @throws {TypeError} for an invalid range.
 */
export function bytes(range: LengthRange = ANY_LENGTH): Codec<Uint8Array> {
	const allowed = lengthRange(range);
	return {
		sizeOf(value) {
			checkBytes(value);
			checkLength(value.length, allowed);
			return uvarintSize(value.length) + value.length;
		},
		write(value, writer) {
			checkBytes(value);
			checkLength(value.length, allowed);
			writer.uvarint(value.length);
			writer.bytes(value);
		},
		read: (reader) => reader.bytes(readLength(reader, allowed)),
	};
}

/**
 * UTF-8 behind its length in bytes, to which the range applies.
 *
 * @throws {RangeError} for an invalid range.
 * @throws {TypeError} for no range.
 */
export function string(range: LengthRange = ANY_LENGTH): Codec<string> {
	const allowed = lengthRange(range);
	return {
		sizeOf(value) {
			const length = utf8Length(value);
			checkLength(length, allowed);
			return uvarintSize(length) + length;
		},
		write(value, writer) {
			const length = utf8Length(value);
			checkLength(length, allowed);
			writer.uvarint(length);
			writer.utf8(value);
		},
		read: (reader) => readUtf8(reader, readLength(reader, allowed)),
	};
}

/**
 * A count, as a varint, then as many items.
 *
 * @throws {RangeError} for an invalid range.
 * @throws {TypeError} for no range.
 */
export function array<T>(
	item: Codec<T>,
	range: LengthRange,
): Codec<readonly T[]> {
	checkCodec("an item", item);
	const allowed = lengthRange(range);
	return {
		sizeOf(items) {
			checkItems(items, allowed);
			let size = uvarintSize(items.length);
			for (const value of items) {
				size += item.sizeOf(value);
			}
			return size;
		},
		write(items, writer) {
			checkItems(items, allowed);
			writer.uvarint(items.length);
			for (const value of items) {
				item.write(value, writer);
			}
		},
		read(reader) {
			const count = readLength(reader, allowed);
			const items: T[] = [];
			while (items.length < count) {
				items.push(item.read(reader));
			}
			return items;
		},
	};
}

function checkItems(
	items: readonly unknown[],
	allowed: Required<LengthRange>,
): void {
	if (!Array.isArray(items)) {
		throw new TypeError(`an array was expected, not ${kindOf(items)}`);
	}
	checkLength(items.length, allowed);
}

function readLength(
	reader: Reader,
	{ min, max }: Required<LengthRange>,
): number {
	const { offset } = reader;
	const length = reader.uvarint(32);
	if (length < min || length > max) {
		const expected = `${min} to ${max}`;
		throw reader.invalid("invalid length", { expected, found: length }, offset);
	}
	return length;
}

function readUtf8(reader: Reader, length: number): string {
	const { offset } = reader;
	const encoded = reader.bytes(length);
	try {
		return UTF8.decode(encoded);
	} catch {
		throw reader.invalid("invalid string", { expected: "UTF-8" }, offset);
	}
}
