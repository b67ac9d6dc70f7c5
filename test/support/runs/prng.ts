import { SeededRandom } from "../../../src/host/random.ts";

/** The shipped generator, with draws that only tests need. */
export class Random extends SeededRandom {
	pick<T>(values: readonly T[]): T {
		const value = values[this.integer(0, values.length)];
		if (value === undefined) {
			throw new RangeError("there is nothing to pick from");
		}
		return value;
	}

	shuffle<T>(values: readonly T[]): T[] {
		return values
			.map((value) => ({ value, order: this.word() }))
			.sort((left, right) => left.order - right.order)
			.map(({ value }) => value);
	}

	bytes(length: number): Uint8Array<ArrayBuffer> {
		const bytes = new Uint8Array(length);
		for (let at = 0; at < length; at += 1) {
			bytes[at] = this.word() >>> 24;
		}
		return bytes;
	}
}

/**
 * Gives a test its randomness: a new seed each run, or that of chosenSeed. When the test fails, the
 * error says which seed to replay.
 */
export function seeded(
	test: (random: Random) => void | Promise<void>,
): () => Promise<void> {
	return async () => {
		const random = new Random(chosenSeed());
		try {
			await test(random);
		} catch (cause) {
			throw new Error(
				`fails with DUALSLOT_SEED=${random.seed}: ${cause instanceof Error ? cause.message : cause}`,
				{ cause },
			);
		}
	};
}

/** The seed of a replay or of the run, or a new one. */
export function chosenSeed(): number {
	const seed = process.env.DUALSLOT_SEED ?? process.env.DUALSLOT_START;
	return seed === undefined
		? Math.floor(Math.random() * 2 ** 32)
		: Number(seed);
}
