import { expect, test } from "vitest";
import { Core } from "../../src/core/core.ts";
import { toHex } from "../support/runs/bytes.ts";
import { seeded } from "../support/runs/prng.ts";

const core = await Core.load(1024 * 1024);
const base = core.heapBase;
const P = 16;
const STRIDE = P + 12;

test("a page with nothing committed is written whole, at once, with all that follow", () => {
	for (const pages of [1, 2, 7]) {
		expect(core.pages.planWrite(P, 0, 0, pages)).toEqual({
			first: [0, pages * STRIDE],
			second: undefined,
		});
	}
});

test("with the first slot kept, new data and the second slot are two writes: the kept slot lies between", () => {
	expect(core.pages.planWrite(P, 1, 5, 1)).toEqual({
		first: [5, 16],
		second: [22, 28],
	});
	expect(core.pages.planWrite(P, 1, 11, 2)).toEqual({
		first: [11, 16],
		second: [22, 56],
	});
});

test("with the second slot kept, a single page is one write: new data and the first slot", () => {
	expect(core.pages.planWrite(P, 2, 9, 1)).toEqual({
		first: [9, 22],
		second: undefined,
	});
});

test("with the second slot kept, further pages are a second write behind it", () => {
	expect(core.pages.planWrite(P, 2, 9, 2)).toEqual({
		first: [9, 22],
		second: [28, 56],
	});
	expect(core.pages.planWrite(P, 2, 9, 5)).toEqual({
		first: [9, 22],
		second: [28, 140],
	});
});

test("a full page, an empty commit and no pages cannot be planned", () => {
	const trap = expect.objectContaining({ code: "ERR_CORE_TRAP" });
	expect(() => core.pages.planWrite(P, 1, 16, 1)).toThrow(trap);
	expect(() => core.pages.planWrite(P, 1, 0, 1)).toThrow(trap);
	expect(() => core.pages.planWrite(P, 0, 0, 0)).toThrow(trap);
	expect(() => core.pages.planWrite(65535, 0, 0, 65536)).toThrow(trap);
});

/** One flush of a page that fills: what is appended, which slot is kept, and the writes of Appendix A. */
const GOLDEN = [
	{
		name: "1: a first commit is one write",
		text: "hello",
		committed: 0,
		kept: 0,
		writes: ["0 68656c6c6f000000000000000000000000059a71bb4c000000000000"],
	},
	{
		name: "2: a second commit goes to the second slot, in two writes",
		text: "hello wor",
		committed: 5,
		kept: 1,
		writes: ["5 20776f7200000000000000", "22 0009f1b8ac25"],
	},
	{
		name: "3: a third commit goes to the first slot again, in one write",
		text: "hello world",
		committed: 9,
		kept: 2,
		writes: ["9 6c640000000000000bc99465aa"],
	},
	{
		name: "4: a commit that fills the page goes on into the next",
		text: "hello world0123456789",
		committed: 11,
		kept: 1,
		writes: [
			"11 3031323334",
			"22 00109a37b09c35363738390000000000000000000000000583b565d8000000000000",
		],
	},
	{
		name: "6: a commit after a shrink protects the shorter one",
		text: "56ABC",
		committed: 2,
		kept: 2,
		writes: ["2 414243000000000000000000000000051bf5ce6c"],
	},
] as const;

test.each(GOLDEN.map((row) => [row.name, row] as const))(
	"golden row %s",
	(_, { text, committed, kept, writes }) => {
		const bytes = new TextEncoder().encode(text);
		const pages = Math.ceil(bytes.length / P);
		for (let page = 0; page < pages; page += 1) {
			const part = bytes.subarray(page * P, (page + 1) * P);
			core.bytes(base + page * STRIDE, part.length).set(part);
		}
		core.pages.sealPages(base, P, pages, bytes.length - (pages - 1) * P, kept);
		const { first, second } = core.pages.planWrite(P, kept, committed, pages);
		const planned = [first, second]
			.filter((range) => range !== undefined)
			.map(([start, end]) => `${start} ${hex(base + start, end - start)}`);
		expect(planned).toEqual(writes);
	},
);

test(
	"a plan writes all bytes but the committed prefix and its slot, in order and once",
	seeded((random) => {
		for (let round = 0; round < 2000; round += 1) {
			const pageSize = random.integer(2, 300);
			const kept = random.pick([0, 1, 2] as const);
			const committed = kept === 0 ? 0 : random.integer(1, pageSize);
			const pages = random.integer(1, 5);
			const { first, second } = core.pages.planWrite(
				pageSize,
				kept,
				committed,
				pages,
			);
			const written = [first, second ?? [0, 0]].flatMap(([start, end]) =>
				Array.from({ length: end - start }, (_, index) => start + index),
			);
			expect(written).toEqual(unprotected(pageSize, kept, committed, pages));
		}
	}),
);

/** The offsets of a run that a flush may write; what lies behind a kept second slot of a single page is nothing. */
function unprotected(
	pageSize: number,
	kept: 0 | 1 | 2,
	committed: number,
	pages: number,
): number[] {
	const slot = kept === 0 ? -1 : pageSize + (kept - 1) * 6;
	const offsets = Array.from(
		{ length: pages * (pageSize + 12) },
		(_, at) => at,
	);
	return offsets.filter(
		(at) => at >= committed && (kept === 0 || at < slot || at >= slot + 6),
	);
}

function hex(address: number, length: number): string {
	return toHex(core.bytes(address, length));
}
