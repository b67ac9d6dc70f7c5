import { expect, test } from "vitest";
import { Core } from "../../src/core/core.ts";
import { fromHex, joined, toHex } from "../support/runs/bytes.ts";
import { type Random, seeded } from "../support/runs/prng.ts";

const core = await Core.load(1024 * 1024);
const AT = core.heapBase;
const TABLE = AT + 64 * 1024;
const U32_MAX = 2 ** 32 - 1;

test("varints are those of commonware's vectors, in both directions", () => {
	for (const [value, hex] of [
		[0, "00"],
		[1, "01"],
		[127, "7f"],
		[128, "8001"],
		[300, "ac02"],
		[16383, "ff7f"],
		[16384, "808001"],
		[2097151, "ffff7f"],
		[2097152, "80808001"],
		[268435455, "ffffff7f"],
		[268435456, "8080808001"],
		[U32_MAX, "ffffffff0f"],
	] as const) {
		const width = hex.length / 2;
		expect(toHex(core.records.varint(value))).toBe(hex);
		expect(core.records.encodeVarint(AT, value)).toBe(width);
		expect(toHex(core.bytes(AT, width))).toBe(hex);
		const found = { status: "ok", value, width };
		expect(core.records.decodeVarint(fromHex(hex))).toEqual(found);
		expect(core.records.decodeVarint(fromHex(`${hex}ff00`))).toEqual(found);
		for (let end = 0; end < width; end += 1) {
			const part = fromHex(hex).subarray(0, end);
			expect(core.records.decodeVarint(part)).toEqual({ status: "short" });
		}
	}
});

test("a varint of more than 32 bits, and one that could be shorter, are refused", () => {
	for (const hex of [
		"ffffffff1f",
		"8080808080",
		"ffffffff80",
		"8080808010",
		"8000",
		"ff00",
		"808000",
		"80808000",
		"8080808000",
	]) {
		expect(core.records.decodeVarint(fromHex(hex)), hex).toEqual({
			status: "invalid",
		});
	}
});

test("every number has one encoding: any other bytes of its width say another number, or none", () => {
	for (let first = 0; first < 256; first += 1) {
		for (let second = 0; second < 256; second += 1) {
			const bytes = Uint8Array.of(first, second);
			const verdict = core.records.decodeVarint(bytes);
			if (verdict.status === "ok") {
				const own = bytes.subarray(0, verdict.width);
				expect(core.records.varint(verdict.value)).toEqual(own);
			}
		}
	}
});

test("frames are found one behind the other, up to the first that is not whole, and that is told of", () => {
	const scan = (hex: string, sizeMax = 1000, capacity = 10) => {
		const bytes = fromHex(hex);
		core.write(AT, bytes);
		const run = core.records.scanFrames(
			AT,
			bytes.length,
			sizeMax,
			TABLE,
			capacity,
		);
		return { ...run, places: [...run.places] };
	};
	const none = { width: 0, size: 0 };
	expect(scan("")).toEqual({ places: [], end: 0, stop: "end", next: none });
	expect(scan("01 61 00")).toMatchObject({
		...{ places: [1, 1, 3, 0], end: 3, stop: "end" },
	});
	expect(scan("01 61 03 62 63")).toMatchObject({
		...{ places: [1, 1], end: 2, stop: "partial" },
		next: { width: 1, size: 3 },
	});
	expect(scan("01 61 80")).toMatchObject({
		...{ places: [1, 1], end: 2, stop: "partial", next: none },
	});
	expect(scan("01 61 8000")).toMatchObject({
		...{ places: [1, 1], end: 2, stop: "invalid", next: none },
	});
	expect(scan("00 02 6162", 1)).toMatchObject({
		...{ places: [1, 0], end: 1, stop: "too-large" },
		next: { width: 1, size: 2 },
	});
	expect(scan("ffffffff0f", U32_MAX)).toMatchObject({
		...{ places: [], end: 0, stop: "partial" },
		next: { width: 5, size: U32_MAX },
	});
	expect(scan("00 00 00", 1000, 2)).toMatchObject({
		...{ places: [1, 0, 2, 0], end: 2, stop: "more" },
	});
	expect(scan("00 00", 1000, 2)).toMatchObject({ end: 2, stop: "end" });
});

test(
	"the frames that a scan finds are those that were written, wherever their bytes end",
	seeded((random) => {
		for (let round = 0; round < 3000; round += 1) {
			compareWithWritten(random);
		}
	}),
);

function compareWithWritten(random: Random): void {
	const sizes = Array.from({ length: random.integer(0, 20) }, () =>
		random.pick([0, 1, 2, 127, 128, 300, 17_000]),
	);
	const places: number[] = [];
	const ends: number[] = [];
	let end = 0;
	const frames = sizes.map((size) => {
		const head = core.records.varint(size);
		places.push(end + head.length, size);
		end += head.length + size;
		ends.push(end);
		return joined(head, random.bytes(1), new Uint8Array(size)).subarray(
			0,
			head.length + size,
		);
	});
	const bytes = joined(...frames).subarray(0, 60_000);
	const length = random.integer(0, bytes.length + 1);
	core.write(AT, bytes);
	const run = core.records.scanFrames(AT, length, 17_000, TABLE, 100);
	const count = ends.filter((at) => at <= length).length;
	expect([...run.places]).toEqual(places.slice(0, 2 * count));
	expect(run.end).toBe(ends[count - 1] ?? 0);
	expect(run.stop).toBe(run.end === length ? "end" : "partial");
}
