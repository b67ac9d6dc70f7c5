import { expect, test } from "vitest";
import type { SlotVerdict } from "../../src/core/answers.ts";
import { Core } from "../../src/core/core.ts";
import {
	chooseSlot,
	encodePage,
	type Slot,
	slotFor,
} from "../support/oracles/oracle.ts";

const core = await Core.load(65536);
const address = core.heapBase;

type State = SlotVerdict["state"];
type Outcome = "invalid" | "first" | "second" | "longer";

const STATES: readonly State[] = ["empty", "overlong", "mismatch", "valid"];

/** The table of assembly/page/slot.ts: rows are the first slot's state, columns the second's, in the order of STATES. */
const TABLE: readonly (readonly Outcome[])[] = [
	["invalid", "invalid", "invalid", "second"],
	["invalid", "invalid", "invalid", "second"],
	["invalid", "invalid", "invalid", "second"],
	["first", "first", "first", "longer"],
];

const PAGE_SIZE = 16;
const DATA = Uint8Array.from({ length: PAGE_SIZE }, (_, index) => index + 1);

/** Lengths that a slot of each state can have, so that every order of two lengths occurs. */
const LENGTHS: Readonly<Record<State, readonly number[]>> = {
	empty: [0],
	overlong: [17, 18, 65535],
	mismatch: [1, 7, 16],
	valid: [1, 7, 16],
};

function slotOf(state: State, length: number): Slot {
	const fitting = slotFor(DATA, Math.min(length, PAGE_SIZE)).crc;
	return { length, crc: state === "valid" ? fitting : fitting ^ 1 };
}

const PAIRS = STATES.flatMap((first, row) =>
	STATES.map((second, column) => ({
		first,
		second,
		outcome: TABLE[row]?.[column] ?? "invalid",
	})),
);
const NAMED = PAIRS.map((pair) => [pair.first, pair.second, pair] as const);

test("the table has one row for each of the 16 pairs of states", () => {
	expect(TABLE.flat()).toHaveLength(STATES.length ** 2);
	expect(
		new Set(PAIRS.map(({ first, second }) => `${first} ${second}`)).size,
	).toBe(16);
});

test.each(NAMED)(
	"of a slot that is %s and one that is %s, the one of the table counts",
	(_first, _second, { first, second, outcome }) => {
		for (const firstLength of LENGTHS[first]) {
			for (const secondLength of LENGTHS[second]) {
				const slots = [
					slotOf(first, firstLength),
					slotOf(second, secondLength),
				] as const;
				core.bytes(address, 28).set(encodePage(PAGE_SIZE, DATA, ...slots));
				const verdict = core.pages.validatePage(address, PAGE_SIZE);
				const chosen = chosenBy(outcome, firstLength, secondLength);
				expect(verdict).toEqual({
					slot: chosen,
					length: chosen === 0 ? 0 : slots[chosen - 1]?.length,
					first: { state: first, length: firstLength, crc: slots[0].crc >>> 0 },
					second: {
						state: second,
						length: secondLength,
						crc: slots[1].crc >>> 0,
					},
				});
				expect(chosen, "commonware's rule").toBe(
					chooseSlot(verdict.first, verdict.second),
				);
			}
		}
	},
);

function chosenBy(outcome: Outcome, first: number, second: number): 0 | 1 | 2 {
	switch (outcome) {
		case "invalid":
			return 0;
		case "first":
			return 1;
		case "second":
			return 2;
		case "longer":
			return first >= second ? 1 : 2;
	}
}

test("an empty slot with a CRC is as empty as one without", () => {
	const page = encodePage(PAGE_SIZE, DATA, slotFor(DATA, 7), {
		length: 0,
		crc: 0xdeadbeef,
	});
	core.bytes(address, 28).set(page);
	expect(core.pages.validatePage(address, PAGE_SIZE)).toMatchObject({
		slot: 1,
		length: 7,
		second: { state: "empty", length: 0, crc: 0xdeadbeef },
	});
});
