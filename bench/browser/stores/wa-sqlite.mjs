import { entryAt, partOf } from "../entries.mjs";
import { CACHED_PAGES, PAGE } from "../sizes.mjs";

const ROOT = "/peers/@journeyapps/wa-sqlite";
/** What a step answers while there are rows. */
const ROW = 100;

export async function load({ pragmas }) {
	const [{ default: makeModule }, { Factory }, { OPFSWriteAheadVFS }] =
		await Promise.all([
			import(`${ROOT}/dist/wa-sqlite.mjs`),
			import(`${ROOT}/src/sqlite-api.js`),
			import(`${ROOT}/src/examples/OPFSWriteAheadVFS.js`),
		]);
	const module = await makeModule();
	const sqlite = Factory(module);
	return async () => {
		const files = await OPFSWriteAheadVFS.create("bench", module);
		sqlite.vfs_register(files, true);
		return WaSqliteStore.open(sqlite, pragmas);
	};
}

class WaSqliteStore {
	#sqlite;
	#database;
	#insert;
	#get;

	constructor(sqlite, database, insert, get) {
		this.#sqlite = sqlite;
		this.#database = database;
		this.#insert = insert;
		this.#get = get;
	}

	static async open(sqlite, pragmas) {
		const database = await sqlite.open_v2("bench.db");
		for (const text of [
			`PRAGMA page_size = ${PAGE}`,
			...pragmas,
			`PRAGMA cache_size = ${CACHED_PAGES}`,
			"CREATE TABLE entries (id INTEGER PRIMARY KEY, bytes BLOB)",
		]) {
			await sqlite.exec(database, text);
		}
		const [insert, get] = await Promise.all([
			prepared(sqlite, database, "INSERT INTO entries VALUES (?, ?)"),
			prepared(sqlite, database, "SELECT bytes FROM entries WHERE id = ?"),
		]);
		return new WaSqliteStore(sqlite, database, insert, get);
	}

	append(index) {
		return this.put(index, entryAt(index));
	}

	begin() {
		return this.#sqlite.exec(this.#database, "BEGIN");
	}

	async put(index, bytes) {
		const sqlite = this.#sqlite;
		sqlite.bind_int(this.#insert, 1, index);
		sqlite.bind_blob(this.#insert, 2, bytes);
		await sqlite.step(this.#insert);
		await sqlite.reset(this.#insert);
	}

	commit() {
		return this.#sqlite.exec(this.#database, "COMMIT");
	}

	async digest() {
		const sqlite = this.#sqlite;
		const text = "SELECT bytes FROM entries ORDER BY id";
		const all = await prepared(sqlite, this.#database, text);
		let digest = 0;
		while ((await sqlite.step(all)) === ROW) {
			digest += partOf(sqlite.column_blob(all, 0));
		}
		await sqlite.finalize(all);
		return digest;
	}

	async read(index) {
		const sqlite = this.#sqlite;
		sqlite.bind_int(this.#get, 1, index);
		await sqlite.step(this.#get);
		const bytes = sqlite.column_blob(this.#get, 0).slice();
		await sqlite.reset(this.#get);
		return bytes;
	}

	async close() {
		await this.#sqlite.finalize(this.#insert);
		await this.#sqlite.finalize(this.#get);
		await this.#sqlite.close(this.#database);
	}
}

async function prepared(sqlite, database, text) {
	const statements = sqlite.statements(database, text, { unscoped: true });
	const { value } = await statements[Symbol.asyncIterator]().next();
	return value;
}
