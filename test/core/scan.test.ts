import { expect, test } from "vitest";
import { PREFIX_TABLE_SIZE } from "../../assembly/format.ts";
import { Core } from "../../src/core/core.ts";
import {
	encodePage,
	forge,
	judgePage,
	slotFor,
} from "../support/oracles/oracle.ts";
import { type Random, seeded } from "../support/runs/prng.ts";

const core = await Core.load(1024 * 1024);
const base = core.heapBase;

function place(bytes: Uint8Array): void {
	core.bytes(base, bytes.length).set(bytes);
}

test(
	"the scan finds the last valid page, and the run its leading full ones, as the oracle does",
	seeded((random) => {
		for (let round = 0; round < 2000; round += 1) {
			const pageSize = random.pick([1, 16, 61, 300]);
			const pages = Array.from({ length: random.integer(0, 8) }, () =>
				somePage(random, pageSize),
			);
			place(Buffer.concat(pages));
			const lengths = pages.map((page) => judgePage(page, pageSize).length);
			expect(core.pages.lastValidPage(base, pageSize, pages.length)).toBe(
				lengths.map((length) => length > 0).lastIndexOf(true),
			);
			const firstShort = lengths.findIndex((length) => length < pageSize);
			expect(core.pages.validateRun(base, pageSize, pages.length)).toBe(
				firstShort < 0 ? pages.length : firstShort,
			);
		}
	}),
);

/** A full page mostly; else one that is partial, zero, or damaged where it matters. */
function somePage(random: Random, pageSize: number): Uint8Array {
	const data = random.bytes(pageSize);
	const shorter = slotFor(data, random.integer(0, pageSize));
	const full = slotFor(data);
	const torn = { length: random.integer(0, 65536), crc: random.word() };
	return random.pick([
		() => encodePage(pageSize, data, full),
		() => encodePage(pageSize, data, full),
		() => encodePage(pageSize, data, shorter, full),
		() => encodePage(pageSize, data, full, shorter),
		() => encodePage(pageSize, data, torn, full),
		() => encodePage(pageSize, data, full, torn),
		() => encodePage(pageSize, data, shorter, torn),
		() => encodePage(pageSize, data, torn, shorter),
		() => new Uint8Array(pageSize + 12),
	])();
}

test("a page that fell back to its shorter slot ends a run of full pages", () => {
	const data = Uint8Array.from({ length: 16 }, (_, index) => index);
	const full = encodePage(16, data, slotFor(data));
	const fallen = encodePage(16, data, slotFor(data, 10), {
		length: 16,
		crc: 1,
	});
	place(Buffer.concat([full, fallen, full]));
	expect(core.pages.validateRun(base, 16, 3)).toBe(1);
	expect(core.pages.lastValidPage(base, 16, 2)).toBe(1);
});

test("a blob's first page fits the size that it was written with", () => {
	for (const [pageSize, length] of [
		[1, 1],
		[16, 16],
		[16, 5],
		[103, 50],
		[4096, 4096],
		[65535, 65535],
		[65535, 1],
	] as const) {
		const data = new Uint8Array(length).fill(0xab);
		const page = encodePage(pageSize, data, slotFor(data));
		place(page);
		expect(core.pages.fittingPageSizes(base, page.length)).toContain(pageSize);
	}
});

test("a partial page whose rest is not zero fits no size, and neither does a page that was cut", () => {
	const data = Uint8Array.from({ length: 64 }, (_, index) => index + 1);
	const page = encodePage(64, data, slotFor(data, 20));
	place(page);
	expect(core.pages.fittingPageSizes(base, page.length)).toEqual([]);
	const full = encodePage(64, data, slotFor(data));
	place(full);
	expect(core.pages.fittingPageSizes(base, full.length - 1)).toEqual([]);
	expect(core.pages.fittingPageSizes(base, 0)).toEqual([]);
});

test("a slot longer than its page fits nothing, even where its CRC is that of the bytes beyond", () => {
	const data = Uint8Array.from({ length: 16 }, (_, index) => index + 1);
	const crc = 0x12345678;
	const page = encodePage(16, data, { length: 40, crc }, slotFor(data, 5));
	const blob = forge(Buffer.concat([page, new Uint8Array(12)]), 40, crc);
	place(blob);
	expect(core.pages.fittingPageSizes(base, blob.length)).toEqual([]);
	const zeroed = blob.slice().fill(0, 5, 16);
	place(forge(zeroed, 40, crc));
	expect(core.pages.fittingPageSizes(base, zeroed.length)).toEqual([16]);
});

test(
	"the fitting sizes are those that fit when each is tried, and the bytes are not written",
	seeded((random) => {
		for (let round = 0; round < 40; round += 1) {
			const blob = nestedPages(random);
			place(blob);
			const expected = Array.from(
				{ length: 600 },
				(_, size) => size + 1,
			).filter((size) => fitsWhenTried(blob, size));
			expect(core.pages.fittingPageSizes(base, blob.length)).toEqual(expected);
			expect(Buffer.compare(core.bytes(base, blob.length), blob)).toBe(0);
		}
	}),
);

/** A blob whose first bytes are valid pages of several sizes: each is the data of the next. */
function nestedPages(random: Random): Uint8Array {
	let blob: Uint8Array = random.bytes(random.integer(1, 40));
	for (let depth = 0; depth < 3; depth += 1) {
		const size = blob.length + random.pick([0, 0, 1, 30]);
		const other = { length: random.integer(0, 40), crc: random.word() };
		blob = encodePage(size, blob, slotFor(blob), other);
	}
	return Buffer.concat([blob, random.bytes(random.integer(0, 20))]);
}

function fitsWhenTried(blob: Uint8Array, pageSize: number): boolean {
	if (pageSize + 12 > blob.length) {
		return false;
	}
	const { length } = judgePage(blob.subarray(0, pageSize + 12), pageSize);
	const rest = blob.subarray(length, pageSize);
	return length > 0 && rest.every((byte) => byte === 0);
}

test("the table of prefixes takes no more than it says", () => {
	const length = 65535 + 12;
	const table = Math.ceil((base + length) / 4) * 4;
	const after = core.bytes(table + PREFIX_TABLE_SIZE, 64);
	after.fill(0x5a);
	core.bytes(base, length).fill(0);
	core.pages.fittingPageSizes(base, length);
	expect(after.every((byte) => byte === 0x5a)).toBe(true);
});
