import { Buffer } from "node:buffer";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";

const BATCH = 4096;
/** An iterator's default of 16 KiB is made for small values. */
const READ_AHEAD = 1024 * 1024;
const DURABLE = { sync: true };

export class LevelStore {
	length = 0;
	#database;
	#stored;

	constructor(directory, stored, options) {
		this.#stored = stored;
		this.#database = new ClassicLevel(join(directory, "level"), {
			keyEncoding: "view",
			valueEncoding: "view",
			...options,
		});
	}

	static async open(directory, stored, options) {
		const store = new LevelStore(directory, stored, options);
		await store.#database.open();
		const [last] = await store.#database
			.keys({ reverse: true, limit: 1 })
			.all();
		store.length =
			last === undefined ? 0 : Buffer.from(last).readUInt32BE() + 1;
		return store;
	}

	/** In batches. What the log held before the last one, which is synced, is synced with it or lies in synced tables. */
	async fill(count) {
		const end = this.length + count;
		while (this.length < end) {
			const batch = this.#database.batch();
			const batchEnd = Math.min(this.length + BATCH, end);
			for (; this.length < batchEnd; this.length += 1) {
				batch.put(keyOf(this.length), this.#stored.at(this.length));
			}
			await batch.write({ sync: this.length === end });
		}
	}

	append() {
		const index = this.length;
		this.length += 1;
		return this.#database.put(keyOf(index), this.#stored.at(index), DURABLE);
	}

	getEach(indices) {
		const last = this.#stored.size - 1;
		let digest = 0;
		for (const index of indices) {
			const bytes = this.#database.getSync(keyOf(index));
			digest += bytes[0] * 256 + bytes[last];
		}
		return digest;
	}

	async digest() {
		const last = this.#stored.size - 1;
		const values = this.all();
		let digest = 0;
		for (;;) {
			const found = await values.nextv(1000);
			if (found.length === 0) {
				return digest;
			}
			for (const bytes of found) {
				digest += bytes[0] * 256 + bytes[last];
			}
		}
	}

	all() {
		return this.#database.values({ highWaterMarkBytes: READ_AHEAD });
	}

	close() {
		return this.#database.close();
	}
}

function keyOf(index) {
	const key = Buffer.allocUnsafe(4);
	key.writeUInt32BE(index);
	return key;
}
