import { join } from "node:path";
import { openPaged, PAGE_SIZE } from "../dualslot.mjs";
import { ENTRY_SIZE, entryAt } from "../entries.mjs";
import { openLmdb } from "../lmdb.mjs";
import { median, timed } from "../rounds.mjs";
import { openSqlite } from "../sqlite.mjs";
import { time } from "../table.mjs";

if (PAGE_SIZE % ENTRY_SIZE !== 0) {
	throw new Error("a chunk of a replay holds whole entries only here");
}

/**
 * Each entry reaches the loop's body as a Uint8Array; a chunk of a replay ends with a page, and so with an
 * entry. The body is the same for all, and written out in each, so that no contender pays for another's kind of bytes.
 */
export async function makeRow({ directories, isQuick }) {
	const count = isQuick ? 100_000 : 1_000_000;
	const expected = digestOfAll(count);
	const contenders = [
		await dualslotContender(directories.make("dualslot"), count),
		sqliteContender(join(directories.make("sqlite"), "sqlite"), count),
		await lmdbContender(join(directories.make("lmdb"), "lmdb"), count),
	];
	return {
		title: `replay: ${count} entries of ${ENTRY_SIZE} bytes, in order; per entry`,
		isTidy: true,
		warmUp: 1,
		rounds: isQuick ? 5 : 9,
		metrics: [{ name: "time", of: median, format: time }],
		contenders: contenders.map(({ name, goals, digest }) => ({
			name,
			goals,
			measure: async () => [(await measured(name, digest, expected)) / count],
		})),
		async close() {
			for (const contender of contenders) {
				await contender.close();
			}
		},
	};
}

function digestOfAll(count) {
	let digest = 0;
	for (let index = 0; index < count; index += 1) {
		const entry = entryAt(index);
		digest += entry[0] * 256 + entry[ENTRY_SIZE - 1];
	}
	return digest;
}

async function measured(name, digest, expected) {
	let found = 0;
	const elapsed = await timed(async () => {
		found = await digest();
	});
	if (found !== expected) {
		throw new Error(`${name} read other bytes than were stored`);
	}
	return elapsed;
}

async function dualslotContender(directory, count) {
	const { storage, paged } = await openPaged(directory);
	for (let index = 0; index < count; index += 1) {
		await paged.append(entryAt(index));
	}
	await paged.sync();
	return {
		name: "dualslot, verified",
		async digest() {
			let digest = 0;
			for await (const chunk of paged.replay()) {
				for (let at = 0; at < chunk.length; at += ENTRY_SIZE) {
					const entry = chunk.subarray(at, at + ENTRY_SIZE);
					digest += entry[0] * 256 + entry[ENTRY_SIZE - 1];
				}
			}
			return digest;
		},
		close: () => storage.close(),
	};
}

function sqliteContender(path, count) {
	const { database, insert, all } = openSqlite(path);
	database.transaction(() => {
		for (let index = 0; index < count; index += 1) {
			insert.run(index, entryAt(index));
		}
	})();
	return {
		name: "better-sqlite3, iterate",
		goals: { time: { ratio: 8 } },
		digest() {
			let digest = 0;
			for (const entry of all.iterate()) {
				digest += entry[0] * 256 + entry[ENTRY_SIZE - 1];
			}
			return digest;
		},
		close: () => database.close(),
	};
}

async function lmdbContender(path, count) {
	const database = openLmdb(path);
	database.transactionSync(() => {
		for (let index = 0; index < count; index += 1) {
			database.putSync(index, entryAt(index));
		}
	});
	await database.flushed;
	return {
		name: "lmdb, getRange",
		digest() {
			let digest = 0;
			for (const { value } of database.getRange()) {
				digest += value[0] * 256 + value[ENTRY_SIZE - 1];
			}
			return digest;
		},
		close: () => database.close(),
	};
}
