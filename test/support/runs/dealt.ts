import { chosenSeed } from "./prng.ts";
import type { Test } from "./suite.ts";

/** `npm test` deals the rows of the suites out; every other run has all rows everywhere. */
export const IS_DEALT = process.env.DUALSLOT_ROWS === "dealt";

/** The rows of a suite take so many turns in rotation. */
export const TURNS = 12;

/**
 * The turns of each place where suites run. The first five places have all suites, and share all
 * turns: each row is in one of them. The others have some suites.
 */
export const TURNS_OF = {
	memory: [0, 2, 4, 6, 8, 10],
	node: [3, 9, 11],
	deno: [7],
	"opfs, in a worker": [1],
	"opfs, in a window": [5],
	"ring, async": [0],
	"ring, blocking": [6],
	"node, on a disk": [2, 8],
	wrappers: [4, 7],
} as const;

export type Place = keyof typeof TURNS_OF;

/**
 * Registers the rows that a place is dealt: those of its turns, which begin where the run's seed
 * says. Neighbouring rows have different turns, so that each suite is touched everywhere.
 */
export function dealt(
	test: Test,
	place: Place,
	isDealt = IS_DEALT,
	seed = isDealt ? chosenSeed() : 0,
): Test {
	if (!isDealt) {
		return test;
	}
	const own: readonly number[] = TURNS_OF[place];
	let row = seed % TURNS;
	return Object.assign(
		(...registered: Parameters<Test>) => {
			if (own.includes(row)) {
				test(...registered);
			}
			row = (row + 1) % TURNS;
		},
		{ skip: test.skip },
	);
}
