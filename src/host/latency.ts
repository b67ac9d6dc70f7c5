/** How long calls took that succeeded. Plain data. */
export interface Histogram {
	/** The longest that a bucket counts, in seconds, ascending. */
	readonly bounds: readonly number[];
	/** Calls of each bucket, in the order of the bounds, and of those that took longer still. */
	readonly counts: readonly number[];
	/** Seconds of all of them together. */
	readonly sum: number;
	/** All of them. */
	readonly count: number;
}

/** In seconds: from what a system's cache answers to what a disk that is stuck takes. */
const BOUNDS: readonly number[] = [
	0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5,
];

/** Measures durations, and makes no object for one. */
export class Latency {
	readonly #counts = new Float64Array(BOUNDS.length + 1);
	#sum = 0;

	/** One that began at this `performance.now()` has ended. */
	end(began: number): void {
		const seconds = (performance.now() - began) / 1000;
		let bucket = 0;
		while (seconds > (BOUNDS[bucket] ?? Number.POSITIVE_INFINITY)) {
			bucket += 1;
		}
		this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
		this.#sum += seconds;
	}

	/** As it is now: a copy, which stays as it is. */
	histogram(): Histogram {
		const counts = [...this.#counts];
		const count = counts.reduce((sum, one) => sum + one, 0);
		return { bounds: BOUNDS, counts, sum: this.#sum, count };
	}
}
