import { join } from "node:path";
import { openSqlite } from "../sqlite.mjs";

export class SqliteStore {
	length;
	#sqlite;
	#stored;

	constructor(directory, stored) {
		this.#stored = stored;
		this.#sqlite = openSqlite(join(directory, "sqlite"));
		this.length = this.#sqlite.next.get();
	}

	static open(directory, stored) {
		return new SqliteStore(directory, stored);
	}

	/** In one transaction. */
	fill(count) {
		const { database, insert } = this.#sqlite;
		const end = this.length + count;
		database.transaction(() => {
			for (; this.length < end; this.length += 1) {
				insert.run(this.length, this.#stored.at(this.length));
			}
		})();
	}

	append() {
		this.#sqlite.insert.run(this.length, this.#stored.at(this.length));
		this.length += 1;
	}

	getEach(indices) {
		const { get } = this.#sqlite;
		const last = this.#stored.size - 1;
		let digest = 0;
		for (const index of indices) {
			const bytes = get.get(index);
			digest += bytes[0] * 256 + bytes[last];
		}
		return digest;
	}

	digest() {
		const last = this.#stored.size - 1;
		let digest = 0;
		for (const bytes of this.all()) {
			digest += bytes[0] * 256 + bytes[last];
		}
		return digest;
	}

	all() {
		return this.#sqlite.all.iterate();
	}

	close() {
		this.#sqlite.database.close();
	}
}
