import { expect, test } from "vitest";
import { Core } from "../../src/core/core.ts";
import { encodePage, judgePage, slotFor } from "../support/oracles/oracle.ts";
import { toHex } from "../support/runs/bytes.ts";
import { type Random, seeded } from "../support/runs/prng.ts";

const core = await Core.load(1024 * 1024);
const base = core.heapBase;

function place(bytes: Uint8Array): void {
	core.bytes(base, bytes.length).set(bytes);
}

function randomSlot(random: Random): 0 | 1 | 2 {
	return random.pick([0, 1, 2] as const);
}

test("a fresh page has its pair in the first slot, zeros in the second and after its data", () => {
	const data = new TextEncoder().encode("hello");
	core.bytes(base, 28).fill(0xee);
	core.bytes(base, 5).set(data);
	core.pages.sealPages(base, 16, 1, 5, 0);
	expect(core.bytes(base, 28)).toEqual(encodePage(16, data, slotFor(data)));
	expect(toHex(core.bytes(base, 28))).toBe(
		"68656c6c6f000000000000000000000000059a71bb4c000000000000",
	);
});

test("a kept slot keeps its six bytes, whatever they are, and the new pair takes the other", () => {
	const data = new TextEncoder().encode("hello wor");
	const kept = { length: 5, crc: 0xdeadbeef };
	place(encodePage(16, data, kept, { length: 7, crc: 7 }));
	core.pages.sealPages(base, 16, 1, 9, 1);
	expect(core.bytes(base, 28)).toEqual(
		encodePage(16, data, kept, slotFor(data)),
	);
	place(encodePage(16, data, { length: 7, crc: 7 }, kept));
	core.pages.sealPages(base, 16, 1, 9, 2);
	expect(core.bytes(base, 28)).toEqual(
		encodePage(16, data, slotFor(data), kept),
	);
});

test(
	"a sealed run equals the oracle's pages, and nothing around it is written",
	seeded((random) => {
		for (let round = 0; round < 400; round += 1) {
			const pageSize = random.pick([1, 2, 13, 103, 600, 1000]);
			const count = random.integer(1, 6);
			const lastLength = random.integer(1, pageSize + 1);
			const kept = randomSlot(random);
			const before = random.bytes(count * (pageSize + 12) + 32);
			place(before);
			core.pages.sealPages(base + 16, pageSize, count, lastLength, kept);
			const expected = sealed(before, pageSize, count, lastLength, kept);
			expect(Buffer.compare(core.bytes(base, before.length), expected)).toBe(0);
		}
	}),
);

/** The run between 16 bytes on either side, sealed by the oracle. */
function sealed(
	before: Uint8Array,
	pageSize: number,
	count: number,
	lastLength: number,
	kept: 0 | 1 | 2,
): Uint8Array {
	const run = before.slice();
	for (let page = 0; page < count; page += 1) {
		const at = 16 + page * (pageSize + 12);
		const length = page === count - 1 ? lastLength : pageSize;
		const data = before.subarray(at, at + length);
		const fresh = encodePage(pageSize, data, slotFor(data));
		if (page === 0 && kept !== 0) {
			const pair = fresh.slice(pageSize, pageSize + 6);
			fresh.set(before.subarray(at + pageSize, at + pageSize + 12), pageSize);
			fresh.set(pair, pageSize + (kept === 1 ? 6 : 0));
		}
		run.set(fresh, at);
	}
	return run;
}

test("every length of a page is valid when it is sealed, and commits just that", () => {
	for (let length = 1; length <= 700; length += 1) {
		core.pages.sealPages(base, 700, 1, length, 0);
		const verdict = core.pages.validatePage(base, 700);
		expect([verdict.slot, verdict.length]).toEqual([1, length]);
		expect(core.pages.validateRun(base, 700, 1)).toBe(length === 700 ? 1 : 0);
	}
});

test("the largest page is sealed and validated", () => {
	core.bytes(base, 65535).fill(1);
	core.pages.sealPages(base, 65535, 1, 65535, 0);
	expect(core.pages.validatePage(base, 65535)).toEqual(
		judgePage(core.bytes(base, 65547), 65535),
	);
	expect(core.pages.validateRun(base, 65535, 1)).toBe(1);
});

test(
	"a damaged page is judged as the oracle judges it, and is not written",
	seeded((random) => {
		for (let round = 0; round < 4000; round += 1) {
			const pageSize = random.pick([1, 5, 16, 64, 300]);
			const page = twoSlotPage(random, pageSize);
			for (let damage = random.integer(0, 4); damage > 0; damage -= 1) {
				page[random.integer(0, page.length)] = random.word() & 255;
			}
			place(page);
			expect(core.pages.validatePage(base, pageSize)).toEqual(
				judgePage(page, pageSize),
			);
			expect(Buffer.compare(core.bytes(base, page.length), page)).toBe(0);
		}
	}),
);

function twoSlotPage(random: Random, pageSize: number): Uint8Array {
	const data = random.bytes(pageSize);
	return encodePage(
		pageSize,
		data,
		slotFor(data, random.integer(0, pageSize + 1)),
		slotFor(data, random.integer(0, pageSize + 1)),
	);
}

// What was committed: five bytes, then nine. No flip may commit bytes that were never written, other than by a length
// that happens to fit its CRC, which the format cannot tell.
const DATA = new TextEncoder().encode("hello wor");
const PAGE = encodePage(16, DATA, slotFor(DATA, 5), slotFor(DATA));

test.each(allBits(PAGE.length))(
	"a flip of bit %i leaves nine bytes, five or none, as the oracle says",
	(bit) => {
		const page = PAGE.slice();
		const at = bit >> 3;
		page[at] = (page[at] ?? 0) ^ (1 << (bit & 7));
		place(page);
		const verdict = core.pages.validatePage(base, 16);
		expect(verdict).toEqual(judgePage(page, 16));
		expect(verdict.length).toBe(survivingLength(at));
		expect(page.subarray(0, verdict.length)).toEqual(
			DATA.subarray(0, verdict.length),
		);
	},
);

/** What a damaged byte of PAGE leaves of it. */
function survivingLength(at: number): number {
	const hitsCommitted = at < 5;
	const hitsSecondCommit = at < 9 || at >= 22;
	if (hitsCommitted) {
		return 0;
	}
	return hitsSecondCommit ? 5 : 9;
}

test("a page that was cut short, its rest zero, commits what its slots still vouch for", () => {
	for (let length = 0; length <= PAGE.length; length += 1) {
		const page = new Uint8Array(PAGE.length);
		page.set(PAGE.subarray(0, length));
		place(page);
		const verdict = core.pages.validatePage(base, 16);
		expect(verdict).toEqual(judgePage(page, 16));
		const expected = length < 22 ? 0 : length < 28 ? 5 : 9;
		expect(verdict.length, `cut to ${length} bytes`).toBe(expected);
	}
});

function allBits(bytes: number): number[] {
	return Array.from({ length: bytes * 8 }, (_, bit) => bit);
}

test("impossible arguments trap as ERR_CORE_TRAP", () => {
	const trap = expect.objectContaining({ code: "ERR_CORE_TRAP" });
	for (const impossible of [
		() => core.pages.sealPages(base, 0, 1, 1, 0),
		() => core.pages.sealPages(base, 65536, 1, 1, 0),
		() => core.pages.sealPages(base, 16, 0, 1, 0),
		() => core.pages.sealPages(base, 16, 1, 0, 0),
		() => core.pages.sealPages(base, 16, 1, 17, 0),
		() => core.pages.validatePage(base, 65536),
		() => core.pages.validatePage(core.memoryBytes, 16),
	]) {
		expect(impossible).toThrow(trap);
	}
});
