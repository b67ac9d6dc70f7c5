import type { Random } from "../support/runs/prng.ts";
import { randomGuid, randomWrite } from "./packed-frames.ts";

const BLOCK_SIZE = 4096;
const FRAME_BLOCKS = 128;

/** What is done to a packed store, line by line, with few GUIDs, so that they meet again. */
export class PackedScript {
	readonly guids: readonly string[];
	readonly #random: Random;

	constructor(random: Random) {
		this.#random = random;
		const count = random.integer(1, 10);
		this.guids = Array.from({ length: count }, () => randomGuid(random));
	}

	/** Any operation but those that open and end a session. */
	line(): string {
		const guid = this.#guid();
		switch (this.#random.integer(0, 16)) {
			case 0:
			case 1:
			case 2:
				return `write ${this.#write()}`;
			case 3:
			case 4:
				return `write_many ${this.#writes()}`;
			case 5:
				return `write_synced ${this.#writes()}`;
			case 6:
			case 7:
			case 8:
				return `delete ${guid}`;
			case 9:
			case 10:
			case 11:
				return "flush";
			case 12:
				return `has ${guid}`;
			case 13:
				return this.#readRange();
			case 14:
				return "size";
			default:
				return `read ${guid}`;
		}
	}

	#guid(): string {
		return this.#random.pick(this.guids);
	}

	#write(): string {
		return randomWrite(this.#random, this.#guid());
	}

	/** One GUID may stand several times. */
	#writes(): string {
		const count = this.#random.integer(1, 6);
		return Array.from({ length: count }, () => this.#write()).join(" ");
	}

	#readRange(): string {
		const first = this.#random.integer(0, FRAME_BLOCKS);
		const blocks = this.#random.integer(1, FRAME_BLOCKS - first + 1);
		return `read_range ${this.#guid()} ${first * BLOCK_SIZE} ${blocks * BLOCK_SIZE}`;
	}
}
