import { Buffer } from "node:buffer";
import {
	closeSync,
	copyFileSync,
	fdatasyncSync,
	ftruncateSync,
	openSync,
	readFileSync,
	writeSync,
} from "node:fs";
import { join } from "node:path";
import { Storage } from "../../build/index.js";
import { nodeHost } from "../../build/node.js";
import { BLOB_PATH, openPaged, PAGE_SIZE, pagedOf } from "../dualslot.mjs";
import { ENTRY_SIZE, entryAt } from "../entries.mjs";
import { quantile, timed } from "../rounds.mjs";
import { recordingHost } from "../seam.mjs";
import { openSqlite } from "../sqlite.mjs";
import { time } from "../table.mjs";

const WARM_UP = 120;
/** As many as fill a page, so that each turn extends the file once. */
const PER_TURN = PAGE_SIZE / ENTRY_SIZE;
const BLOCKING = { sync: "blocking" };
/** What 1.15 times the bare loop at most is as a ratio. */
const BARE_GOAL = { ratio: 1 / 1.15 };
const AHEAD = { ratio: 1 };

/**
 * Turns are short, so that what else the disk has to do delays one contender as often as another.
 * The bare loop writes and syncs exactly what the engine does: a first pass, that nobody times, records it at the seam.
 */
export async function makeRow({ directories, isQuick }) {
	const rounds = isQuick ? 60 : 400;
	const origin = directories.make("recorded");
	const recording = await record(origin, (WARM_UP + rounds) * PER_TURN);
	const contenders = [
		await dualslotContender(directories.make("dualslot")),
		bareContender(join(directories.make("bare"), "bare"), recording),
		sqliteContender(join(directories.make("sqlite"), "sqlite")),
	];
	return {
		title: `durable: one append of ${ENTRY_SIZE} bytes, one blocking sync`,
		warmUp: WARM_UP,
		rounds,
		metrics: [
			{ name: "p50", of: (all) => quantile(all, 0.5), format: time },
			{ name: "p99", of: (all) => quantile(all, 0.99), format: time },
		],
		contenders,
		async close() {
			for (const contender of contenders) {
				await contender.close();
			}
			requireSame(contenders[0].path, contenders[1].path);
		},
	};
}

/** The host's steps, one list for each append and sync, and the file as it was before them. */
async function record(directory, count) {
	const steps = [];
	const host = recordingHost(nodeHost(directory, BLOCKING), steps);
	// Zeros ahead are no part of an append, and the bare loop has none.
	const options = { ...BLOCKING, ahead: 0 };
	const { storage, paged } = await pagedOf(await Storage.open(host, options));
	const start = `${directory}.start`;
	copyFileSync(join(directory, BLOB_PATH), start);
	const operations = [];
	for (let index = 0; index < count; index += 1) {
		steps.length = 0;
		await paged.append(entryAt(index));
		await paged.sync();
		operations.push([...steps]);
	}
	await storage.close();
	return { start, operations };
}

async function dualslotContender(directory) {
	const { storage, paged } = await openPaged(directory, BLOCKING);
	let index = 0;
	const appendAndSync = async () => {
		await paged.append(entryAt(index));
		await paged.sync();
		index += 1;
	};
	return {
		name: "dualslot",
		path: join(directory, BLOB_PATH),
		measure: () => turn(appendAndSync),
		close: () => storage.close(),
	};
}

function bareContender(path, { start, operations }) {
	copyFileSync(start, path);
	const fd = openSync(path, "r+");
	let index = 0;
	const replay = () => {
		for (const step of operations[index]) {
			repeat(fd, step);
		}
		index += 1;
	};
	return {
		name: "the same writes and syncs",
		path,
		goals: { p50: BARE_GOAL, p99: BARE_GOAL },
		measure: () => turn(replay),
		close: () => closeSync(fd),
	};
}

function repeat(fd, { kind, offset, bytes, size }) {
	switch (kind) {
		case "write":
			writeSync(fd, bytes, 0, bytes.length, offset);
			break;
		case "truncate":
			ftruncateSync(fd, size);
			break;
		default:
			fdatasyncSync(fd);
	}
}

function sqliteContender(path) {
	const { database, insert } = openSqlite(path);
	let index = 0;
	const commit = () => {
		insert.run(index, entryAt(index));
		index += 1;
	};
	return {
		name: "better-sqlite3, WAL, synchronous=FULL",
		goals: { p50: AHEAD, p99: AHEAD },
		measure: () => turn(commit),
		close: () => database.close(),
	};
}

async function turn(operation) {
	const samples = [];
	for (let count = 0; count < PER_TURN; count += 1) {
		samples.push(await timed(operation));
	}
	return samples;
}

function requireSame(path, repeated) {
	if (!Buffer.from(readFileSync(path)).equals(readFileSync(repeated))) {
		throw new Error("the engine did not write what it was recorded to write");
	}
}
