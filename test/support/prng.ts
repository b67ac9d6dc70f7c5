/** A xoshiro128** generator: fast enough for millions of mutations, and the same on every engine. */
export class Random {
	readonly seed: number;
	readonly #state: Uint32Array;

	constructor(seed: number) {
		this.seed = seed >>> 0;
		this.#state = Uint32Array.from({ length: 4 }, (_, index) =>
			scrambled(this.seed + (index + 1) * 0x9e3779b9),
		);
	}

	/** 0 to 2^32 - 1. */
	word(): number {
		const state = this.#state;
		const [a = 0, b = 0, c = 0, d = 0] = state;
		const result = Math.imul(rotated(Math.imul(b, 5), 7), 9) >>> 0;
		state[2] = c ^ a;
		state[3] = rotated(d ^ b, 11);
		state[1] = b ^ c ^ a;
		state[0] = a ^ d ^ b;
		state[2] ^= b << 9;
		return result;
	}

	/** A whole number from `low` on, below `high`. */
	integer(low: number, high: number): number {
		return low + Math.floor((this.word() / 2 ** 32) * (high - low));
	}

	chance(probability: number): boolean {
		return this.word() < probability * 2 ** 32;
	}

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
 * Gives a test its randomness: a new seed each run, or the one in DUALSLOT_SEED. When the test fails, the error says
 * which seed finds it again.
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

export function chosenSeed(): number {
	const seed = process.env.DUALSLOT_SEED;
	return seed === undefined
		? Math.floor(Math.random() * 2 ** 32)
		: Number(seed);
}

function rotated(word: number, bits: number): number {
	return (word << bits) | (word >>> (32 - bits));
}

function scrambled(word: number): number {
	let mixed = word;
	mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
	mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
	return mixed ^ (mixed >>> 16);
}
