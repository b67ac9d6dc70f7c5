import { assert } from "chai";
import type { Codec } from "../../../src/codec/codec.ts";
import * as codec from "../../../src/codec/index.ts";
import { fromHex, toHex } from "../../support/runs/bytes.ts";
import type { Suite } from "../../support/runs/suite.ts";

/** A row for each value: the value's bytes, in both directions. */
interface Vectors<T> {
	readonly name: string;
	readonly codec: Codec<T>;
	readonly rows: readonly (readonly [value: T, bytes: string])[];
}

const { u8, u16, u32, u64, option, struct, tuple } = codec;

export function encodingRows({ test }: Suite): void {
	const vectors = <T>({ name, codec: of, rows }: Vectors<T>) =>
		test(name, () => {
			for (const [value, bytes] of rows) {
				const encoded = codec.encode(of, value);
				assert.equal(toHex(encoded), bytes.replaceAll(" ", ""));
				assert.equal(of.sizeOf(value), encoded.length);
				assert.equal(of.size ?? encoded.length, encoded.length);
				assert.deepEqual(codec.decode(of, fromHex(bytes)), value);
			}
		});
	numberVectors(vectors);
	varintVectors(vectors);
	sequenceVectors(vectors);
	recordVectors(vectors);
}

type Check = <T>(vectors: Vectors<T>) => void;

function numberVectors(vectors: Check): void {
	vectors({
		name: "unsigned numbers are big-endian, and as wide as their type",
		codec: tuple(u8, u16, u32, u64),
		rows: [
			[[0, 0, 0, 0n], "00 0000 00000000 0000000000000000"],
			[[1, 2, 3, 4n], "01 0002 00000003 0000000000000004"],
			[
				[0xff, 0xffff, 0xffff_ffff, 2n ** 64n - 1n],
				"ff ffff ffffffff ffffffffffffffff",
			],
		],
	});
	vectors({
		name: "signed numbers are in two's complement, big-endian",
		codec: tuple(codec.i8, codec.i16, codec.i32, codec.i64),
		rows: [
			[[-1, -2, -3, -4n], "ff fffe fffffffd fffffffffffffffc"],
			[
				[-0x80, -0x8000, -0x8000_0000, -(2n ** 63n)],
				"80 8000 80000000 8000000000000000",
			],
			[
				[0x7f, 0x7fff, 0x7fff_ffff, 2n ** 63n - 1n],
				"7f 7fff 7fffffff 7fffffffffffffff",
			],
		],
	});
	vectors({
		name: "floats are their IEEE bits, big-endian",
		codec: tuple(codec.f32, codec.f64),
		rows: [
			[[1, 1], "3f800000 3ff0000000000000"],
			[[-0.5, Number.MIN_VALUE], "bf000000 0000000000000001"],
			[[-0, Number.POSITIVE_INFINITY], "80000000 7ff0000000000000"],
			[[Number.NaN, Number.NaN], "7fc00000 7ff8000000000000"],
		],
	});
	vectors({
		name: "a bool is a byte, 0 or 1",
		codec: codec.bool,
		rows: [
			[false, "00"],
			[true, "01"],
		],
	});
}

function varintVectors(vectors: Check): void {
	vectors({
		name: "a varint has seven bits a byte, the lowest first",
		codec: codec.uvarint32,
		rows: [
			[0, "00"],
			[1, "01"],
			[127, "7f"],
			[128, "8001"],
			[300, "ac02"],
			[16383, "ff7f"],
			[16384, "808001"],
			[2_097_151, "ffff7f"],
			[2_097_152, "80808001"],
			[2 ** 32 - 1, "ffffffff0f"],
		],
	});
	vectors({
		name: "a varint of 16 bits has three bytes at most, and one of 64 bits ten",
		codec: tuple(codec.uvarint16, codec.uvarint64),
		rows: [
			[[0xffff, 2n ** 64n - 1n], "ffff03 ffffffffffffffffff01"],
			[[300, 300n], "ac02 ac02"],
			[[0, 2n ** 49n], "00 8080808080808001"],
			[[1, 2n ** 32n], "01 8080808010"],
			[[1, 2n ** 63n], "01 80808080808080808001"],
		],
	});
	vectors({
		name: "a signed varint goes zigzag away from zero",
		codec: tuple(codec.svarint16, codec.svarint32, codec.svarint64),
		rows: [
			[[0, 0, 0n], "00 00 00"],
			[[-1, -1, -1n], "01 01 01"],
			[[1, 1, 1n], "02 02 02"],
			[[-64, 64, -65n], "7f 8001 8101"],
			[
				[0x7fff, 0x7fff_ffff, 2n ** 63n - 1n],
				"feff03 feffffff0f feffffffffffffffff01",
			],
			[
				[-0x8000, -0x8000_0000, -(2n ** 63n)],
				"ffff03 ffffffff0f ffffffffffffffffff01",
			],
		],
	});
}

function sequenceVectors(vectors: Check): void {
	vectors({
		name: "fixed bytes have no length before them, other bytes have theirs as a varint",
		codec: tuple(codec.fixedBytes(2), codec.bytes({ max: 200 })),
		rows: [
			[[Uint8Array.of(1, 2), Uint8Array.of(3)], "0102 01 03"],
			[[Uint8Array.of(1, 2), new Uint8Array()], "0102 00"],
			[
				[Uint8Array.of(0, 0), new Uint8Array(200).fill(9)],
				`0000 c801 ${"09".repeat(200)}`,
			],
		],
	});
	vectors({
		name: "a string is UTF-8 behind its length in bytes",
		codec: codec.string(),
		rows: [
			["", "00"],
			["abc", "03 616263"],
			["ä€😀", "09 c3a4 e282ac f09f9880"],
			["\ufeffa\0", "05 efbbbf 61 00"],
		],
	});
	vectors({
		name: "an array is a count, as a varint, and its items",
		codec: codec.array(u16, { max: 300 }),
		rows: [
			[[], "00"],
			[[1, 2], "02 0001 0002"],
			[Array(300).fill(7), `ac02 ${"0007".repeat(300)}`],
		],
	});
}

function recordVectors(vectors: Check): void {
	vectors({
		name: "an option is a bool, and the value if there is one",
		codec: option(u16),
		rows: [
			[undefined, "00"],
			[0, "01 0000"],
			[513, "01 0201"],
		],
	});
	vectors({
		name: "a struct is its fields in order, without padding: commonware's record of a value",
		codec: struct({ id: u64, offset: u64, size: u32 }),
		rows: [
			[
				{ id: 7n, offset: 0n, size: 20 },
				"0000000000000007 0000000000000000 00000014",
			],
			[
				{ id: 2n ** 64n - 1n, offset: 258n, size: 2 ** 32 - 1 },
				"ffffffffffffffff 0000000000000102 ffffffff",
			],
		],
	});
	vectors({
		name: "structs, tuples, arrays and options nest",
		codec: struct({
			tag: u8,
			inner: codec.array(
				struct({ at: tuple(u8, u8), name: option(codec.string({ max: 3 })) }),
				{ max: 3 },
			),
		}),
		rows: [
			[{ tag: 1, inner: [] }, "01 00"],
			[
				{
					tag: 2,
					inner: [
						{ at: [3, 4], name: undefined },
						{ at: [5, 6], name: "ab" },
					],
				},
				"02 02 0304 00 0506 01 02 6162",
			],
		],
	});
}
