import { expect, test } from "vitest";
import { Core } from "../../src/core/core.ts";
import { crc32c } from "../support/oracles/crc32c.ts";
import { type Random, seeded } from "../support/runs/prng.ts";

const core = await Core.load(1024 * 1024);
const AT = core.heapBase;

test("the checksum of a value is put behind it, in one piece or in several", () => {
	const value = Uint8Array.from({ length: 1000 }, (_, index) => index % 251);
	for (const cut of [0, 1, 500, 999, 1000]) {
		core.write(AT, value);
		const crc = core.checksums.crc32c(AT, cut);
		core.records.sealValue(AT + cut, 1000 - cut, crc);
		const stored = new DataView(core.bytes(AT, 1004).slice().buffer);
		expect(stored.getUint32(1000)).toBe(crc32c(value));
		expect(core.records.checkValue(AT + cut, 1004 - cut, crc).isWhole).toBe(
			true,
		);
	}
});

test("a value with any bit flipped is not whole, and both checksums are told", () => {
	const value = Uint8Array.of(1, 2, 3, 4, 5);
	core.write(AT, value);
	core.records.sealValue(AT, 5);
	const whole = core.bytes(AT, 9).slice();
	for (let bit = 0; bit < 72; bit += 1) {
		const flipped = whole.slice();
		flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
		core.write(AT, flipped);
		const verdict = core.records.checkValue(AT, 9);
		expect(verdict.isWhole).toBe(false);
		expect(verdict.computed).toBe(crc32c(flipped.slice(0, 5)));
		expect(verdict.stored).toBe(new DataView(flipped.buffer).getUint32(5));
	}
});

test(
	"the values of a run are counted up to the first that is not whole, whatever their sizes say",
	seeded((random) => {
		for (let round = 0; round < 500; round += 1) {
			countRun(random);
		}
	}),
);

test(
	"the values of a run are those that a search in JavaScript finds one behind the other",
	seeded((random) => {
		for (let round = 0; round < 500; round += 1) {
			scanRun(random);
		}
	}),
);

test("where a value lies is written into its entry, and nothing else", () => {
	const entry = new Uint8Array(24).fill(0xee);
	const fields = { offsetAt: 10, offsetWidth: 8, sizeAt: 2, sizeWidth: 4 };
	const past = Number.MAX_SAFE_INTEGER;
	const pointing = entry.slice();
	core.records.putPlace(pointing, fields, past, 0xfffffffe);
	expect([...pointing]).toEqual([
		...[0xee, 0xee, 0xff, 0xff, 0xff, 0xfe, 0xee, 0xee, 0xee, 0xee],
		...[0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
		...[0xee, 0xee, 0xee, 0xee, 0xee, 0xee],
	]);
	core.write(AT, pointing);
	expect(
		core.records.lastEntryWithin(AT, 1, 24, fields, 2 ** 53),
	).toBeUndefined();
	core.records.putPlace(entry, fields, 2 ** 52, 7);
	core.write(AT, entry);
	expect(core.records.lastEntryWithin(AT, 1, 24, fields, 2 ** 53)).toEqual({
		index: 0,
		offset: 2 ** 52,
		size: 7,
	});
});

test("fields of other widths have the last bytes of an offset and a size, and what lies beside them stays", () => {
	for (const [offsetWidth, sizeWidth, offset, size] of [
		[1, 1, 0xfe, 0xfd],
		[4, 4, 0xfffffffe, 0xfffffffd],
		[5, 2, 0xfffffffffe, 0xfffd],
		[3, 8, 0xfffffe, 0xfffffffd],
		[8, 3, Number.MAX_SAFE_INTEGER - 0xfffffd, 0xfffffd],
	] as const) {
		const fields = { sizeAt: 1, sizeWidth, offsetAt: 10, offsetWidth };
		const expected = new Uint8Array(20).fill(0xee);
		expected.set(bigEndian(BigInt(size), sizeWidth), 1);
		expected.set(bigEndian(BigInt(offset), offsetWidth), 10);
		const entry = new Uint8Array(20).fill(0xee);
		core.records.putPlace(entry, fields, offset, size);
		expect([...entry]).toEqual([...expected]);
		core.write(AT, entry);
		expect(
			core.records.lastEntryWithin(AT, 1, 20, fields, offset + size),
		).toEqual({ index: 0, offset, size });
		const within = core.records.lastEntryWithin(
			...[AT, 1, 20, fields, offset + size - 1],
		);
		expect(within).toBeUndefined();
	}
});

test("an offset of any 64 bits is judged as if numbers had no end", () => {
	const fields = { offsetAt: 0, offsetWidth: 8, sizeAt: 8, sizeWidth: 4 };
	const [top, size] = [2n ** 64n - 1n, 0xffffffff];
	for (const [offset, length, limit, isWithin] of [
		[0n, 0, 0, true],
		[0n, 1, 0, false],
		[10n, 20, 30, true],
		[10n, 20, 29, false],
		[BigInt(2 ** 53 - 1), 0, 2 ** 53 - 1, true],
		[BigInt(2 ** 53), 0, 2 ** 53 - 1, false],
		[top, 0, 2 ** 53, false],
		[top - 10n, 100, 2 ** 53, false],
		[top, size, 2 ** 53, false],
		[2n ** 63n, size, 2 ** 53, false],
		[2n ** 64n - BigInt(size), size, 2 ** 53, false],
	] as const) {
		const entry = new DataView(new ArrayBuffer(12));
		entry.setBigUint64(0, offset);
		entry.setUint32(8, length);
		core.write(AT, new Uint8Array(entry.buffer));
		const found = core.records.lastEntryWithin(AT, 1, 12, fields, limit);
		expect(found !== undefined, `${offset} + ${length} in ${limit}`).toBe(
			isWithin,
		);
	}
});

test(
	"the last entry within is the one that a search in JavaScript finds",
	seeded((random) => {
		for (let round = 0; round < 2000; round += 1) {
			compareWithOracle(random);
		}
	}),
);

/** Where the sizes of a run lie. */
const TABLE = AT + 65_536;

function countRun(random: Random): void {
	const sizes = Array.from({ length: random.integer(0, 8) }, () =>
		random.integer(4, 60),
	);
	const length = sizes.reduce((sum, size) => sum + size, 0);
	let at = AT;
	for (const size of sizes) {
		core.write(at, random.bytes(size - 4));
		core.records.sealValue(at, size - 4);
		at += size;
	}
	let expected = sizes.length;
	const bad = random.integer(0, sizes.length + 1);
	const start = sizes.slice(0, bad).reduce((sum, size) => sum + size, AT);
	if (bad < sizes.length) {
		expected = bad;
		const size = sizes[bad] ?? 0;
		if (random.chance(0.5)) {
			const [byte = 0] = core.bytes(start + size - 1, 1);
			core.write(start + size - 1, Uint8Array.of(byte ^ 1));
		} else {
			const others = [0, 1, 3, length + 1, 2 ** 31, 2 ** 32 - 1];
			sizes[bad] = others[random.integer(0, others.length)] ?? 0;
		}
	}
	const table = Uint32Array.from(sizes);
	const count = core.records.countWholeValues(AT, length, table, TABLE);
	expect(count, `${sizes}`).toBe(expected);
}

function scanRun(random: Random): void {
	const fields = { offsetAt: 1, offsetWidth: 8, sizeAt: 9, sizeWidth: 5 };
	const count = random.integer(1, 8);
	const entries = random.bytes(count * 14);
	const most = random.integer(0, 200);
	let [end, left, isRun] = [-1n, BigInt(most), true];
	const expected: number[] = [];
	let first = { offset: 0, firstSize: 0 };
	for (let index = 0; index < count; index += 1) {
		const behind = end < 0n ? BigInt(random.integer(0, 9)) : end;
		const offset = random.chance(0.1) ? 2n ** 64n - 9n : behind;
		const size = BigInt(
			random.chance(0.1) ? 2 ** 32 + 4 : random.integer(0, 60),
		);
		entries.set(bigEndian(offset, 8), 14 * index + 1);
		entries.set(bigEndian(size, 5), 14 * index + 9);
		if (index === 0) {
			first = { offset: Number(offset), firstSize: Number(size) };
		}
		isRun &&= (index === 0 || offset === end) && size <= left;
		if (isRun) {
			expected.push(Number(size));
			left -= size;
		}
		end = BigInt.asUintN(64, offset + size);
	}
	core.write(AT, entries);
	const run = core.records.scanValueRun(AT, count, 14, fields, most, TABLE);
	expect({ ...run, sizes: [...run.sizes] }).toEqual({
		...first,
		sizes: expected,
	});
}

function compareWithOracle(random: Random): void {
	const entrySize = random.integer(16, 40);
	const offsetWidth = random.integer(1, 9);
	const sizeWidth = random.integer(1, 9);
	const sizeFirst = random.chance(0.5);
	const spare = entrySize - offsetWidth - sizeWidth;
	const first = random.integer(0, spare + 1);
	const second = random.integer(first, spare + 1);
	const fields = sizeFirst
		? {
				...{ sizeAt: first, sizeWidth },
				...{ offsetAt: second + sizeWidth, offsetWidth },
			}
		: {
				...{ offsetAt: first, offsetWidth },
				...{ sizeAt: second + offsetWidth, sizeWidth },
			};
	const count = random.integer(0, 20);
	const bytes = random.bytes(entrySize * count);
	const limit = random.integer(0, 3000);
	let expected: { index: number; offset: number; size: number } | undefined;
	for (let index = 0; index < count; index += 1) {
		const offset = fieldOf(random, offsetWidth, 2500);
		const size = fieldOf(random, sizeWidth, 1000);
		const start = index * entrySize;
		bytes.set(bigEndian(offset, offsetWidth), start + fields.offsetAt);
		bytes.set(bigEndian(size, sizeWidth), start + fields.sizeAt);
		if (offset + size <= BigInt(limit)) {
			expected = { index, offset: Number(offset), size: Number(size) };
		}
	}
	core.write(AT, bytes);
	const found = core.records.lastEntryWithin(
		AT,
		count,
		entrySize,
		fields,
		limit,
	);
	expect(found).toEqual(expected);
	expect([...core.bytes(AT, bytes.length)]).toEqual([...bytes]);
}

/** Below `most`, or among the largest, as far as a field of that width can hold it. */
function fieldOf(random: Random, width: number, most: number): bigint {
	const number = random.chance(0.1)
		? 2n ** 64n - BigInt(random.integer(1, 100))
		: BigInt(random.integer(0, most));
	return BigInt.asUintN(8 * width, number);
}

function bigEndian(number: bigint, width: number): Uint8Array {
	const view = new DataView(new ArrayBuffer(8));
	view.setBigUint64(0, number);
	return new Uint8Array(view.buffer).subarray(8 - width);
}
