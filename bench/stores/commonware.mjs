import { ask } from "../commonware.mjs";
import { PAGE_SIZE } from "../dualslot.mjs";

const SECTION = 1;
/** As dualslot's stores have them by default. */
const PAGES = 1024;
const WRITE_BUFFER = 64 * 1024;

/** What the program calls an item's size: of an oversized entry that of its key, of a variable item none. */
const ITEM_SIZES = {
	fixed: ({ size }) => size,
	variable: () => 0,
	oversized: () => 8,
};

/**
 * A journal of commonware's in the process of the program, which holds one at a time. It stores the bytes that the others store;
 * what the rows measure is its own time, without the way to it and back.
 */
export class CommonwareStore {
	length = 0;
	clock = { now: () => this.#elapsed };
	#directory;
	#stored;
	#Reader;
	/** Milliseconds in all. */
	#elapsed = 0;

	constructor(directory, stored, Reader) {
		this.#directory = directory;
		this.#stored = stored;
		this.#Reader = Reader;
	}

	/** `Reader` is dualslot's own store of that kind. */
	static async open(
		directory,
		stored,
		{ kind, Reader, writeBuffer = WRITE_BUFFER },
	) {
		const item = ITEM_SIZES[kind](stored);
		const buffers = `${writeBuffer} ${writeBuffer}`;
		await ask(
			`open ${directory} ${kind} ${PAGE_SIZE} ${PAGES} ${buffers} ${item} 0`,
		);
		return new CommonwareStore(directory, stored, Reader);
	}

	async fill(count) {
		const [time] = await this.#measure("bulk", this.#load(count));
		this.#pass(time);
	}

	async append() {
		await this.appendEach(1);
	}

	/** The nanoseconds of each of some appends. */
	async appendEach(count) {
		const times = await this.#measure("durable", this.#load(count));
		times.forEach(this.#pass, this);
		return times;
	}

	async digest() {
		const [digest, time] = await this.#measure("replay");
		this.#pass(time);
		return digest;
	}

	/** As dualslot finds them in the same files. */
	async *all() {
		const options = { readOnly: true };
		const reader = await this.#Reader.open(
			this.#directory,
			this.#stored,
			options,
		);
		yield* reader.all();
		await reader.close();
	}

	close() {
		return ask("close");
	}

	#load(count) {
		const { size, pooled } = this.#stored;
		const from = this.length;
		this.length += count;
		return ` ${SECTION} ${from} ${count} ${size} ${pooled}`;
	}

	async #measure(what, load = "") {
		const answer = await ask(`measure_${what}${load}`);
		return answer.split(" ").map(Number);
	}

	#pass(nanoseconds) {
		this.#elapsed += nanoseconds / 1e6;
	}
}
