// What the rows of journals store: numbered byte strings of one size, each unlike its neighbours, from a pool.
import { Buffer } from "node:buffer";

export class Stored {
	/** What one of them is called. */
	name;
	/** Bytes of each. */
	size;
	/** The pool's, one after the other, and then again from the first. */
	block;
	#pool;

	constructor(name, size, pooled) {
		this.name = name;
		this.size = size;
		this.block = pseudoRandom(size * pooled);
		this.#pool = Array.from({ length: pooled }, (_, index) =>
			this.block.subarray(index * size, (index + 1) * size),
		);
	}

	get pooled() {
		return this.#pool.length;
	}

	at(index) {
		return this.#pool[index % this.#pool.length];
	}

	/** What every contender's digest of these, in any order, must be. */
	digestOf(indices) {
		let digest = 0;
		for (const index of indices) {
			const bytes = this.at(index);
			digest += bytes[0] * 256 + bytes[this.size - 1];
		}
		return digest;
	}

	/** Throws at the first of a store's that is not what was stored, and unless there are `count`. */
	async check(contender, store, count) {
		let index = 0;
		for await (const bytes of store.all()) {
			if (this.at(index).compare(bytes) !== 0) {
				throw new Error(`${contender}: ${this.name} ${index} is wrong`);
			}
			index += 1;
		}
		if (index !== count) {
			const message = `${index} of ${this.name} found, not ${count}`;
			throw new Error(`${contender}: ${message}`);
		}
	}
}

/** Entries of a fixed journal. */
export const ENTRIES = new Stored("entry", 32, 1024);
/** Items of a variable journal. */
export const ITEMS = new Stored("item", 256, 1024);
/** Values of an oversized journal. */
export const VALUES = new Stored("value", 4096, 256);

function pseudoRandom(length) {
	let state = 1;
	const bytes = Buffer.allocUnsafe(length);
	for (let at = 0; at < length; at += 1) {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		bytes[at] = state >>> 24;
	}
	return bytes;
}
