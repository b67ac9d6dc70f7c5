import { expect, test } from "vitest";
import type { ShrinkStages } from "../../src/core/answers.ts";
import { Core } from "../../src/core/core.ts";
import {
	encodePage,
	forge,
	judgePage,
	slotFor,
} from "../support/oracles/oracle.ts";
import { bytesOf, toHex } from "../support/runs/bytes.ts";
import { seeded } from "../support/runs/prng.ts";

const core = await Core.load(1024 * 1024);
const address = core.heapBase;

function stage(
	page: Uint8Array,
	pageSize: number,
	length: number,
): ShrinkStages {
	core.bytes(address, page.length).set(page);
	const stages = core.pages.stageShrink(address, pageSize, length);
	if (stages === undefined) {
		throw new Error("the page could not be shrunk");
	}
	return stages;
}

/** The three writes, as the engine makes them. */
function writesOf(stages: ShrinkStages) {
	return [
		{ at: stages.newSlotOffset, bytes: stages.crcStage },
		{ at: stages.newSlotOffset, bytes: stages.lengthStage },
		{ at: stages.oldSlotOffset, bytes: stages.retireStage },
	];
}

const GOLDEN = [
	{
		name: "5: a shrink of a partial page",
		data: "56789",
		page: () => encodePage(16, bytesOf("56789"), slotFor(bytesOf("56789"))),
		length: 2,
		writes: ["22 0000fa4532a3", "22 0002", "16 0000"],
		record: "000083b565d80002fa4532a3",
		kept: 2,
	},
	{
		name: "8: a shrink of a full page that counts by its second slot",
		data: "hello world01234",
		page: () => {
			const data = bytesOf("hello world01234");
			return encodePage(16, data, slotFor(data, 11), slotFor(data));
		},
		length: 4,
		writes: ["16 0000a099f534", "16 0004", "22 0000"],
		record: "0004a099f53400009a37b09c",
		kept: 1,
	},
];

test.each(GOLDEN.map((row) => [row.name, row] as const))(
	"golden row %s",
	(_, { data, page, length, writes, record, kept }) => {
		const stages = stage(page(), 16, length);
		expect(
			writesOf(stages).map(({ at, bytes }) => `${at} ${toHex(bytes)}`),
		).toEqual(writes);
		expect(stages.newSlotOffset).toBe(kept === 1 ? 16 : 22);
		const after = core.bytes(address, 28);
		expect(toHex(after.subarray(16))).toBe(record);
		expect(after.subarray(0, data.length)).toEqual(bytesOf(data));
		expect(core.pages.validatePage(address, 16)).toMatchObject({
			slot: kept,
			length,
		});
	},
);

test(
	"the three writes leave on disk what the call leaves in memory",
	seeded((random) => {
		for (let round = 0; round < 500; round += 1) {
			const pageSize = random.integer(1, 200);
			const data = random.bytes(pageSize);
			const length = random.integer(1, pageSize + 1);
			const other = random.chance(0.5)
				? slotFor(data, random.integer(0, length + 1))
				: { length: random.integer(0, 65536), crc: random.word() };
			const disk = encodePage(pageSize, data, slotFor(data, length), other);
			const target = random.integer(1, judgePage(disk, pageSize).length + 1);
			for (const { at, bytes } of writesOf(stage(disk, pageSize, target))) {
				disk.set(bytes, at);
			}
			expect(Buffer.compare(core.bytes(address, disk.length), disk)).toBe(0);
			expect(judgePage(disk, pageSize).length).toBe(target);
		}
	}),
);

test("a shrink torn at any byte of any write leaves the old length or the new", () => {
	const pageSize = 600;
	const data = Uint8Array.from({ length: pageSize }, (_, index) => index * 7);
	const cases = [
		{ old: 300, before: 255, target: 257 },
		{ old: 300, before: 255, target: 40 },
		{ old: 600, before: 0, target: 599 },
		{ old: 512, before: 256, target: 255 },
	];
	for (const { old, before, target } of cases) {
		const disk = encodePage(
			pageSize,
			data,
			slotFor(data, before),
			slotFor(data, old),
		);
		for (const { at, bytes } of writesOf(stage(disk, pageSize, target))) {
			for (let torn = 0; torn < bytes.length; torn += 1) {
				const crashed = disk.slice();
				crashed.set(bytes.subarray(0, torn), at);
				expect([old, target]).toContain(judgePage(crashed, pageSize).length);
			}
			disk.set(bytes, at);
		}
		expect(judgePage(disk, pageSize).length).toBe(target);
	}
});

test("a page that is invalid, or shorter than the target, is left as it is", () => {
	const data = bytesOf("hello");
	const invalid = encodePage(16, data, { length: 5, crc: 0 });
	core.bytes(address, 28).set(invalid);
	expect(core.pages.stageShrink(address, 16, 1)).toBeUndefined();
	expect(core.bytes(address, 28)).toEqual(invalid);
	const short = encodePage(16, data, slotFor(data));
	core.bytes(address, 28).set(short);
	expect(core.pages.stageShrink(address, 16, 6)).toBeUndefined();
	expect(core.bytes(address, 28)).toEqual(short);
});

test("after a fallback the surviving slot is the old one, and the bad one is overwritten", () => {
	const data = bytesOf("hello world");
	const page = encodePage(16, data, { length: 11, crc: 1 }, slotFor(data, 9));
	expect(stage(page, 16, 4)).toMatchObject({
		newSlotOffset: 16,
		oldSlotOffset: 22,
	});
});

const RISKS = [
	["empty", "never", { length: 0, crc: 0 }],
	["valid", "never", slotFor(bytesOf("hello"), 3)],
	["retired", "only across two sectors", { length: 0, crc: 1 }],
	["torn", "always", { length: 9, crc: 1 }],
	["overlong", "always", { length: 17, crc: 1 }],
] as const;

test.each(RISKS)(
	"a write over a slot that is %s is a risk %s",
	(_, when, second) => {
		const data = bytesOf("hello");
		core.bytes(address, 28).set(encodePage(16, data, slotFor(data), second));
		for (const sector of [0, 512, 2 ** 40]) {
			for (let offset = 0; offset < 512; offset += 1) {
				const isAcross = offset + 6 > 512;
				const expected = when === "always" || (when !== "never" && isAcross);
				const isAtRisk = core.pages.slotAtRisk(address, 16, 2, sector + offset);
				expect(isAtRisk, `at ${offset} of its sector`).toBe(expected);
			}
		}
	},
);

test("a retired slot tells the longest length at which it would still validate cut bytes", () => {
	const data = bytesOf("AAAABBBBCCCC");
	stage(encodePage(16, data, slotFor(data)), 16, 4);
	expect(core.pages.retiredLength(address, 16, 1)).toBe(12);
	expect(core.pages.retiredLength(address, 16, 2)).toBe(0);
	core.bytes(address + 11, 1).fill(0);
	expect(core.pages.retiredLength(address, 16, 1)).toBe(0);
});

test("a retired slot is not taken to match the bytes that the page has anyway", () => {
	const data = bytesOf("hello");
	const retired = { length: 0, crc: slotFor(data).crc };
	core.bytes(address, 28).set(encodePage(16, data, retired, slotFor(data)));
	expect(core.pages.retiredLength(address, 16, 1)).toBe(0);
});

test("of two lengths that a retired slot matches, the longer is told", () => {
	const pageSize = 64;
	const { crc } = slotFor(rising(pageSize), 8);
	const data = forge(rising(pageSize), 40, crc);
	expect(slotFor(data, 8).crc).toBe(crc);
	const page = encodePage(pageSize, data, slotFor(data, 2), { length: 0, crc });
	core.bytes(address, page.length).set(page);
	expect(core.pages.retiredLength(address, pageSize, 2)).toBe(40);
});

test("an empty slot is not a retired one, even where its zeros are the CRC of a prefix", () => {
	const pageSize = 64;
	const data = forge(rising(pageSize), 40, 0);
	const page = encodePage(pageSize, data, slotFor(data, 2));
	core.bytes(address, page.length).set(page);
	expect(core.pages.retiredLength(address, pageSize, 2)).toBe(0);
});

function rising(length: number): Uint8Array<ArrayBuffer> {
	return Uint8Array.from({ length }, (_, index) => index + 1);
}
