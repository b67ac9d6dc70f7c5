import { Buffer } from "node:buffer";
import { FixedJournal, OversizedJournal } from "../../build/index.js";
import { openStorage } from "../../build/node.js";
import { timed } from "../rounds.mjs";

const ENTRY = Buffer.alloc(32, 7);
const VALUE = Buffer.alloc(100, 9);
const POINTING = { size: 20, offsetAt: 8, sizeAt: 16 };
/** Sections that a crash leaves unsynced. */
const UNSYNCED = 10;

/** Sections of a journal, one entry in each. */
export const sections = {
	sizes: [10, 100, 1000, 10_000],
	rows: {
		"make and fill all": 1,
		"a round of appends to all": 1,
		"open after a clean close": 0,
		"open after a crash": 0,
		"replay all": 1,
		"prune half of them": 1,
		"pairs, open after a clean close": 0,
		"pairs, open after a crash": 0,
	},
	measure: async (directory, count) => ({
		...(await fixed(`${directory}/fixed`, count)),
		...(await pairs(`${directory}/pairs`, count)),
	}),
};

async function fixed(directory, count) {
	const store = await openedFixed(directory);
	const make = await timed(() => appendToAll(store.journal, count));
	const append = await timed(() => appendToAll(store.journal, count));
	await store.storage.close();
	const [clean, crashed] = await openings(openedFixed, directory, appendOne);
	const last = await openedFixed(directory);
	const replay = await timed(() => replayed(last.journal, count));
	const prune = await timed(() => last.journal.prune(BigInt(count / 2)));
	await last.storage.close();
	return {
		"make and fill all": make,
		"a round of appends to all": append,
		"open after a clean close": clean,
		"open after a crash": crashed,
		"replay all": replay,
		"prune half of them": prune,
	};
}

async function pairs(directory, count) {
	const store = await openedPairs(directory);
	for (let section = 0; section < count; section += 1) {
		await appendPair(store.journal, section);
	}
	await store.journal.syncAll();
	await store.storage.close();
	const [clean, crashed] = await openings(openedPairs, directory, appendPair);
	return {
		"pairs, open after a clean close": clean,
		"pairs, open after a crash": crashed,
	};
}

/** Nanoseconds of an open after a clean close, and of one after a crash. */
async function openings(open, directory, append) {
	let store;
	const clean = await timed(async () => {
		store = await open(directory);
	});
	for (let section = 0; section < UNSYNCED; section += 1) {
		await append(store.journal, section);
	}
	await store.storage.drop();
	const crashed = await timed(async () => {
		store = await open(directory);
	});
	await store.storage.close();
	return [clean, crashed];
}

async function openedFixed(directory) {
	const storage = await openStorage(directory);
	const journal = await FixedJournal.open(storage, {
		partition: "entries",
		entry: { size: ENTRY.length },
	});
	return { storage, journal };
}

async function openedPairs(directory) {
	const storage = await openStorage(directory);
	const journal = await OversizedJournal.open(storage, {
		index: "index",
		values: "values",
		entry: POINTING,
	});
	return { storage, journal };
}

async function appendToAll(journal, count) {
	for (let section = 0; section < count; section += 1) {
		await appendOne(journal, section);
	}
	await journal.syncAll();
}

function appendOne(journal, section) {
	return journal.append(section, ENTRY);
}

function appendPair(journal, section) {
	return journal.append(section, Buffer.alloc(POINTING.size), VALUE);
}

async function replayed(journal, least) {
	let count = 0;
	for await (const _ of journal.replay()) {
		count += 1;
	}
	if (count < 2 * least) {
		throw new Error(`${count} entries of ${2 * least} were replayed`);
	}
}
