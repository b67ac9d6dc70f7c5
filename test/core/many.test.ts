import { assert } from "chai";
import { test } from "vitest";
import { memoryHost } from "../../hosts/memory.ts";
import type { Host } from "../../src/host/host.ts";
import { FixedJournal } from "../../src/journal/entries/fixed-journal.ts";
import { PackedStore } from "../../src/packed/packed-store.ts";
import { PageCache } from "../../src/paged/cache.ts";
import { PagedBlob } from "../../src/paged/paged-blob.ts";
import { Storage } from "../../src/storage/storage.ts";
import { fanOut, NOTHING } from "../../src/turns/fan-out.ts";
import { existsRaw, readRaw, writeRaw } from "../support/hosts/raw-file.ts";
import { mappingOf, snapshotOf } from "../support/oracles/manifest-oracle.ts";
import { bytesOf } from "../support/runs/bytes.ts";
import { failureOf } from "../support/runs/failure.ts";
import { IS_SPARSE, shareOf, tellCount } from "../support/runs/share.ts";
import { numbersIn } from "../support/stores/journal-store.ts";
import {
	JOURNAL_KINDS,
	writeManyThenOpen,
} from "../support/stores/many-journals.ts";

// More than any engine takes as the arguments of one call, or as the depth of a stack.
const MANY = IS_SPARSE ? 150_000 : 300_000;
const MARKER = "dualslot.open";
const MIB = 1024 * 1024;

test("after a crash a partition of very many blobs is closed clean, and each of them is owed a look", async () => {
	const host = memoryHost();
	await openAndCrash(host);
	for (const index of numbers()) {
		await writeRaw(
			host,
			`pages/${index.toString(16).padStart(8, "0")}`,
			HEADER,
		);
	}
	let storage = await Storage.open(host);
	assert.isTrue(storage.recovery.foundCrash);
	await storage.close();
	const owed = new TextDecoder().decode(await readRaw(host, MARKER));
	assert.include(owed, '"all"');
	storage = await Storage.open(host);
	const cache = new PageCache(storage, { pageSize: 64, pages: 2 });
	const blob = await storage.open("pages", Uint8Array.of(0, 0, 0, 7));
	const paged = await PagedBlob.open(blob, { cache });
	assert.isTrue(paged.recovery.foundCrash);
	await storage.close();
	assert.isTrue(await existsRaw(host, MARKER));
}, 300_000);

test("a flush that frees very many slots of a packed store ends, and they are taken again", async () => {
	const host = memoryHost();
	const mappings = Array.from(numbers(), (index) =>
		mappingOf(guidOf(index), BigInt(index)),
	);
	const snapshot = snapshotOf({ next: BigInt(MANY) }, ...[]);
	const bytes = new Uint8Array(snapshot.length + 24 * MANY);
	bytes.set(snapshot);
	new DataView(bytes.buffer).setUint32(10, MANY, true);
	for (const [index, mapping] of mappings.entries()) {
		bytes.set(mapping, snapshot.length + 24 * index);
	}
	await writeRaw(host, "manifest.bin", bytes);
	const store = await PackedStore.open(host, { frames: 2, wait: false });
	assert.equal(store.size, MANY);
	// The slot that is freed last is taken first.
	for (const index of numbers()) {
		await store.delete(guidOf(MANY - 1 - index));
	}
	await store.flush();
	assert.equal(store.size, 0);
	await store.write(guidOf(1), new Uint8Array(524288).fill(1));
	await store.close();
	const frames = await readRaw(host, "blobs.dat");
	assert.equal(frames[0], 1);
}, 300_000);

test("very many positions are read at once", async () => {
	const host = memoryHost();
	const storage = await Storage.open(host);
	const cache = new PageCache(storage, { pageSize: 4096, pages: 2 });
	const entry = { size: 8 };
	const journal = await FixedJournal.open(storage, {
		...{ partition: "journal", cache, entry },
	});
	const entries = new Uint8Array(8 * MANY);
	const view = new DataView(entries.buffer);
	for (const index of numbers()) {
		view.setUint32(8 * index + 4, index);
	}
	await journal.appendMany(0n, entries);
	await journal.sync(0n);
	const found = await journal.getMany(0n, Array.from(numbers()));
	assert.deepEqual(numbersIn(found), Array.from(numbers()));
	await storage.close();
}, 300_000);

for (const [kinds, open] of JOURNAL_KINDS) {
	test(`300 ${kinds} that were written under 128 MiB are all opened, appended to, synced and read under 16`, async () => {
		const count = shareOf(300, 20);
		const little = Math.ceil((16 * MIB * count) / 300);
		const sizes = { much: 8 * little, little };
		await writeManyThenOpen(memoryHost(), open, count, sizes);
		tellCount(count, `${kinds} opened with an eighth of the memory`);
	}, 900_000);
}

test("very many parts are written as one, and read into as many targets", async () => {
	const storage = await Storage.open(memoryHost());
	const blob = await storage.open("raw", "blob");
	const bytes = Uint8Array.from(numbers(), (index) => index % 251);
	const parts = Array.from(numbers(), (index) =>
		bytes.subarray(index, index + 1),
	);
	await blob.write(0, parts);
	const found = new Uint8Array(MANY);
	const targets = Array.from(numbers(), (index) =>
		found.subarray(index, index + 1),
	);
	await blob.readInto(0, targets);
	assert.isTrue(found.every((byte, index) => byte === bytes[index]));
	await storage.close();
}, 300_000);

test("of very many steps that fail, some at once, the first failure is told", async () => {
	const first = new Error("the first");
	const later = new Error("a later one");
	const failure = await failureOf(() =>
		fanOut(Array.from(numbers()), 8, async (index) => {
			if (index > 2) {
				throw index === 3 ? first : later;
			}
			return NOTHING;
		}),
	);
	assert.equal(failure, first);
}, 300_000);

const HEADER = bytesOf("CWIC\0\0\0\0");

/** A session that has written pages, and leaves its marker. */
async function openAndCrash(host: Host): Promise<void> {
	const storage = await Storage.open(host);
	const cache = new PageCache(storage, { pageSize: 64, pages: 2 });
	const blob = await storage.open("pages", Uint8Array.of(255));
	await PagedBlob.open(blob, { cache });
	await storage.drop();
}

function* numbers(): Generator<number> {
	for (let number = 0; number < MANY; number += 1) {
		yield number;
	}
}

function guidOf(index: number): Uint8Array {
	const guid = new Uint8Array(16);
	new DataView(guid.buffer).setUint32(0, index);
	return guid;
}
