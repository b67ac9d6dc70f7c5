// What every contender stores: entries of 256 bytes, each unlike its neighbours, from a pool that the processor's cache holds.
import { Buffer } from "node:buffer";

export const ENTRY_SIZE = 256;
const POOL = 1024;

const pool = Array.from({ length: POOL }, (_, index) => {
	let state = index + 1;
	return Buffer.from(
		Array.from({ length: ENTRY_SIZE }, () => {
			state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
			return state >>> 24;
		}),
	);
});

export function entryAt(index) {
	return pool[index % POOL];
}

/** Counts the entries that come by, and throws at the first that is not what was stored. */
export class EntryCheck {
	#contender;
	#count = 0;

	constructor(contender) {
		this.#contender = contender;
	}

	see(entry) {
		if (entryAt(this.#count).compare(entry) !== 0) {
			throw new Error(`${this.#contender}: entry ${this.#count} is wrong`);
		}
		this.#count += 1;
	}

	/** For bytes that hold whole entries. */
	seeAll(bytes) {
		for (let at = 0; at < bytes.length; at += ENTRY_SIZE) {
			this.see(bytes.subarray(at, at + ENTRY_SIZE));
		}
	}

	end(expected) {
		if (this.#count !== expected) {
			const message = `${this.#count} entries found, not ${expected}`;
			throw new Error(`${this.#contender}: ${message}`);
		}
	}
}
