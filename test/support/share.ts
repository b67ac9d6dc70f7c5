/**
 * The part of the full counts of docs/testing.md that a run makes. `npm test` makes this small one in every suite of every host,
 * `npm run test:all` makes them whole.
 */
export const SHARE = Number(process.env.DUALSLOT_SHARE ?? 0.02);

/** The share of a count, and no fewer than `least` of it. */
export function shareOf(count: number, least = 1): number {
	return Math.max(Math.min(least, count), Math.ceil(count * SHARE));
}

/** The numbers from 0 up to the share of a count. Once all were taken, it is told how many of `what` there were. */
export function* sharedRounds(count: number, what: string): Generator<number> {
	const share = shareOf(count);
	for (let round = 0; round < share; round += 1) {
		yield round;
	}
	tellCount(share, what);
}

/** Prints what a test has counted, in the words that the record of `npm run test:all` is made from. */
export function tellCount(count: number, what: string): void {
	console.log(`counted ${count} ${what}`);
}
