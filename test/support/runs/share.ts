import { chosenSeed, Random } from "./prng.ts";

/**
 * The part of the full counts of docs/testing.md that a run makes. `npm test` makes this small one in every suite of every host,
 * `npm run test:all` makes them whole.
 */
export const SHARE = Number(process.env.DUALSLOT_SHARE ?? 0.005);

/** The share of a count, and no fewer than `least` of it. */
export function shareOf(count: number, least = 1): number {
	return Math.max(Math.min(least, count), Math.ceil(count * SHARE));
}

/**
 * The numbers from 0 up to the share of a count, and up to `least` at the least. Once all were taken, it is told how many of `what`
 * there were.
 */
export function* sharedRounds(
	count: number,
	what: string,
	least?: number,
): Generator<number> {
	const share = shareOf(count, least);
	for (let round = 0; round < share; round += 1) {
		yield round;
	}
	tellCount(share, what);
}

/** A share below this one tries places here and there; from it on, each of them. */
export const IS_SPARSE = SHARE < 0.1;
/** Of the places of one thing, so many are tried in a sparse share. */
const SPARSE_PLACES = 6;
/** By so much of its number a call that fails lies behind the one that failed before it, at most, in a sparse share. */
const SPARSE_CALLS = 3;

/** The numbers from 0 up to a count; in a sparse share some of them, equally far apart, from a random one on. */
export function* placesOf(count: number): Generator<number> {
	const step = IS_SPARSE ? Math.ceil(count / SPARSE_PLACES) : 1;
	for (let at = chosenSeed() % step; at < count; at += step) {
		yield at;
	}
}

/**
 * The calls of which one after the other fails, from the first on: every `stride`-th. In a sparse share they come to lie further and
 * further apart, at random. It has no end: whoever asks knows when no call has failed any more.
 */
export function* callsInTurn(stride = 1): Generator<number> {
	const random = new Random(chosenSeed());
	for (let at = 1; ; at += stride) {
		yield at;
		at += IS_SPARSE ? random.integer(0, Math.ceil(at * SPARSE_CALLS)) : 0;
	}
}

/** Prints what a test has counted, in the words that the record of `npm run test:all` is made from. */
export function tellCount(count: number, what: string): void {
	console.log(`counted ${count} ${what}`);
}
