/** A hash of a sequence of words, of 53 bits. */
export class WordHash {
	#high = 0x9e3779b9;
	#low = 0x85ebca6b;

	/** A word's low 32 bits count. */
	mix(word: number): void {
		this.#high = Math.imul(this.#high ^ word, 0x9e3779b1) ^ (this.#low >>> 15);
		this.#low = Math.imul(this.#low ^ word, 0x5f356495) ^ (this.#high >>> 13);
	}

	get value(): number {
		return (this.#high >>> 0) * 0x200000 + ((this.#low >>> 0) & 0x1fffff);
	}
}
