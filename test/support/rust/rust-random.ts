import { chachaWords, keyFromSeed } from "./chacha.ts";

const WORDS = 64;
const BLOCK_WORDS = 16;

/** rand 0.8's `StdRng`, ChaCha with 12 rounds, as in commonware's conformance tests. */
export class RustRandom {
	readonly #key: Uint32Array;
	readonly #words = new Uint32Array(WORDS);
	readonly #bytes = new Uint8Array(this.#words.buffer);
	#next = WORDS;
	#counter = 0;

	constructor(seed: number) {
		this.#key = keyFromSeed(seed);
	}

	/**
	 * A whole number from 0 on, below `end`, as `gen_range(0..end)` draws a `usize`. `end` is below
	 * 2^32.
	 */
	below(end: number): number {
		const zone = (end << Math.clz32(end)) >>> 0;
		for (;;) {
			const [low, high] = this.#pair();
			const product = low * end;
			const carried = high * end + Math.floor(product / 2 ** 32);
			if (carried % 2 ** 32 < zone) {
				return Math.floor(carried / 2 ** 32);
			}
		}
	}

	/**
	 * Fills bytes; the rest of the last word is lost. Words are little-endian, as on every machine of
	 * today.
	 */
	fill(target: Uint8Array): void {
		let filled = 0;
		while (filled < target.length) {
			this.#refillIfEmpty();
			const start = this.#next * 4;
			const part = this.#bytes.subarray(start, start + target.length - filled);
			target.set(part, filled);
			filled += part.length;
			this.#next += Math.ceil(part.length / 4);
		}
	}

	/** The two words of a `u64`: neighbours, even across a refill. */
	#pair(): [low: number, high: number] {
		return [this.#word(), this.#word()];
	}

	#word(): number {
		this.#refillIfEmpty();
		const word = this.#words[this.#next] ?? 0;
		this.#next += 1;
		return word;
	}

	#refillIfEmpty(): void {
		if (this.#next < WORDS) {
			return;
		}
		for (let at = 0; at < WORDS; at += BLOCK_WORDS) {
			chachaWords(this.#key, this.#counter, 12, this.#words, at);
			this.#counter += 1;
		}
		this.#next = 0;
	}
}
