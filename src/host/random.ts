/**
 * A xoshiro128** generator: the same numbers for the same seed on every engine, fast enough for
 * millions of them.
 */
export class SeededRandom {
	readonly seed: number;
	readonly #state: Uint32Array;

	/** Uses the low 32 bits of the seed. */
	constructor(seed: number) {
		this.seed = seed >>> 0;
		this.#state = Uint32Array.from({ length: 4 }, (_, index) =>
			scrambled(this.seed + (index + 1) * 0x9e3779b9),
		);
	}

	/** From 0 to 2^32 - 1. */
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
