import { Buffer } from "node:buffer";
import {
	closeSync,
	fdatasyncSync,
	openSync,
	readFileSync,
	writeSync,
} from "node:fs";
import { join } from "node:path";
import { openStorage } from "../../build/node.js";
import { pagedOf } from "../dualslot.mjs";
import { ENTRY_SIZE, EntryCheck, entryAt } from "../entries.mjs";
import { openLmdb } from "../lmdb.mjs";
import { median, timed } from "../rounds.mjs";
import { openSqlite } from "../sqlite.mjs";
import { time } from "../table.mjs";

const BARE_BUFFER = 64 * 1024;
/** What a bulk load asks for, as the peers get one transaction, and lmdb the promise of ascending keys. */
const BULK_OPTIONS = { writeBuffer: 1024 * 1024 };

/** V8 forgets the code that it made fast with the last object that it was made for; an application's store lives on. */
const alive = [];

export async function makeRow({ directories, isQuick }) {
	const count = isQuick ? 100_000 : 300_000;
	const fresh = (name, measure, goals) => ({
		name,
		goals,
		measure: () =>
			directories.with(async (directory) => [
				(await measure(directory, count)) / count,
			]),
	});
	return {
		title: `bulk: ${count} appends of ${ENTRY_SIZE} bytes, one sync at the end; per entry`,
		isTidy: true,
		warmUp: 1,
		rounds: isQuick ? 3 : 7,
		metrics: [{ name: "time", of: median, format: time }],
		contenders: [
			fresh("dualslot, write buffer of 1 MiB", (directory) =>
				appendToDualslot(directory, count, BULK_OPTIONS),
			),
			fresh("dualslot, write buffer as it comes", appendToDualslot),
			fresh("bare loop", writeBare, { time: { ratio: 0.8 } }),
			fresh("lmdb", putInLmdb, { time: { ratio: 4 } }),
			fresh("better-sqlite3", insertInSqlite, { time: { ratio: 6 } }),
		],
	};
}

async function appendToDualslot(directory, count, options) {
	const { storage, paged } = await pagedOf(
		await openStorage(directory),
		options,
	);
	const elapsed = await timed(async () => {
		for (let index = 0; index < count; index += 1) {
			await paged.append(entryAt(index));
		}
		await paged.sync();
	});
	const check = new EntryCheck("dualslot");
	for await (const chunk of paged.replay()) {
		check.seeAll(chunk);
	}
	check.end(count);
	await storage.close();
	alive.push(paged);
	return elapsed;
}

async function writeBare(directory, count) {
	const path = join(directory, "bare");
	const fd = openSync(path, "w");
	const elapsed = await timed(() => {
		const buffer = Buffer.allocUnsafe(BARE_BUFFER);
		let position = 0;
		let filled = 0;
		for (let index = 0; index < count; index += 1) {
			buffer.set(entryAt(index), filled);
			filled += ENTRY_SIZE;
			if (filled === BARE_BUFFER) {
				position += writeSync(fd, buffer, 0, filled, position);
				filled = 0;
			}
		}
		writeSync(fd, buffer, 0, filled, position);
		fdatasyncSync(fd);
	});
	closeSync(fd);
	const check = new EntryCheck("bare loop");
	check.seeAll(readFileSync(path));
	check.end(count);
	return elapsed;
}

async function putInLmdb(directory, count) {
	const database = openLmdb(join(directory, "lmdb"));
	const elapsed = await timed(async () => {
		database.transactionSync(() => {
			for (let index = 0; index < count; index += 1) {
				database.putSync(index, entryAt(index), { append: true });
			}
		});
		await database.flushed;
	});
	const check = new EntryCheck("lmdb");
	for (const { value } of database.getRange()) {
		check.see(value);
	}
	check.end(count);
	await database.close();
	alive.push(database);
	return elapsed;
}

async function insertInSqlite(directory, count) {
	const { database, insert, all } = openSqlite(join(directory, "sqlite"));
	const elapsed = await timed(
		database.transaction(() => {
			for (let index = 0; index < count; index += 1) {
				insert.run(index, entryAt(index));
			}
		}),
	);
	const check = new EntryCheck("better-sqlite3");
	for (const entry of all.iterate()) {
		check.see(entry);
	}
	check.end(count);
	database.close();
	alive.push(database);
	return elapsed;
}
