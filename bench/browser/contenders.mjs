const DURABLE = "PRAGMA synchronous = FULL";

/**
 * Who takes part, by the file of its store and what that is given; dualslot first. Where a clone is named, its build is
 * another contender.
 */
export function contendersIn(scope, other) {
	const dualslot = [
		{ name: "dualslot", file: "dualslot", options: { build: "dualslot" } },
		...(other === undefined
			? []
			: [
					{
						name: `dualslot of ${other}`,
						file: "dualslot",
						options: { build: "other" },
					},
				]),
	];
	const database = {
		name: "IndexedDB, durability: strict",
		file: "indexed-db",
		options: {},
	};
	return [...dualslot, ...peersOf(scope), database];
}

/** Files are opened in a worker alone: from a window each of these is asked by messages. */
function peersOf(scope) {
	const there = scope === "worker" ? "" : ", in a worker";
	return [
		{
			name: `sqlite-wasm, SAH pool, WAL exclusive, FULL${there}`,
			file: "sqlite",
			options: {
				pragmas: [
					"PRAGMA locking_mode = EXCLUSIVE",
					"PRAGMA journal_mode = WAL",
					DURABLE,
				],
				journal: "wal",
			},
		},
		{
			name: `sqlite-wasm, SAH pool, TRUNCATE, FULL${there}`,
			file: "sqlite",
			options: {
				pragmas: ["PRAGMA journal_mode = TRUNCATE", DURABLE],
				journal: "truncate",
			},
		},
		{
			// In exclusive locking mode it loses rows: of 30 single appends and a load of 8,192, fourteen.
			name: `wa-sqlite (journeyapps), write-ahead VFS, FULL${there}`,
			file: "wa-sqlite",
			options: { pragmas: [DURABLE] },
		},
		{ name: `bare write and flush${there}`, file: "bare", options: {} },
	];
}
