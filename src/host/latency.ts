/** The durations of calls that succeeded. Plain data. */
export interface Histogram {
	/** The upper bounds of the buckets, in seconds, ascending. */
	readonly bounds: readonly number[];
	/** The calls in each bucket, in the order of the bounds; last those above all bounds. */
	readonly counts: readonly number[];
	/** The sum of all durations, in seconds. */
	readonly sum: number;
	/** All calls. */
	readonly count: number;
}

/** In seconds: from a read in the system's cache to a disk that is stuck. */
const BOUNDS: readonly number[] = [
	0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5,
];

/** Measures durations without an object for each. */
export class Latency {
	readonly #counts = new Float64Array(BOUNDS.length + 1);
	#sum = 0;

	/** A call that began at this `performance.now()` has ended. */
	end(began: number): void {
		const seconds = (performance.now() - began) / 1000;
		let bucket = 0;
		while (seconds > (BOUNDS[bucket] ?? Number.POSITIVE_INFINITY)) {
			bucket += 1;
		}
		this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
		this.#sum += seconds;
	}

	/** A copy of the current state. */
	histogram(): Histogram {
		const counts = [...this.#counts];
		const count = counts.reduce((sum, one) => sum + one, 0);
		return { bounds: BOUNDS, counts, sum: this.#sum, count };
	}
}
