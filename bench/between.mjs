// node bench/between.mjs BEFORE [AFTER] [--pairs=20] [--rows=WORDS]: two clones of dualslot, each built, against each other.
//
// Both builds work in one process. Each pair runs a row once with either, the first by turns, and gives one ratio: more than 1 where
// AFTER is faster. A row is slower where the whole 95 % interval of the median ratio lies below 0.97.
import { Buffer } from "node:buffer";
import { resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { Directories } from "./directories.mjs";
import { median, quantile, timed } from "./rounds.mjs";

const SLOWER = 0.97;
const DRAWS = 2000;
const SECTION = 1n;
const ENTRY = Buffer.alloc(256, 7);
const VALUE = Buffer.alloc(4096, 9);
const POINTING = { size: 20, offsetAt: 8, sizeAt: 16 };
const BULK = { writeBuffer: 2 ** 20 };

const options = process.argv.slice(2).filter((word) => word.startsWith("--"));
const [before, after = "."] = process.argv
	.slice(2)
	.filter((word) => !word.startsWith("--"));
const pairs = Number(/--pairs=(\d+)/.exec(options.join(" "))?.[1] ?? 20);
const rows = /--rows=(.+)/.exec(options.join(" "))?.[1] ?? "";

const JOURNALS = {
	fixed: {
		open: ({ FixedJournal }, storage, sizes) =>
			FixedJournal.open(storage, {
				partition: "journal",
				entry: { size: ENTRY.length },
				...sizes,
			}),
		append: (journal) => journal.append(SECTION, ENTRY),
		count: 100_000,
	},
	variable: {
		open: ({ VariableJournal }, storage, sizes) =>
			VariableJournal.open(storage, { partition: "journal", ...sizes }),
		append: (journal) => journal.append(SECTION, ENTRY),
		count: 100_000,
	},
	oversized: {
		open: ({ OversizedJournal }, storage, sizes) =>
			OversizedJournal.open(storage, {
				index: "index",
				values: "values",
				entry: POINTING,
				...sizes,
				valueBuffer: sizes.writeBuffer,
			}),
		append: (journal) =>
			journal.append(SECTION, Buffer.alloc(POINTING.size), VALUE),
		count: 8192,
	},
};

const ROWS = Object.entries(JOURNALS).flatMap(([kind, journal]) => [
	[`${kind}, bulk`, (build, at) => bulk(build, at, journal)],
	[`${kind}, durable`, (build, at) => durable(build, at, journal)],
	[`${kind}, replay`, (build, at) => replay(build, at, journal)],
	[`${kind}, open`, (build, at) => open(build, at, journal)],
]);
ROWS.push(
	["fixed, get", (build, at) => get(build, at, JOURNALS.fixed)],
	["packed, write and flush", (build, at) => packed(build, at, "write")],
	["packed, read", (build, at) => packed(build, at, "read")],
);

const builds = [await buildIn(before), await buildIn(after)];
const directories = new Directories();
try {
	for (const [name, row] of ROWS.filter(([name]) => name.includes(rows))) {
		await measure(name, row);
	}
} finally {
	directories.remove();
}

async function buildIn(clone) {
	const load = (name) =>
		import(pathToFileURL(resolve(clone, "build", name)).href);
	return { ...(await load("index.js")), ...(await load("node.js")) };
}

async function measure(name, row) {
	const once = (build) => directories.with((at) => row(build, at));
	const ratios = [];
	for (let pair = -1; pair < pairs; pair += 1) {
		const times = [0, 0];
		for (const turn of [0, 1]) {
			const index = (pair + turn + 2) % 2;
			times[index] = await once(builds[index]);
		}
		if (pair >= 0) {
			ratios.push(times[0] / times[1]);
		}
	}
	const [low, high] = intervalOf(ratios);
	const verdict = high < SLOWER ? "SLOWER" : "";
	const figures = [median(ratios), low, high].map((one) => one.toFixed(3));
	console.log(`${name.padEnd(28)} ${figures.join("  ")}  ${verdict}`);
}

/** Of the median, by drawing the ratios again with replacement. */
function intervalOf(ratios) {
	const medians = Array.from({ length: DRAWS }, () =>
		median(ratios.map(() => ratios[Math.floor(Math.random() * ratios.length)])),
	);
	return [quantile(medians, 0.025), quantile(medians, 0.975)];
}

/** Nanoseconds of a step, in a store that is made for it and holds `count` records before. */
async function inStore(build, at, { open, append, count }, filled, step) {
	const storage = await build.openStorage(at);
	const cache = new build.PageCache(storage, { pageSize: 4096, pages: 1024 });
	const journal = await open(build, storage, { cache, ...BULK });
	for (let index = 0; index < (filled ? count : 0); index += 1) {
		await append(journal);
	}
	await journal.sync(SECTION);
	const elapsed = await timed(() => step(journal));
	await storage.close();
	return elapsed;
}

function bulk(build, at, journal) {
	return inStore(build, at, journal, false, async (opened) => {
		for (let index = 0; index < journal.count; index += 1) {
			await journal.append(opened);
		}
		await opened.sync(SECTION);
	});
}

function durable(build, at, journal) {
	return inStore(build, at, journal, false, async (opened) => {
		for (let index = 0; index < 300; index += 1) {
			await journal.append(opened);
			await opened.sync(SECTION);
		}
	});
}

function replay(build, at, journal) {
	return inStore(build, at, journal, true, async (opened) => {
		let count = 0;
		for await (const _ of opened.replay()) {
			count += 1;
		}
		if (count !== journal.count) {
			throw new Error(`${count} records were found`);
		}
	});
}

function get(build, at, journal) {
	return inStore(build, at, journal, true, async (opened) => {
		for (let index = 0; index < 50_000; index += 1) {
			await opened.get(SECTION, (index * 7919) % 4096);
		}
	});
}

/** A clean open of a store that is filled. */
async function open(build, at, journal) {
	await inStore(build, at, journal, true, async () => undefined);
	return timed(async () => {
		const storage = await build.openStorage(at);
		const cache = new build.PageCache(storage, { pageSize: 4096, pages: 64 });
		await journal.open(build, storage, { cache, ...BULK });
		await storage.drop();
	});
}

async function packed(build, at, move) {
	const store = await build.openPackedStore(at, { frames: 4 });
	const frame = await store.allocateFrame();
	frame.bytes.fill(5);
	const guids = Array.from({ length: 64 }, (_, index) => {
		const guid = Buffer.alloc(16);
		guid.writeUInt32BE(index + 1);
		return guid;
	});
	const write = async () => {
		for (const guid of guids) {
			await store.write(guid, frame);
			await store.flush();
		}
	};
	const read = async () => {
		for (const guid of guids) {
			await store.read(guid, frame);
		}
	};
	const writing = await timed(write);
	const elapsed = move === "write" ? writing : await timed(read);
	frame.release();
	await store.close();
	return elapsed;
}
