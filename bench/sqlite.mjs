import Database from "better-sqlite3";

/** A table of blobs by number; a commit is durable, as a sync of dualslot is. */
export function openSqlite(path) {
	const database = new Database(path);
	database.pragma("page_size = 4096");
	database.pragma("journal_mode = WAL");
	database.pragma("synchronous = FULL");
	database.exec(
		"CREATE TABLE IF NOT EXISTS entries (id INTEGER PRIMARY KEY, bytes BLOB)",
	);
	return {
		database,
		insert: database.prepare("INSERT INTO entries VALUES (?, ?)"),
		get: database.prepare("SELECT bytes FROM entries WHERE id = ?").pluck(),
		all: database.prepare("SELECT bytes FROM entries ORDER BY id").pluck(),
		next: database
			.prepare("SELECT COALESCE(MAX(id) + 1, 0) FROM entries")
			.pluck(),
	};
}
