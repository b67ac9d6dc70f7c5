import { entryAt, partOf } from "../entries.mjs";
import { CACHED_PAGES, PAGE } from "../sizes.mjs";

const ROOT = "/peers/@sqlite.org/sqlite-wasm";

export async function load({ pragmas, journal }) {
	const { default: init } = await import(`${ROOT}/dist/index.mjs`);
	const sqlite = await init();
	return () => SqliteStore.open(sqlite, pragmas, journal);
}

class SqliteStore {
	#database;
	#insert;
	#get;

	constructor(database) {
		this.#database = database;
		this.#insert = database.prepare("INSERT INTO entries VALUES (?, ?)");
		this.#get = database.prepare("SELECT bytes FROM entries WHERE id = ?");
	}

	static async open(sqlite, pragmas, journal) {
		const pool = await sqlite.installOpfsSAHPoolVfs({ name: "bench" });
		const database = new pool.OpfsSAHPoolDb("/bench");
		database.exec(`PRAGMA page_size = ${PAGE}`);
		for (const pragma of pragmas) {
			database.exec(pragma);
		}
		const found = database.selectValue("PRAGMA journal_mode");
		if (found !== journal) {
			throw new Error(`its journal_mode is ${found}, not ${journal}`);
		}
		database.exec(`PRAGMA cache_size = ${CACHED_PAGES}`);
		database.exec("CREATE TABLE entries (id INTEGER PRIMARY KEY, bytes BLOB)");
		return new SqliteStore(database);
	}

	append(index) {
		this.put(index, entryAt(index));
	}

	begin() {
		this.#database.exec("BEGIN");
	}

	put(index, bytes) {
		this.#insert.bind(1, index).bind(2, bytes).stepReset();
	}

	commit() {
		this.#database.exec("COMMIT");
	}

	digest() {
		const all = this.#database.prepare("SELECT bytes FROM entries ORDER BY id");
		let digest = 0;
		while (all.step()) {
			digest += partOf(all.getBlob(0));
		}
		all.finalize();
		return digest;
	}

	read(index) {
		this.#get.bind(1, index).step();
		const bytes = this.#get.getBlob(0);
		this.#get.reset();
		return bytes;
	}

	close() {
		this.#insert.finalize();
		this.#get.finalize();
		this.#database.close();
	}
}
