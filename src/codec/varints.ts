import type { Codec } from "./codec.ts";
import { checkInteger, checkInteger64 } from "./ranges.ts";

export const uvarint16 = unsigned(16, 0xffff);
export const uvarint32 = unsigned(32, 0xffff_ffff);

export const uvarint64: Codec<bigint> = {
	sizeOf(value) {
		checkInteger64(value, false);
		return uvarintSize64(value);
	},
	write: (value, writer) => writer.uvarint64(value),
	read: (reader) => reader.uvarint64(),
};

/** Signed ones are zigzag: 0, -1, 1, -2, 2 are 0, 1, 2, 3, 4. */
export const svarint16 = signed(16, 0x7fff);
export const svarint32 = signed(32, 0x7fff_ffff);

export const svarint64: Codec<bigint> = {
	sizeOf(value) {
		checkInteger64(value, true);
		return uvarintSize64(zigzag64(value));
	},
	write(value, writer) {
		checkInteger64(value, true);
		writer.uvarint64(zigzag64(value));
	},
	read(reader) {
		const folded = reader.uvarint64();
		const half = folded >> 1n;
		return (folded & 1n) === 0n ? half : -half - 1n;
	},
};

/** Bytes of an unsigned varint of 32 bits at most. */
export function uvarintSize(value: number): number {
	// Seven bits a byte, at least one byte.
	return Math.floor((38 - Math.clz32(value | 1)) / 7);
}

function uvarintSize64(value: bigint): number {
	const high = value >> 28n;
	return high === 0n ? uvarintSize(Number(value)) : 4 + uvarintSize64(high);
}

function unsigned(bits: 16 | 32, max: number): Codec<number> {
	return {
		sizeOf(value) {
			checkInteger(value, 0, max);
			return uvarintSize(value);
		},
		write(value, writer) {
			checkInteger(value, 0, max);
			writer.uvarint(value);
		},
		read: (reader) => reader.uvarint(bits),
	};
}

function signed(bits: 16 | 32, max: number): Codec<number> {
	return {
		sizeOf(value) {
			checkInteger(value, -max - 1, max);
			return uvarintSize(zigzag(value));
		},
		write(value, writer) {
			checkInteger(value, -max - 1, max);
			writer.uvarint(zigzag(value));
		},
		read(reader) {
			const folded = reader.uvarint(bits);
			return (folded >>> 1) ^ -(folded & 1);
		},
	};
}

function zigzag(value: number): number {
	return ((value << 1) ^ (value >> 31)) >>> 0;
}

function zigzag64(value: bigint): bigint {
	return value < 0n ? -value * 2n - 1n : value * 2n;
}
