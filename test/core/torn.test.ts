import { expect, test } from "vitest";
import { Core } from "../../src/core/core.ts";
import {
	encodePage,
	judgePage,
	type Slot,
	slotFor,
} from "../support/oracles/oracle.ts";
import { assertSame, joined } from "../support/runs/bytes.ts";
import { type Random, seeded } from "../support/runs/prng.ts";

const SECTOR = 512;
const RECORD = 12;
const core = await Core.load(1024 * 1024);
const address = core.heapBase;

/** A write of some bytes of a page. */
interface Write {
	readonly at: number;
	readonly bytes: Uint8Array;
}

function isTorn(page: Uint8Array, pageSize: number, offset: number): boolean {
	core.bytes(address, page.length).set(page);
	const verdict = core.pages.isTornPage(address, pageSize, offset);
	assertSame(core.bytes(address, page.length), page);
	return verdict;
}

/**
 * The writes that have reached a place which held nothing, and that no sync has covered: the first fills the page, or a part of
 * it, and then one that keeps slot 1 fills the rest, its data before its slot.
 */
function writesOf(random: Random, pageSize: number): Write[] {
	const data = random.bytes(pageSize);
	const first = random.integer(1, pageSize + 1);
	const before = data.subarray(0, first);
	const fresh = encodePage(pageSize, before, slotFor(before));
	const full = encodePage(pageSize, data, slotFor(before), slotFor(data));
	return first === pageSize
		? [{ at: 0, bytes: fresh }]
		: [
				{ at: 0, bytes: fresh },
				{ at: first, bytes: full.subarray(first, pageSize) },
				{ at: pageSize + 6, bytes: full.subarray(pageSize + 6) },
			];
}

/**
 * A page that a sync covers a part of, and the writes that fill it: to the slot that does not count, which says nothing, or what is
 * shorter, or was cut off. Behind the part lies what a shrink or a crash has left, or zeros.
 */
function keptAndWrites(
	random: Random,
	pageSize: number,
): { kept: Uint8Array; writes: Write[] } {
	const data = random.bytes(pageSize);
	const length = random.integer(1, pageSize);
	const left = random.chance(0.5) ? random.bytes(pageSize) : data.slice();
	left.set(data.subarray(0, length));
	left.fill(0, random.chance(0.5) ? length : pageSize);
	const nothing = { length: 0, crc: 0 };
	const other = random.pick([
		nothing,
		slotFor(left, random.integer(0, length)),
		{ ...slotFor(left), length: 0 },
	]);
	const own = slotFor(data, length);
	const full = slotFor(data);
	const isFirst = random.chance(0.5);
	const pair = (counts: Slot, says: Slot): [Slot, Slot] =>
		isFirst ? [counts, says] : [says, counts];
	const kept = encodePage(pageSize, left, ...pair(own, other));
	const filled = encodePage(pageSize, data, ...pair(own, full));
	const ranges = isFirst
		? ([
				[length, pageSize],
				[pageSize + 6, pageSize + RECORD],
			] as const)
		: ([[length, pageSize + 6]] as const);
	const writes = ranges.map(([at, end]) => ({
		at,
		bytes: filled.subarray(at, end),
	}));
	return { kept, writes };
}

function applied(page: Uint8Array, { at, bytes }: Write): Uint8Array {
	const result = page.slice();
	result.set(bytes, at);
	return result;
}

/** Each sector as one of the writes left it; or some of the writes, whole, in any order. */
function tornBy(
	random: Random,
	nothing: Uint8Array,
	writes: readonly Write[],
	offset: number,
): Uint8Array {
	if (random.chance(0.5)) {
		const some = random
			.shuffle(writes)
			.slice(0, random.integer(0, writes.length + 1));
		return some.reduce(applied, nothing);
	}
	const versions = [nothing];
	for (const write of writes) {
		versions.push(applied(versions.at(-1) ?? nothing, write));
	}
	const page = nothing.slice();
	for (let at = 0; at < page.length; ) {
		const end = Math.min(page.length, at + SECTOR - ((offset + at) % SECTOR));
		page.set(random.pick(versions).subarray(at, end), at);
		at = end;
	}
	return page;
}

const SIZES = [1, 2, 7, 61, 255, 499, 500, 501, 600, 1012, 1500];

test(
	"whatever a power cut leaves of the writes of a page is full, or called torn",
	seeded((random) => {
		let torn = 0;
		for (let round = 0; round < 2000; round += 1) {
			const pageSize = random.pick(SIZES);
			const offset = 8 + random.integer(0, 600) * (pageSize + RECORD);
			const writes = writesOf(random, pageSize);
			const nothing = new Uint8Array(pageSize + RECORD);
			const page = tornBy(random, nothing, writes, offset);
			if (judgePage(page, pageSize).length < pageSize) {
				torn += 1;
				expect(isTorn(page, pageSize, offset)).toBe(true);
			}
		}
		expect(torn).toBeGreaterThan(200);
	}),
);

test(
	"whatever a power cut leaves of a page that a sync covers a part of is valid for that, and full, or called torn",
	seeded((random) => {
		let torn = 0;
		for (let round = 0; round < 2000; round += 1) {
			const pageSize = random.pick(SIZES.filter((size) => size > 1));
			const offset = 8 + random.integer(0, 600) * (pageSize + RECORD);
			const { kept, writes } = keptAndWrites(random, pageSize);
			const page = tornBy(random, kept, writes, offset);
			const { length } = judgePage(page, pageSize);
			expect(length).toBeGreaterThan(0);
			if (length < pageSize) {
				torn += 1;
				expect(isTorn(page, pageSize, offset)).toBe(true);
			}
		}
		expect(torn).toBeGreaterThan(200);
	}),
);

test(
	"a page whose other slot says a length that no write of it gave is not called torn, unless the slot lies in two sectors",
	seeded((random) => {
		for (let round = 0; round < 500; round += 1) {
			const pageSize = random.pick(SIZES.filter((size) => size > 7));
			const data = random.bytes(pageSize);
			const own = slotFor(data, random.integer(1, pageSize));
			const says = { length: random.integer(1, 65536), crc: random.word() };
			const isFirst = random.chance(0.5);
			const page = isFirst
				? encodePage(pageSize, data, own, says)
				: encodePage(pageSize, data, says, own);
			const offset = 8 + random.integer(0, 600) * (pageSize + RECORD);
			const start = (offset + pageSize + (isFirst ? 6 : 0)) % SECTOR;
			expect(isTorn(page, pageSize, offset)).toBe(
				says.length === pageSize || start + 6 > SECTOR,
			);
		}
	}),
);

test(
	"what a power cut leaves of writes that no sync came between tells of none, and a third write of a page does",
	seeded((random) => {
		for (let round = 0; round < 1000; round += 1) {
			const pageSize = random.pick(SIZES.filter((size) => size > 2));
			const offset = 8 + random.integer(0, 600) * (pageSize + RECORD);
			const nothing = new Uint8Array(pageSize + RECORD);
			const cut = tornBy(random, nothing, writesOf(random, pageSize), offset);
			const data = random.bytes(pageSize);
			const second = random.integer(2, pageSize);
			const third = random.integer(second + 1, pageSize + 1);
			const slots = [slotFor(data, third), slotFor(data, second)] as const;
			const told = encodePage(pageSize, data, ...slots);
			const pages = random.pick([
				[cut, cut],
				[told, cut],
				[cut, told],
				[told, told],
			]);
			core.bytes(address, 2 * cut.length).set(joined(...pages));
			expect(core.pages.lastAfterSync(address, pageSize, 2)).toBe(
				pages.lastIndexOf(told),
			);
		}
	}),
);

test(
	"a whole page that no slot vouches for, and of which no byte is zero, is never called torn",
	seeded((random) => {
		for (let round = 0; round < 500; round += 1) {
			const pageSize = random.pick(SIZES);
			const offset = 8 + random.integer(0, 600) * (pageSize + RECORD);
			const data = random.bytes(pageSize).map((byte) => byte | 1);
			const page = encodePage(pageSize, data, slotFor(data));
			const bit = random.integer(0, pageSize * 8);
			const at = Math.floor(bit / 8);
			page[at] = (page[at] ?? 0) ^ (2 << (bit % 7));
			expect(judgePage(page, pageSize).slot).toBe(0);
			expect(isTorn(page, pageSize, offset)).toBe(false);
		}
	}),
);

test("a sector of zeros behind what slot 1 vouches for says nothing, and one before that does", () => {
	const pageSize = 1500;
	const data = new Uint8Array(pageSize).fill(7);
	const length = 600;
	const first = { length, crc: 0 };
	const behind = encodePage(pageSize, data.subarray(0, length), first);
	expect(isTorn(behind, pageSize, 0)).toBe(false);
	const before = encodePage(pageSize, data, first);
	before.fill(0, 512, 1024);
	expect(isTorn(before, pageSize, 0)).toBe(true);
});

test("a sector that slot 2 alone lies in says nothing, and one with a byte of slot 1 does", () => {
	const pageSize = 600;
	const data = new Uint8Array(pageSize).fill(7);
	const page = encodePage(pageSize, data, { length: pageSize, crc: 0 });
	const stride = pageSize + RECORD;
	// The sector ends where the page's last 6 bytes begin, and one byte before that.
	const offsets = [SECTOR * 2 - (stride - 6), SECTOR * 2 - (stride - 7)];
	expect(isTorn(page, pageSize, offsets[0] ?? 0)).toBe(false);
	expect(isTorn(page, pageSize, (offsets[0] ?? 0) + 1)).toBe(true);
	expect(isTorn(new Uint8Array(stride), pageSize, offsets[1] ?? 0)).toBe(true);
});
