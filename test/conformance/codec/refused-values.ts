import { assert } from "chai";
import type { Codec } from "../../../src/codec/codec.ts";
import * as codec from "../../../src/codec/index.ts";
import { Writer } from "../../../src/codec/writer.ts";
import { filled } from "../../support/runs/bytes.ts";
import { assertRefuses, callUntyped } from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";

const { u8, u64 } = codec;
const WRONG = TypeError;
const OUTSIDE = RangeError;

/** Codecs with invalid values for them, and the errors. */
const REFUSED: readonly (readonly [
	name: string,
	codec: object,
	kind: typeof RangeError | typeof TypeError,
	values: readonly unknown[],
])[] = [
	["u8", u8, OUTSIDE, [-1, 256, 0.5, Number.NaN]],
	["u8", u8, WRONG, ["1", 1n, undefined, null, {}]],
	["u16", codec.u16, OUTSIDE, [-1, 0x10000]],
	["u32", codec.u32, OUTSIDE, [-1, 2 ** 32, Number.POSITIVE_INFINITY]],
	["u64", u64, OUTSIDE, [-1n, 2n ** 64n]],
	["u64", u64, WRONG, [1, "1", undefined]],
	["i8", codec.i8, OUTSIDE, [-129, 128]],
	["i16", codec.i16, OUTSIDE, [-32_769, 32_768]],
	["i32", codec.i32, OUTSIDE, [-(2 ** 31) - 1, 2 ** 31]],
	["i64", codec.i64, OUTSIDE, [-(2n ** 63n) - 1n, 2n ** 63n]],
	["f32", codec.f32, OUTSIDE, [1e39, -Number.MAX_VALUE]],
	["f32", codec.f32, WRONG, ["1", 1n]],
	["f64", codec.f64, WRONG, ["1", undefined]],
	["bool", codec.bool, WRONG, [0, 1, "true", undefined]],
	["uvarint16", codec.uvarint16, OUTSIDE, [-1, 0x10000]],
	["uvarint32", codec.uvarint32, OUTSIDE, [-1, 2 ** 32, 1.5]],
	["uvarint64", codec.uvarint64, OUTSIDE, [-1n, 2n ** 64n]],
	["uvarint64", codec.uvarint64, WRONG, [1]],
	["svarint16", codec.svarint16, OUTSIDE, [-32_769, 32_768]],
	["svarint32", codec.svarint32, OUTSIDE, [2 ** 31]],
	["svarint64", codec.svarint64, OUTSIDE, [2n ** 63n]],
	["fixed bytes", codec.fixedBytes(2), OUTSIDE, [new Uint8Array(3)]],
	["fixed bytes", codec.fixedBytes(2), WRONG, [[1, 2], "ab"]],
	["bytes", codec.bytes({ max: 2 }), OUTSIDE, [new Uint8Array(3)]],
	["bytes", codec.bytes({ min: 1, max: 2 }), OUTSIDE, [new Uint8Array()]],
	["bytes", codec.bytes(), WRONG, [[1], "ab", undefined]],
	["string", codec.string({ max: 2 }), OUTSIDE, ["abc", "€"]],
	["string", codec.string(), OUTSIDE, ["\ud800", "a\udc00", "\udc00\ud800"]],
	["string", codec.string(), WRONG, [1, undefined, ["a"]]],
	["array", codec.array(u8, { max: 1 }), OUTSIDE, [[1, 2], [256]]],
	["array", codec.array(u8, { max: 1 }), WRONG, [1, "a", { length: 0 }, ["a"]]],
	["option", codec.option(u8), OUTSIDE, [256]],
	["option", codec.option(u8), WRONG, [null, "1"]],
	["tuple", codec.tuple(u8, u8), OUTSIDE, [[1], [1, 2, 3], [1, 256]]],
	["tuple", codec.tuple(u8, u8), WRONG, [1, { 0: 1, 1: 1 }, [1, "1"]]],
	["struct", codec.struct({ a: u8, b: u64 }), OUTSIDE, [{ a: 256, b: 1n }]],
	["struct", codec.struct({ a: u8, b: u64 }), WRONG, [{ a: 1 }, null, 1]],
	["struct", codec.struct({ a: codec.bytes() }), WRONG, [{}, null, undefined]],
];

export function refusedValueRows({ test }: Suite): void {
	test("what is no value of a codec is a TypeError or RangeError, and leaves zeros where it was to lie", async () => {
		for (const [name, of, kind, values] of REFUSED) {
			for (const value of values) {
				await assertRefuses(kind, () =>
					callUntyped(codec, "encode", of, value),
				);
				const place = filled(16, 7);
				await assertRefuses(kind, () =>
					callUntyped(new Writer(place), "fill", 4, 8, of, value),
				);
				const left = [...filled(4, 7), ...new Uint8Array(8), ...filled(4, 7)];
				assert.deepEqual([...place], left, name);
			}
		}
	});

	test("a codec that writes more or fewer bytes than it says is refused, and writes nowhere else", async () => {
		for (const [said, written] of [
			[3, 4],
			[4, 3],
			[0, 1],
			[Number.NaN, 1],
		] as const) {
			const place = filled(12, 7);
			const of = liar(said, written);
			await assertRefuses(RangeError, () => codec.encode(of, 1));
			if (said >= 0) {
				const writer = new Writer(place);
				await assertRefuses(RangeError, () => writer.fill(4, said, of, 1));
				assert.deepEqual(
					[...place.subarray(4 + said)],
					[...filled(8 - said, 7)],
				);
			}
		}
	});

	test("a writer that a codec has kept writes nothing more", async () => {
		let kept: Writer | undefined;
		const of: Codec<number> = {
			sizeOf: () => 1,
			write(value, writer) {
				kept = writer;
				writer.u8(value);
			},
			read: (reader) => reader.u8(),
		};
		assert.deepEqual([...codec.encode(of, 9)], [9]);
		await assertRefuses(RangeError, () => kept?.u8(1));
		await assertRefuses(RangeError, () => kept?.utf8("a"));
	});

	test("what is no codec is refused when it is made", async () => {
		for (const size of [-1, 0.5, 2 ** 32]) {
			await assertRefuses(RangeError, () => codec.fixedBytes(size));
			await assertRefuses(RangeError, () => codec.bytes({ max: size }));
		}
		await assertRefuses(RangeError, () => codec.string({ min: 3, max: 2 }));
		await assertRefuses(TypeError, () =>
			callUntyped(codec, "array", u8, { min: 1 }),
		);
		for (const name of ["0", "17", "__proto__"]) {
			const fields = Object.fromEntries([[name, u8]]);
			await assertRefuses(RangeError, () => codec.struct(fields));
		}
	});
}

/** Declares so many bytes for a value, and writes others. */
function liar(said: number, written: number): Codec<number> {
	return {
		sizeOf: () => said,
		write(value, writer) {
			for (let count = 0; count < written; count += 1) {
				writer.u8(value);
			}
		},
		read: (reader) => reader.u8(),
	};
}
