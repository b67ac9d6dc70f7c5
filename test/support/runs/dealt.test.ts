import { assert } from "chai";
import { test } from "vitest";
import { dealt, type Place, TURNS, TURNS_OF } from "./dealt.ts";
import type { Test } from "./suite.ts";

const PLACES = Object.keys(TURNS_OF) as Place[];
const WITH_ALL_SUITES = [
	"memory",
	"node",
	"deno",
	"opfs, in a worker",
	"opfs, in a window",
] as const;
const ROWS = Array.from({ length: TURNS }, (_, index) => `row ${index}`);
const SEEDS = [...ROWS.keys()].map((seed) => seed + 4_000_000_000);

test("of any rows that follow one another every place is dealt some, and each is dealt to one of those that have all suites", () => {
	for (const seed of SEEDS) {
		const hands = PLACES.map((place) => rowsOf(place, true, seed));
		assert.isTrue(hands.every((rows) => rows.length > 0));
		const ofAllSuites = WITH_ALL_SUITES.flatMap((place) =>
			rowsOf(place, true, seed),
		);
		assert.sameMembers(ofAllSuites, ROWS);
	}
});

test("one seed after the other, every place is dealt every row", () => {
	for (const place of PLACES) {
		const rows = SEEDS.flatMap((seed) => rowsOf(place, true, seed));
		assert.sameMembers([...new Set(rows)], ROWS);
	}
});

test("a run that deals nothing out has every row in every place", () => {
	for (const place of PLACES) {
		assert.deepEqual(rowsOf(place, false, 1), ROWS);
	}
});

/** The rows that a place registers of ROWS. */
function rowsOf(place: Place, isDealt: boolean, seed: number): string[] {
	const rows: string[] = [];
	const register = (name: string) => rows.push(name);
	const all: Test = Object.assign(register, { skip: register });
	const own = dealt(all, place, isDealt, seed);
	for (const row of ROWS) {
		own(row, () => undefined);
	}
	return rows;
}
