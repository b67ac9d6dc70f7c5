import { Buffer } from "node:buffer";
import { FixedJournal } from "../../build/index.js";
import { openStorage } from "../../build/node.js";
import { timed } from "../rounds.mjs";

const SECTION = 1n;
const ENTRY = Buffer.alloc(16, 7);
const BATCH = Buffer.concat(Array(1000).fill(ENTRY));
const GETS = 10_000;
const DURABLE = 50;

/** Entries of a journal's one section. */
export const entries = {
	sizes: [1e4, 1e5, 1e6, 1e7],
	rows: {
		"append all, and sync": 1,
		"one durable append": 0,
		"one get": 0,
		"open after a clean close": 0,
		"open after a crash": 0,
		"replay all": 1,
	},
	measure,
};

async function measure(directory, count) {
	const { storage, journal } = await opened(directory);
	const append = await timed(() => fill(journal, count));
	const durable = await timed(() => sync(journal));
	const get = await timed(() => read(journal, count));
	await storage.close();
	const clean = await reopened(directory, count + DURABLE);
	const last = await opened(directory);
	const replay = await timed(() => replayed(last.journal, count + DURABLE));
	await crash(last);
	const crashed = await reopened(directory, count + DURABLE);
	return {
		"append all, and sync": append,
		"one durable append": durable / DURABLE,
		"one get": get / GETS,
		"open after a clean close": clean,
		"open after a crash": crashed,
		"replay all": replay,
	};
}

async function opened(directory) {
	const storage = await openStorage(directory);
	const journal = await FixedJournal.open(storage, {
		partition: "entries",
		entry: { size: ENTRY.length },
	});
	return { storage, journal };
}

/** Nanoseconds from `openStorage` until the journal is open; then it is closed. */
async function reopened(directory, count) {
	let found;
	const elapsed = await timed(async () => {
		found = await opened(directory);
	});
	const size = await found.journal.size(SECTION);
	await found.storage.close();
	if (size < count * ENTRY.length) {
		throw new Error(`${size} bytes of ${count} entries were found`);
	}
	return elapsed;
}

/** A dropped store is left as by a crash, once it has been changed. */
async function crash({ storage, journal }) {
	await journal.append(SECTION, ENTRY);
	await journal.sync(SECTION);
	await journal.append(SECTION, ENTRY);
	await storage.drop();
}

async function fill(journal, count) {
	for (let left = count; left > 0; left -= 1000) {
		await journal.appendMany(SECTION, BATCH);
	}
	await journal.sync(SECTION);
}

async function sync(journal) {
	for (let index = 0; index < DURABLE; index += 1) {
		await journal.append(SECTION, ENTRY);
		await journal.sync(SECTION);
	}
}

async function read(journal, count) {
	for (let index = 0; index < GETS; index += 1) {
		await journal.get(SECTION, (index * 7919) % Math.min(count, 10_000));
	}
}

async function replayed(journal, expected) {
	let count = 0;
	for await (const { entries: bytes } of journal.replay().batches()) {
		count += bytes.length / ENTRY.length;
	}
	if (count !== expected) {
		throw new Error(`${count} entries of ${expected} were replayed`);
	}
}
