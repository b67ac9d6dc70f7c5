import { join } from "node:path";
import { openLmdb } from "../lmdb.mjs";

export class LmdbStore {
	length;
	#database;
	#stored;

	constructor(directory, stored, options) {
		this.#stored = stored;
		this.#database = openLmdb(join(directory, "lmdb"), options);
		const [last] = this.#database.getKeys({ reverse: true, limit: 1 });
		this.length = last === undefined ? 0 : last + 1;
	}

	static open(directory, stored, options) {
		return new LmdbStore(directory, stored, options);
	}

	/** In one transaction, with the promise of ascending keys; durable once it is flushed. */
	async fill(count) {
		this.#database.transactionSync(() => {
			const end = this.length + count;
			for (; this.length < end; this.length += 1) {
				const bytes = this.#stored.at(this.length);
				this.#database.putSync(this.length, bytes, { append: true });
			}
		});
		await this.#database.flushed;
	}

	async append() {
		const key = this.length;
		this.length += 1;
		await this.#database.put(key, this.#stored.at(key));
		await this.#database.flushed;
	}

	getEach(indices) {
		const last = this.#stored.size - 1;
		let digest = 0;
		for (const index of indices) {
			const bytes = this.#database.getBinary(index);
			digest += bytes[0] * 256 + bytes[last];
		}
		return digest;
	}

	digest() {
		const last = this.#stored.size - 1;
		let digest = 0;
		for (const { value } of this.#database.getRange()) {
			digest += value[0] * 256 + value[last];
		}
		return digest;
	}

	all() {
		return this.#database.getRange().map(({ value }) => value);
	}

	close() {
		return this.#database.close();
	}
}
