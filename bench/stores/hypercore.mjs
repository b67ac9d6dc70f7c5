import { join } from "node:path";
import Hypercore from "hypercore";

const BATCH = 4096;

/** Hypercore signs what it appends, and writes it without a sync. The sync is that of RocksDB under it, which hypercore never calls. */
export class HypercoreStore {
	length;
	#core;
	#stored;

	constructor(directory, stored) {
		this.#stored = stored;
		this.#core = new Hypercore(join(directory, "hypercore"));
	}

	static async open(directory, stored) {
		const store = new HypercoreStore(directory, stored);
		await store.#core.ready();
		store.length = store.#core.length;
		return store;
	}

	/** In batches, flushed at the end. */
	async fill(count) {
		const end = this.length + count;
		while (this.length < end) {
			const batchEnd = Math.min(this.length + BATCH, end);
			const batch = [];
			for (; this.length < batchEnd; this.length += 1) {
				batch.push(this.#stored.at(this.length));
			}
			await this.#core.append(batch);
		}
		await this.#flush();
	}

	async append() {
		const block = this.#stored.at(this.length);
		this.length += 1;
		await this.#core.append(block);
		await this.#flush();
	}

	async getEach(indices) {
		const last = this.#stored.size - 1;
		let digest = 0;
		for (const index of indices) {
			const bytes = await this.#core.get(index);
			digest += bytes[0] * 256 + bytes[last];
		}
		return digest;
	}

	async digest() {
		const last = this.#stored.size - 1;
		let digest = 0;
		for await (const bytes of this.all()) {
			digest += bytes[0] * 256 + bytes[last];
		}
		return digest;
	}

	all() {
		return this.#core.createReadStream();
	}

	close() {
		return this.#core.close();
	}

	#flush() {
		return this.#core.core.storage.store.db.flush();
	}
}
