import { Buffer } from "node:buffer";
import {
	closeSync,
	fdatasync,
	openSync,
	readFileSync,
	writeSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { openPaged } from "../dualslot.mjs";
import { ENTRY_SIZE, EntryCheck, entryAt } from "../entries.mjs";
import { openLmdb } from "../lmdb.mjs";
import { median, timed } from "../rounds.mjs";
import { time } from "../table.mjs";

const WRITERS = 64;
const WARM_UP = 1;

export async function makeRow({ directories, isQuick }) {
	const rounds = isQuick ? 3 : 9;
	const each = isQuick ? 25 : 100;
	const count = WRITERS * each;
	const contenders = [
		await dualslotContender(directories.make("dualslot"), each),
		bareContender(join(directories.make("bare"), "bare"), each),
		lmdbContender(join(directories.make("lmdb"), "lmdb"), each),
	];
	return {
		title: `${WRITERS} writers: each loops over one append of ${ENTRY_SIZE} bytes and one sync; per entry`,
		warmUp: WARM_UP,
		rounds,
		metrics: [{ name: "time", of: median, format: time }],
		contenders,
		async close() {
			for (const contender of contenders) {
				await contender.close((WARM_UP + rounds) * count);
			}
		},
	};
}

async function dualslotContender(directory, each) {
	const { storage, paged } = await openPaged(directory);
	let index = 0;
	return {
		name: "dualslot",
		measure: () =>
			together(each, async () => {
				const entry = entryAt(index);
				index += 1;
				await paged.append(entry);
				await paged.sync();
			}),
		async close(expected) {
			const check = new EntryCheck("dualslot");
			for await (const chunk of paged.replay()) {
				check.seeAll(chunk);
			}
			check.end(expected);
			await storage.close();
		},
	};
}

/** For information: what the disk takes when one write and one sync serve all the writers. */
function bareContender(path, each) {
	const fd = openSync(path, "w");
	const sync = promisify(fdatasync);
	let index = 0;
	return {
		name: "bare loop, one write and one sync for all",
		async measure() {
			const elapsed = await timed(async () => {
				for (let count = 0; count < each; count += 1) {
					const entries = Array.from({ length: WRITERS }, (_, writer) =>
						entryAt(index + writer),
					);
					const bytes = Buffer.concat(entries);
					writeSync(fd, bytes, 0, bytes.length, index * ENTRY_SIZE);
					index += WRITERS;
					await sync(fd);
				}
			});
			return [elapsed / (WRITERS * each)];
		},
		close(expected) {
			closeSync(fd);
			const check = new EntryCheck("bare loop");
			check.seeAll(readFileSync(path));
			check.end(expected);
		},
	};
}

function lmdbContender(path, each) {
	const database = openLmdb(path);
	let index = 0;
	return {
		name: "lmdb",
		goals: { time: { ratio: 3 } },
		measure: () =>
			together(each, async () => {
				const key = index;
				index += 1;
				await database.put(key, entryAt(key));
				await database.flushed;
			}),
		async close(expected) {
			const check = new EntryCheck("lmdb");
			for (const { value } of database.getRange()) {
				check.see(value);
			}
			check.end(expected);
			await database.close();
		},
	};
}

async function together(each, write) {
	const writer = async () => {
		for (let count = 0; count < each; count += 1) {
			await write();
		}
	};
	const elapsed = await timed(() =>
		Promise.all(Array.from({ length: WRITERS }, writer)),
	);
	return [elapsed / (WRITERS * each)];
}
