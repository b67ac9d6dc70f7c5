/** Chances that a seed repeats. */
export class Random {
	#state;

	/** @param {number} seed */
	constructor(seed) {
		this.#state = seed >>> 0;
	}

	/** From 0 up to 1, without it: a counter, scrambled until no bit shows where it stood. */
	next() {
		this.#state = (this.#state + 0x9e3779b9) >>> 0;
		let bits = this.#state;
		bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
		bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
		return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32;
	}

	/** A whole number, both ends included. @param {number} low @param {number} high */
	between(low, high) {
		return low + Math.floor(this.next() * (high - low + 1));
	}

	/** @param {number} probability */
	chance(probability) {
		return this.next() < probability;
	}

	/** @template T @param {readonly T[]} choices @returns {T} */
	pick(choices) {
		return choices[this.between(0, choices.length - 1)];
	}
}
