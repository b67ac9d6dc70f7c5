import { assert } from "chai";
import { StorageError } from "../../../src/errors.ts";
import type { ItemReplay } from "../../../src/journal/items/item-replay.ts";
import { contextOf } from "../../../src/storage/storage.ts";
import { bitFlips } from "../../support/disks/bit-flips.ts";
import { readRaw, writeRaw } from "../../support/hosts/raw-file.ts";
import { joined, pattern } from "../../support/runs/bytes.ts";
import { assertFails } from "../../support/runs/failure.ts";
import { placesOf } from "../../support/runs/share.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	INDEX,
	type JournalStore,
	journalTest,
	pathOf,
} from "../../support/stores/journal-store.ts";
import { frame, writePages } from "../../support/stores/torn-items.ts";

const FILE = pathOf(INDEX, 1n);
const ITEMS = [[1, 2, 3], [], [...pattern(70)], [9]];
const MEBIBYTE = 1024 * 1024;

/** The outcome of a damaged file of a variable journal. */
export function variableDamageRows(suite: Suite): void {
	const test = journalTest(suite);
	const flipped = bitFlips(suite);

	test(`no flipped bit of a variable journal gives other items, but an error, or fewer that are told of`, async (store) => {
		const whole = await written(store);
		for (const { bit, bytes } of flipped(whole)) {
			const what = `bit ${bit}`;
			const { count, isTold } = await requireHonest(store, bytes, what);
			assert.isTrue(isTold || count === ITEMS.length, what);
		}
	});

	test("a variable journal truncated to any length gives its first items, and goes on behind them", async (store) => {
		const whole = await written(store);
		for (const length of placesOf(whole.length)) {
			await requireHonest(store, whole.subarray(0, length), `${length} bytes`);
		}
	});

	test("an item is bounded by maxItemSize, whatever its length announces, and no memory is taken for more", async (store) => {
		const huge = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f);
		await writePages(store, 1n, joined(frame(1), huge, pattern(300)));
		const journal = await store.variable({ maxItemSize: MEBIBYTE });
		const free = contextOf(store.storage).arena.freeBytes;
		for (const call of [
			() => journal.get(1n, 2),
			() => journal.append(1n, pattern(1)),
			() => last(journal.replay()),
		]) {
			const error = await assertFails("ERR_ITEM_TOO_LARGE", call);
			const found = 2 ** 32 - 1;
			assert.include(error.place, { offset: 2, expected: MEBIBYTE, found });
		}
		assert.equal(contextOf(store.storage).arena.freeBytes, free);
	});

	test("a length within maxItemSize that goes past the end takes no memory: its item is torn", async (store) => {
		const huge = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f);
		await writePages(store, 1n, joined(frame(1), huge, pattern(300)));
		const journal = await store.variable({ maxItemSize: 2 ** 32 - 1 });
		const free = contextOf(store.storage).arena.freeBytes;
		await assertFails("ERR_BLOB_INSUFFICIENT_LENGTH", () => journal.get(1n, 2));
		const replay = journal.replay();
		await last(replay);
		assert.deepEqual(replay.torn, [{ section: 1n, offset: 2, bytes: 305 }]);
		assert.equal(contextOf(store.storage).arena.freeBytes, free);
	});
}

/** A section's file, whose pages were synced in three steps, the last one partial. */
async function written(store: JournalStore): Promise<Uint8Array> {
	const journal = await store.variable();
	for (const item of ITEMS) {
		await journal.append(1n, Uint8Array.from(item));
		await journal.sync(1n);
	}
	await journal.close();
	return (await readRaw(store.host, FILE)).slice();
}

/**
 * Lays the file down, and requires a prefix of the items in it, with an append behind that. Returns
 * the number of items, and whether an error, a report or a replay has told of something.
 */
async function requireHonest(
	store: JournalStore,
	file: Uint8Array,
	what: string,
): Promise<{ count: number; isTold: boolean }> {
	await writeRaw(store.host, FILE, file);
	store.forgetPages();
	const found: number[][] = [];
	let isTold = true;
	try {
		const journal = await store.variable();
		try {
			const replay = journal.replay();
			await collect(replay, found);
			const { cuts, losingSlots } = journal.recovery;
			isTold = [...cuts, ...losingSlots, ...replay.torn].length > 0;
			const place = await journal.append(1n, pattern(5));
			const again: number[][] = [];
			await collect(journal.replay(), again);
			assert.deepEqual(again, [...found, [...pattern(5)]], what);
			assert.deepEqual(await journal.get(1n, place.offset), pattern(5), what);
		} finally {
			await journal.drop();
		}
	} catch (error) {
		assert.instanceOf(error, StorageError, what);
	}
	assert.deepEqual(found, ITEMS.slice(0, found.length), what);
	return { count: found.length, isTold };
}

async function collect(replay: ItemReplay, found: number[][]): Promise<void> {
	for await (const { item } of replay) {
		found.push([...item]);
	}
}

async function last(replay: ItemReplay): Promise<void> {
	await collect(replay, []);
}
