import { join } from "node:path";
import { openStorage } from "../../build/node.js";
import { pagedOf } from "../dualslot.mjs";
import { ENTRY_SIZE, entryAt } from "../entries.mjs";
import { openLmdb } from "../lmdb.mjs";
import { median, timed } from "../rounds.mjs";
import { openSqlite } from "../sqlite.mjs";
import { time } from "../table.mjs";

const COUNT = 16_384;
const CACHE_PAGES = 2048;
const BATCH = 1000;
const BATCHES = 20;
const GOAL = { time: { atMost: 1000 } };

/** Scattered, the same for all contenders, and the same in each run. */
const ORDER = Array.from(
	{ length: BATCH },
	(_, index) => Math.imul(index + 1, 7919) % COUNT,
);

export async function makeRow({ directories, isQuick }) {
	const paged = await filledPaged(directories.make("dualslot"));
	const peers = [
		await lmdbContender(join(directories.make("lmdb"), "lmdb")),
		sqliteContender(join(directories.make("sqlite"), "sqlite")),
	];
	const contenders = [...dualslotContenders(paged.paged), ...peers];
	for (const { name, readOne } of contenders) {
		await requireEach(name, readOne);
	}
	return {
		title: `hot read: ${ENTRY_SIZE} bytes at a place, from memory; median of batches of ${BATCH}`,
		warmUp: 1,
		rounds: isQuick ? 5 : 15,
		metrics: [{ name: "time", of: median, format: time }],
		contenders: contenders.map(({ name, goals, readAll }) => ({
			name,
			goals,
			measure: () => batches(readAll),
		})),
		async close() {
			await paged.storage.close();
			for (const peer of peers) {
				await peer.close();
			}
		},
	};
}

async function batches(readAll) {
	const samples = [];
	for (let batch = 0; batch < BATCHES; batch += 1) {
		samples.push((await timed(readAll)) / BATCH);
	}
	return samples;
}

async function requireEach(name, readOne) {
	for (let index = 0; index < COUNT; index += 1) {
		if (entryAt(index).compare(await readOne(index)) !== 0) {
			throw new Error(`${name} read other bytes than were stored`);
		}
	}
}

async function filledPaged(directory) {
	const { storage, paged } = await pagedOf(await openStorage(directory), {
		pages: CACHE_PAGES,
	});
	for (let index = 0; index < COUNT; index += 1) {
		await paged.append(entryAt(index));
	}
	await paged.sync();
	return { storage, paged };
}

function dualslotContenders(paged) {
	const target = new Uint8Array(ENTRY_SIZE);
	const tryRead = (index) => {
		if (!paged.tryRead(index * ENTRY_SIZE, target)) {
			throw new Error("tryRead found a page that is not in memory");
		}
		return target;
	};
	return [
		{
			name: "dualslot, await read",
			goals: GOAL,
			readOne: (index) => paged.read(index * ENTRY_SIZE, ENTRY_SIZE),
			async readAll() {
				for (const index of ORDER) {
					await paged.read(index * ENTRY_SIZE, ENTRY_SIZE);
				}
			},
		},
		{
			name: "dualslot, tryRead",
			goals: GOAL,
			readOne: tryRead,
			readAll: () => ORDER.forEach(tryRead),
		},
	];
}

async function lmdbContender(path) {
	const database = openLmdb(path);
	database.transactionSync(() => {
		for (let index = 0; index < COUNT; index += 1) {
			database.putSync(index, entryAt(index));
		}
	});
	await database.flushed;
	const readOne = (index) => database.getBinary(index);
	return {
		name: "lmdb, getBinary",
		readOne,
		readAll: () => ORDER.forEach(readOne),
		close: () => database.close(),
	};
}

function sqliteContender(path) {
	const { database, insert, get } = openSqlite(path);
	database.transaction(() => {
		for (let index = 0; index < COUNT; index += 1) {
			insert.run(index, entryAt(index));
		}
	})();
	const readOne = (index) => get.get(index);
	return {
		name: "better-sqlite3, get",
		readOne,
		readAll: () => ORDER.forEach(readOne),
		close: () => database.close(),
	};
}
