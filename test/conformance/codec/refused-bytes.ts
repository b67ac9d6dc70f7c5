import { assert } from "chai";
import type { Codec } from "../../../src/codec/codec.ts";
import * as codec from "../../../src/codec/index.ts";
import { Reader } from "../../../src/codec/reader.ts";
import type { ErrorPlace } from "../../../src/errors.ts";
import { fromHex } from "../../support/runs/bytes.ts";
import { assertFails } from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";

const { u8, u16, u32 } = codec;

export function refusedByteRows({ test }: Suite): void {
	test("a varint that is not the shortest, or has bits beyond its type, is refused at the byte that is wrong", async () => {
		for (const [of, bytes, offset] of [
			[codec.uvarint32, "ffffffff1f", 4],
			[codec.uvarint32, "8080808080", 4],
			[codec.uvarint32, "8000", 1],
			[codec.uvarint32, "ff8000", 2],
			[codec.uvarint16, "ffff04", 2],
			[codec.uvarint16, "ffff83", 2],
			[codec.svarint16, "ffff04", 2],
			[codec.svarint32, "ffffffff10", 4],
		] as const) {
			await assertRefused(of, bytes, "invalid varint", { offset });
		}
		for (const [bytes, offset] of [
			["ff00", 1],
			["80808080808080808002", 9],
			["ffffffffffffffffff81", 9],
		] as const) {
			const place = { offset };
			await assertRefused(codec.uvarint64, bytes, "invalid varint", place);
			await assertRefused(codec.svarint64, bytes, "invalid varint", place);
		}
	});

	test("bytes that end within a value are refused, and it is said how many are missing", async () => {
		const record = codec.struct({ id: codec.u64, size: u32 });
		for (const [of, bytes, place] of [
			[u8, "", { offset: 0, expected: 1, found: 0 }],
			[u32, "010203", { offset: 0, expected: 4, found: 3 }],
			[codec.uvarint32, "80", { offset: 1, expected: 1, found: 0 }],
			[record, "00".repeat(10), { offset: 8, expected: 4, found: 2 }],
			[codec.fixedBytes(3), "0102", { offset: 0, expected: 3, found: 2 }],
			[codec.bytes(), "030102", { offset: 1, expected: 3, found: 2 }],
			[codec.string(), "0361", { offset: 1, expected: 3, found: 1 }],
			[codec.option(u8), "01", { offset: 1, expected: 1, found: 0 }],
		] as const) {
			await assertRefused<unknown>(of, bytes, "end of buffer", place);
		}
	});

	test("what is left over is refused by decode, and left by read", async () => {
		const bytes = fromHex("0001020304");
		const place = { offset: 2, expected: 2, found: 5 };
		await assertRefused(u16, "0001020304", "extra data", place);
		const reader = new Reader(bytes);
		assert.equal(u16.read(reader), 1);
		assert.include(reader, { offset: 2, remaining: 3 });
	});

	test("a bool other than 0 and 1 is refused, and so is an option's", async () => {
		for (const found of [2, 0x80, 0xff]) {
			const bytes = found.toString(16).padStart(2, "0");
			const place = { offset: 0, found };
			await assertRefused(codec.bool, bytes, "invalid bool", place);
			await assertRefused(
				codec.option(u8),
				`${bytes}00`,
				"invalid bool",
				place,
			);
		}
	});

	test("a length outside its range is refused before anything is read or allocated", async () => {
		const range = { min: 2, max: 3 };
		for (const of of [
			codec.bytes(range),
			codec.string(range),
			codec.array(u8, range),
		]) {
			for (const [length, found] of [
				["01", 1],
				["04", 4],
				["ffffffff0f", 2 ** 32 - 1],
			] as const) {
				const place = { offset: 0, expected: "2 to 3", found };
				await assertRefused<unknown>(of, length, "invalid length", place);
			}
		}
		// No memory is allocated for missing items.
		const vast = codec.array(codec.u64, { max: 2 ** 32 - 1 });
		await assertRefused(vast, "ffffffff0f", "end of buffer", { offset: 5 });
		await assertRefused(codec.bytes(), "ffffffff0f", "end of buffer", {
			offset: 5,
		});
	});

	test("what is no UTF-8 is refused", async () => {
		for (const bytes of ["01ff", "02c080", "03eda080", "01c3", "04f4908080"]) {
			const place = { offset: 1, expected: "UTF-8" };
			await assertRefused(codec.string(), bytes, "invalid string", place);
		}
	});
}

async function assertRefused<T>(
	of: Codec<T>,
	bytes: string,
	what: string,
	place: ErrorPlace,
): Promise<void> {
	const error = await assertFails("ERR_CODEC", () =>
		codec.decode(of, fromHex(bytes)),
	);
	assert.include(error.message, what);
	assert.include(error.place, place);
}
