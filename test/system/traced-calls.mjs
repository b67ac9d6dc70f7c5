// Through the host argv[2], makes every call of the table in docs/durability.md on the store in argv[3], each after a mark
// that a trace of its system calls shows: the name of the call, asked for as a file that is not there.
import { appendFileSync, existsSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout } from "node:timers/promises";
import { PageCache, PagedBlob } from "../../build/index.js";
import { exportTo, importFrom } from "../../build/transfer.js";
import { builtHost } from "../support/hosts/built-host.mjs";

const PAGE_SIZE = 4096;
/** As many make a host write zeros ahead. */
const GROWTHS = 8;
/** Partitions are numbered with three digits, so that their names have one length. */
const FIRST_RECORDED = 100;
let recorded = FIRST_RECORDED;
const [, , name, directory] = process.argv;
const { openStorage } = await builtHost(name);

await makeStore();
await keepPages();
await keepPagesAgain();
await keepRawBytes();
await erase();
await keepZerosAhead();
await recover();
await moveToEmptyStore();
await recordChanges();
mark("end");

function mark(name) {
	existsSync(join(directory, `mark ${name}`));
}

function traced(name, call) {
	mark(name);
	return call();
}

/** Without a name, no call of the table: its system calls are nobody's. */
async function untraced(call) {
	mark("nothing");
	return call();
}

async function makeStore() {
	const storage = await traced("openStorage, of a missing directory", () =>
		openStorage(directory),
	);
	await traced("storage.close", () => storage.close());
}

async function keepPages() {
	const storage = await traced("openStorage, of an empty directory", () =>
		openStorage(directory),
	);
	const blob = await traced(
		"storage.open, of a new blob in a new partition",
		() => storage.open("p", "b"),
	);
	const cache = new PageCache(storage, { pageSize: PAGE_SIZE, pages: 8 });
	const paged = await traced(
		"PagedBlob.open, of a partition's first blob",
		() => PagedBlob.open(blob, { cache, writeBuffer: 2 * PAGE_SIZE }),
	);
	await traced("append, into the write buffer", () => append(paged, 10));
	await traced("sync, of a fresh page", () => paged.sync());
	await traced("sync, with nothing new", () => paged.sync());
	await untraced(() => append(paged, 10));
	await traced("sync, that keeps slot 1 and writes slot 2", () => paged.sync());
	await untraced(() => append(paged, 10));
	await traced("sync, that keeps slot 2 and writes slot 1", () => paged.sync());
	await untraced(() => append(paged, 10));
	await traced("replay, with bytes in the write buffer", () => readAll(paged));
	await untraced(() => append(paged, 10));
	await traced("sync, over a slot that a replay moved", () => paged.sync());
	await traced("resize, within a page", () => paged.resize(20));
	await untraced(() => append(paged, 2 * PAGE_SIZE));
	await untraced(() => paged.sync());
	await traced("resize, within an earlier page", () => paged.resize(20));
	await traced("resize, to a page boundary", () => paged.resize(0));
	await untraced(() => append(paged, 10));
	await traced("sync, after a resize to a page boundary", () => paged.sync());
	await untraced(() => paged.resize(0));
	await untraced(() => paged.sync());
	await traced("append, past the write buffer", () =>
		append(paged, 2 * PAGE_SIZE + 1),
	);
	await traced("resize, to a larger size", () => paged.resize(paged.size + 9));
	await traced("paged.close, with bytes not synced", () => paged.close());
	await traced("storage.close, of a store that was changed", () =>
		storage.close(),
	);
}

async function keepPagesAgain() {
	const storage = await traced("openStorage, of a store closed clean", () =>
		openStorage(directory),
	);
	const cache = new PageCache(storage, { pageSize: PAGE_SIZE, pages: 8 });
	const blob = await traced("storage.open, of a blob that is there", () =>
		storage.open("p", "b"),
	);
	const paged = await traced("PagedBlob.open, of a blob closed clean", () =>
		PagedBlob.open(blob, { cache }),
	);
	await traced("sync, the first after an open", () => paged.sync());
	await traced("paged.close, with nothing new", () => paged.close());
	await keepPageOfEarlierOpen(storage, cache);
	const second = await traced(
		"storage.open, of a new blob in a known partition",
		() => storage.open("p", "c"),
	);
	const pagedSecond = await traced("PagedBlob.open, of a later blob", () =>
		PagedBlob.open(second, { cache }),
	);
	await pagedSecond.close();
	await traced("storage.remove, of a blob", () => storage.remove("p", "c"));
	await traced("storage.remove, of a partition", () => storage.remove("p"));
	await untraced(() => storage.close());
}

async function keepPageOfEarlierOpen(storage, cache) {
	const blob = await traced(
		"storage.open, of a blob in a partition opened before",
		() => storage.open("p", "b"),
	);
	const paged = await untraced(() => PagedBlob.open(blob, { cache }));
	await append(paged, 10);
	await traced("sync, of new bytes after an open", () => paged.sync());
	await untraced(() => paged.close());
}

async function keepRawBytes() {
	const storage = await openStorage(directory);
	const blob = await storage.open("raw", "b");
	const bytes = new Uint8Array(100);
	await traced("blob.write", () => blob.write(0, bytes));
	await traced("blob.writeSync", () => blob.writeSync(0, bytes));
	await traced("blob.resize", () => blob.resize(50));
	await traced("blob.sync", () => blob.sync());
	await untraced(() => blob.write(0, bytes));
	await traced("blob.close, with bytes not synced", () => blob.close());
	mark("nothing");
	truncateSync(join(directory, "raw/62"), 3);
	await traced("storage.open, of a blob whose creation was torn", () =>
		storage.open("raw", "b"),
	);
	await untraced(() => storage.close());
}

async function erase() {
	mark("nothing");
	const storage = await openStorage(directory, { erase: true });
	const paged = await openPaged(storage);
	await append(paged, 40);
	await paged.sync();
	await traced("resize, within a page, in a store that erases", () =>
		paged.resize(20),
	);
	await untraced(async () => {
		await paged.close();
		await storage.remove("p");
		await storage.close();
	});
}

/** Where the scratch directory lies on another file system than ext4 there are no zeros ahead. */
async function keepZerosAhead() {
	mark("nothing");
	const storage = await openStorage(directory);
	const paged = await openPaged(storage);
	for (let count = 1; count < GROWTHS; count += 1) {
		await append(paged, PAGE_SIZE);
		await paged.sync();
	}
	await append(paged, PAGE_SIZE);
	await traced(
		"sync, the eighth in a row of a longer blob, with zeros ahead",
		async () => {
			await paged.sync();
			await setTimeout(200);
		},
	);
	await untraced(() => append(paged, PAGE_SIZE));
	await traced("sync, of a fresh page over zeros ahead", () => paged.sync());
	await traced("paged.close, with zeros ahead", () => paged.close());
	await untraced(async () => {
		await storage.remove("p");
		await storage.close();
	});
}

async function recover() {
	await leave((storage) => storage.close());
	appendFileSync(join(directory, "p/62"), "torn");
	await reopen("PagedBlob.open, of foreign bytes past the last page");
	await leave((storage) => storage.drop());
	appendFileSync(join(directory, "p/62"), "torn");
	const name = "openStorage, of a store whose writer crashed";
	await reopen("PagedBlob.open, of a torn tail after a crash", name);
	const reader = await traced("openStorage, to read only", () =>
		openStorage(directory, { readOnly: true }),
	);
	await traced("storage.close, of a store open to read only", () =>
		reader.close(),
	);
}

async function moveToEmptyStore() {
	mark("nothing");
	const storage = await openStorage(directory);
	await storage.remove("raw");
	const pieces = [];
	const target = new WritableStream({ write: (piece) => pieces.push(piece) });
	await traced("exportTo, of a store with one blob", () =>
		exportTo(storage, target),
	);
	await untraced(() => storage.remove("p"));
	const source = new Blob(pieces).stream();
	await traced("importFrom, of an archive with one blob", () =>
		importFrom(storage, source),
	);
	await untraced(() => storage.close());
}

/** Partitions, of which each costs as much, in the store that the import has left with one of its own. */
async function recordChanges() {
	mark("nothing");
	const storage = await openStorage(directory);
	const cache = new PageCache(storage, { pageSize: PAGE_SIZE, pages: 1 });
	const record = (name) => recordPartition(storage, cache, name);
	await fillConfig(record);
	await record("PagedBlob.open, that takes dualslot.json past 4096 bytes");
	await record("PagedBlob.open, of the first partition after that");
	await record("PagedBlob.open, of a later partition");
	// The first removal of a session also looks for copies of what was cut.
	await untraced(() => storage.remove("p"));
	await traced("storage.remove, of a partition after that", () =>
		storage.remove(`n${FIRST_RECORDED}`),
	);
	await removeUntilRewritten(storage, FIRST_RECORDED + 1);
	await fillConfig(record);
	await record("nothing");
	await record("nothing");
	await untraced(() => storage.close());
	const again = await traced(
		"openStorage, of a store closed clean with dualslot.changes",
		() => openStorage(directory),
	);
	await untraced(() => again.drop());
	const last = await traced(
		"openStorage, of a crashed store with dualslot.changes",
		() => openStorage(directory),
	);
	await untraced(() => last.close());
}

/** Until one more partition would take dualslot.json past what is written anew for each change. */
async function fillConfig(record) {
	let before = 0;
	let cost = 0;
	do {
		before = configFile().size;
		await record("nothing");
		cost = configFile().size - before;
	} while (cost > 0 && before + 2 * cost <= 4096);
}

/** Of the calls with one name the last counts, which is the one that has written dualslot.json anew. */
async function removeUntilRewritten(storage, first) {
	const name = "storage.remove, with dualslot.changes as long as dualslot.json";
	const { ino } = configFile();
	for (let number = first; configFile().ino === ino; number += 1) {
		await traced(name, () => storage.remove(`n${number}`));
	}
}

async function recordPartition(storage, cache, name) {
	const blob = await untraced(() => storage.open(`n${recorded}`, "b"));
	recorded += 1;
	const paged = await traced(name, () => PagedBlob.open(blob, { cache }));
	await untraced(() => paged.close());
}

function configFile() {
	return statSync(join(directory, "dualslot.json"));
}

/** A store with one synced page, left in the way that `end` does. */
async function leave(end) {
	mark("nothing");
	const storage = await openStorage(directory);
	const paged = await openPaged(storage);
	await append(paged, 10);
	await paged.sync();
	await end(storage);
}

async function reopen(openName, storageName = "nothing") {
	const storage = await traced(storageName, () => openStorage(directory));
	const blob = await untraced(() => storage.open("p", "b"));
	const cache = new PageCache(storage, { pageSize: PAGE_SIZE, pages: 8 });
	await traced(openName, () => PagedBlob.open(blob, { cache }));
	await untraced(() => storage.close());
}

async function openPaged(storage) {
	const cache = new PageCache(storage, { pageSize: PAGE_SIZE, pages: 8 });
	return PagedBlob.open(await storage.open("p", "b"), { cache });
}

function append(paged, length) {
	return paged.append(new Uint8Array(length).fill(7));
}

async function readAll(paged) {
	let length = 0;
	for await (const chunk of paged.replay()) {
		length += chunk.length;
	}
	return length;
}
