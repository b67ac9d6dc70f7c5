import { assert } from "chai";
import type { OversizedJournal } from "../../../src/journal/oversized/oversized-journal.ts";
import { HeldSyncs, settleTurns } from "../../support/hosts/held-syncs.ts";
import { filled, pattern } from "../../support/runs/bytes.ts";
import {
	assertFails,
	failureOf,
	KERNEL_ERROR,
} from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	INDEX,
	type JournalStore,
	journalTest,
	pathOf,
	pointer,
	VALUES,
} from "../../support/stores/journal-store.ts";
import { append, assertPairs } from "../../support/stores/oversized-pairs.ts";

const ENTRIES = pathOf(INDEX, 1n);
const VALUED = pathOf(VALUES, 1n);
const MEBIBYTE = 1024 * 1024;

/** Values and entries that become durable together, and what opening makes of half of them. */
export function bothAtOnceRows(suite: Suite): void {
	orderRows(suite);
	lostRows(suite);
	windowRows(suite);
	owedRows(suite);
	optionRows(suite);
}

function orderRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a sync of pairs makes entries durable while their values become so, and resolves when both are", async (store) => {
		const journal = await begun(store);
		await append(journal, 1n, [2]);
		const held = HeldSyncs.of(store.host, VALUED);
		const log = watchEntries(store);
		let isDone = false;
		const syncing = journal.sync(1n).then(() => {
			isDone = true;
		});
		await held.whenBegun(1);
		await settleTurns();
		const early = { isDone, writes: log.length };
		held.releaseAll();
		await syncing;
		assert.isFalse(early.isDone);
		assert.isAbove(early.writes, 0);
		await store.crash();
		await assertPairs(await store.oversized(), 1n, [1, 2]);
	});

	for (const [what, left] of [
		["some values", 20],
		["no value", 0],
	] as const) {
		test(`a session that found ${what} makes what a killed writer cut durable before it hands over an entry`, async (store) => {
			let journal = await begun(store, [1, 2]);
			await journal.rewindSection(1n, left);
			await store.restart();
			journal = await store.oversized();
			await append(journal, 1n, [3]);
			const held = HeldSyncs.of(store.host, VALUED);
			const log = watchEntries(store);
			const syncing = journal.sync(1n);
			await held.whenBegun(1);
			await settleTurns();
			const early = log.splice(0);
			held.releaseAll();
			await syncing;
			assert.deepEqual(early, []);
			assert.include(log, "write");
		});
	}

	test("no entry is handed over before its value, even where its buffer fills by itself", async (store) => {
		const journal = await store.oversized({ valueBuffer: 65_536 });
		await append(journal, 1n, [0]);
		await journal.sync(1n);
		const order: string[] = [];
		store.host.hooks.write = (path, _write, call) => {
			order.push(path);
			return call();
		};
		for (let id = 1; order.length === 0; id += 1) {
			await append(journal, 1n, [id]);
		}
		assert.deepEqual(order.slice(0, 2), [VALUED, ENTRIES]);
	});

	test("pairs that are appended while a sync is under way are durable with the next", async (store) => {
		const journal = await begun(store);
		await append(journal, 1n, [2]);
		const held = HeldSyncs.of(store.host, VALUED);
		const first = journal.sync(1n);
		await held.whenBegun(1);
		await append(journal, 1n, [3]);
		const second = journal.sync(1n);
		held.release();
		await first;
		await held.whenBegun(2);
		held.releaseAll();
		await second;
		await store.crash();
		await assertPairs(await store.oversized(), 1n, [1, 2, 3]);
	});

	test("values that cannot be synced fail the sync that hands over their entries, and poison their section alone", async (store) => {
		const journal = await begun(store);
		await append(journal, 2n, [1]);
		await journal.syncAll();
		await append(journal, 1n, [2]);
		failSyncs(store, VALUED);
		await assertFails("ERR_BLOB_SYNC_FAILED", () => journal.sync(1n));
		await assertFails("ERR_POISONED", () => append(journal, 1n, [3]));
		await assertFails("ERR_POISONED", () => journal.sync(1n));
		await append(journal, 2n, [2]);
		await journal.sync(2n);
		await failureOf(() => journal.close());
	});
}

function lostRows(suite: Suite): void {
	const test = journalTest(suite);

	for (const [what, harm, why] of [
		["never arrived", zeroed, "value-damaged"],
		["arrived in part", torn, "value-damaged"],
	] as const) {
		test(`after a crash an entry whose value ${what} is cut with all behind it, and others take their places`, async (store) => {
			let journal = await begun(store, range(1, 400));
			await store.crash();
			await harm(store, 250);
			journal = await store.oversized();
			await assertPairs(journal, 1n, range(1, 251));
			const [cut] = journal.recovery.cuts;
			assert.deepEqual(cut?.why, [why, "no-entry"]);
			assert.include(cut, { entriesCut: 149, valueBytesCut: 149 * 20 });
			assert.lengthOf(cut?.copies ?? [], 2);
			assert.equal(await append(journal, 1n, [7, 8]), 250);
			await journal.sync(1n);
			await store.crash();
			await assertPairs(await store.oversized(), 1n, [...range(1, 251), 7, 8]);
		});
	}

	test("after a crash the first of several lost values counts, whatever lies between and behind", async (store) => {
		let journal = await begun(store, range(1, 6001));
		await store.crash();
		for (const position of [5900, 40, 3000]) {
			await zeroed(store, position);
		}
		await store.resizeBlob(VALUES, 1n, 5950 * 20);
		journal = await store.oversized();
		await assertPairs(journal, 1n, range(1, 41));
		assert.deepEqual(journal.recovery.damaged, []);
	});

	test("after a crash values that end with the last whole one lose the entries behind", async (store) => {
		let journal = await begun(store, range(1, 6));
		await store.crash();
		await store.resizeBlob(VALUES, 1n, 70);
		journal = await store.oversized();
		await assertPairs(journal, 1n, [1, 2, 3]);
		const [why] = journal.recovery.cuts[0]?.why ?? [];
		assert.equal(why, "value-missing");
	});

	test("a store that is opened for reading after a crash hides all from the first lost value on, and cuts nothing", async (store) => {
		await begun(store, range(1, 100));
		await store.crash();
		await zeroed(store, 50);
		await store.storage.drop();
		await store.restart({ readOnly: true });
		const read = await store.oversized();
		await assertPairs(read, 1n, range(1, 51));
		await store.restart({ readOnly: false });
		await assertPairs(await store.oversized(), 1n, range(1, 51));
	});

	test("an error of the host while the last values are checked is returned, and nothing is cut", async (store) => {
		await begun(store, range(1, 40));
		await store.crash();
		store.host.hooks.read = (path, call) => {
			if (path === VALUED) {
				throw KERNEL_ERROR;
			}
			return call();
		};
		await assertFails("ERR_READ_FAILED", () => store.oversized());
		store.host.hooks = {};
		await store.crash();
		await assertPairs(await store.oversized(), 1n, range(1, 40));
	});
}

function windowRows(suite: Suite): void {
	const test = journalTest(suite);

	for (const [what, position, kept] of [
		["before the window", 0, 4],
		["within the window", 1, 1],
	] as const) {
		test(
			`a value that fails its checksum ${what} of unsynced bytes costs ${4 - kept} entries after a crash`,
			async (store) => {
				let journal = await store.oversized({ valueBuffer: 2 * MEBIBYTE });
				for (let id = 0; id < 4; id += 1) {
					await journal.append(1n, pointer(id), pattern(3 * MEBIBYTE));
				}
				await journal.sync(1n);
				await store.crash();
				await store.withBlob(VALUES, 1n, (blob) =>
					blob.write(position * (3 * MEBIBYTE + 4) + 5, filled(9, 0)),
				);
				journal = await store.oversized();
				assert.equal(await journal.size(1n), kept * 20);
			},
			{ memory: 8 * MEBIBYTE },
		);
	}
}

function owedRows(suite: Suite): void {
	const test = journalTest(suite);

	test("what an open finds after a crash is durable before its clean close says that nothing is owed, values too", async (store) => {
		await begun(store, range(1, 9));
		await store.crash();
		const synced: string[] = [];
		store.host.hooks.sync = (path, call) => {
			synced.push(path);
			return call();
		};
		await store.oversized();
		await store.restart();
		assert.includeMembers(synced, [VALUED, ENTRIES]);
	});

	test("a section whose values could not be synced is looked at after a clean close, as after a crash", async (store) => {
		let journal = await begun(store, range(1, 100));
		await append(journal, 1n, [100]);
		failSyncs(store, VALUED);
		await assertFails("ERR_BLOB_SYNC_FAILED", () => journal.sync(1n));
		await failureOf(() => journal.close());
		store.host.hooks = {};
		await store.restart();
		await zeroed(store, 50);
		journal = await store.oversized();
		assert.isTrue(journal.recovery.foundCrash);
		await assertPairs(journal, 1n, range(1, 51));
	});

	test("a journal that is closed makes values durable before the entries that say so", async (store) => {
		const journal = await begun(store);
		await append(journal, 1n, [2]);
		const held = HeldSyncs.of(store.host, VALUED);
		const log = watchEntries(store);
		const closing = journal.close();
		await held.whenBegun(1);
		await settleTurns();
		const early = log.splice(0);
		held.releaseAll();
		await closing;
		assert.deepEqual(early, []);
		assert.include(log, "write");
	});
}

function optionRows(suite: Suite): void {
	const test = journalTest(suite);

	test("pairs are 'together' or 'ordered', and anything else is refused before a file is made", async (store) => {
		const touched: string[] = [];
		store.host.hooks.open = (path, _mode, call) => {
			touched.push(path);
			return call();
		};
		for (const pairs of ["both", "", null, 1, {}]) {
			const options: object = { pairs };
			const error = await failureOf(() => store.oversized(options));
			assert.instanceOf(error, TypeError);
		}
		assert.deepEqual(touched, []);
		const journal = await store.oversized({ pairs: "together" });
		await journal.close();
	});

	test("in a store without metadata values go first, as with 'ordered': nothing would tell of a crash", async (store) => {
		await store.restart({ metadata: false });
		const journal = await begun(store);
		await append(journal, 1n, [2]);
		const held = HeldSyncs.of(store.host, VALUED);
		const log = watchEntries(store);
		const syncing = journal.sync(1n);
		await held.whenBegun(1);
		await settleTurns();
		const early = log.splice(0);
		held.releaseAll();
		await syncing;
		assert.deepEqual(early, []);
	});
}

/** A journal with these pairs, durable; the next sync makes both durable together. */
async function begun(
	store: JournalStore,
	ids: readonly number[] = [1],
): Promise<OversizedJournal> {
	const journal = await store.oversized();
	await append(journal, 1n, ids);
	await journal.sync(1n);
	return journal;
}

/** Notes each write of section 1's entries. */
function watchEntries(store: JournalStore): string[] {
	const log: string[] = [];
	store.host.hooks.write = (path, _write, call) => {
		if (path === ENTRIES) {
			log.push("write");
		}
		return call();
	};
	return log;
}

function failSyncs(store: JournalStore, failing: string): void {
	store.host.hooks.sync = (path, call) => {
		if (path === failing) {
			throw KERNEL_ERROR;
		}
		return call();
	};
}

/** As a power cut leaves a value of 16 bytes that no write of has reached the disk. */
function zeroed(store: JournalStore, position: number): Promise<void> {
	return store.withBlob(VALUES, 1n, (blob) =>
		blob.write(position * 20, filled(20, 0)),
	);
}

function torn(store: JournalStore, position: number): Promise<void> {
	return store.withBlob(VALUES, 1n, (blob) =>
		blob.write(position * 20 + 12, filled(8, 0)),
	);
}

function range(first: number, end: number): number[] {
	return Array.from({ length: end - first }, (_, index) => first + index);
}
