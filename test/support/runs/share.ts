import { chosenSeed, Random } from "./prng.ts";

/**
 * The part of the full counts of docs/testing.md that a run makes. `npm test` makes this small one
 * in every suite of every host, `npm run test:all` makes them whole.
 */
export const SHARE = Number(process.env.DUALSLOT_SHARE ?? 0.005);

/** The share of a count, but at least `least`. */
export function shareOf(count: number, least = 1): number {
	return Math.max(Math.min(least, count), Math.ceil(count * SHARE));
}

/**
 * The numbers from 0 up to the share of a count, at least up to `least`. When all were taken, it
 * reports how many of `what` there were.
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

/** Smaller shares try some places, larger ones try each. */
export const IS_SPARSE = SHARE < 0.1;
/** The number of places that a sparse share tries. */
const SPARSE_PLACES = 6;
/** The largest step between failing calls in a sparse share, as a part of the call's number. */
const SPARSE_CALLS = 3;

/**
 * The numbers from 0 up to a count. In a sparse share some of them, equally spaced, from a random
 * one on.
 */
export function* placesOf(count: number): Generator<number> {
	const step = IS_SPARSE ? Math.ceil(count / SPARSE_PLACES) : 1;
	for (let at = chosenSeed() % step; at < count; at += step) {
		yield at;
	}
}

/**
 * The calls that fail in turn, from the first on: every `stride`-th. In a sparse share the steps
 * grow, at random. It has no end: the caller stops when no call failed any more.
 */
export function* callsInTurn(stride = 1): Generator<number> {
	const random = new Random(chosenSeed());
	for (let at = 1; ; at += stride) {
		yield at;
		at += IS_SPARSE ? random.integer(0, Math.ceil(at * SPARSE_CALLS)) : 0;
	}
}

/** Prints a test's count, in the words that `npm run test:all` parses for its record. */
export function tellCount(count: number, what: string): void {
	console.log(`counted ${count} ${what}`);
}
