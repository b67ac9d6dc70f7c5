import { chosenSeed } from "./prng.ts";

/**
 * The part of the full counts of docs/testing.md that a run makes. `npm test` makes this small one in every suite of every host,
 * `npm run test:all` makes them whole.
 */
export const SHARE = Number(process.env.DUALSLOT_SHARE ?? 0.01);

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

/** Of so many places that a browser takes long to try one in a few is enough for a share, from a random one on. */
const PLACE_EVERY = 5;

/** The numbers from 0 up to a count; in a browser some of them, unless counts are whole. */
export function* placesOf(count: number, host: string): Generator<number> {
	const isSlow = host === "opfs" && SHARE < 1;
	const step = isSlow ? PLACE_EVERY : 1;
	for (let at = chosenSeed() % step; at < count; at += step) {
		yield at;
	}
}

/** Prints what a test has counted, in the words that the record of `npm run test:all` is made from. */
export function tellCount(count: number, what: string): void {
	console.log(`counted ${count} ${what}`);
}
