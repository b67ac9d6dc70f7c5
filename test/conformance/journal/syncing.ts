import { assert } from "chai";
import type { FixedJournal } from "../../../src/journal/entries/fixed-journal.ts";
import type { VariableJournal } from "../../../src/journal/items/variable-journal.ts";
import { OversizedJournal } from "../../../src/journal/oversized/oversized-journal.ts";
import { HeldSyncs, settleTurns } from "../../support/hosts/held-syncs.ts";
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
	numbered,
	pathOf,
	pointer,
	sixteen,
} from "../../support/stores/journal-store.ts";

export function syncingRows(suite: Suite): void {
	durableRows(suite);
	failureRows(suite);
	endRows(suite);
}

function durableRows(suite: Suite): void {
	const test = journalTest(suite);

	test("64 writers that append to a section and sync it share one sync of the host, round after round", async (store) => {
		const journal = await store.fixed({ writeBuffer: 65_536 });
		await journal.append(1n, numbered(0));
		await journal.sync(1n);
		const syncs = countSyncs(store);
		const writer = async () => {
			for (let round = 0; round < 3; round += 1) {
				await journal.append(1n, numbered(round));
				await journal.sync(1n);
			}
		};
		await Promise.all(Array.from({ length: 64 }, writer));
		assert.equal(syncs.get(pathOf(INDEX, 1n)), 3);
		assert.equal(await journal.size(1n), 8 * 193);
	});

	test("writers that come while a sync is under way fall in with those that it releases", async (store) => {
		const journal = await store.fixed({ writeBuffer: 65_536 });
		await journal.append(1n, numbered(0));
		await journal.sync(1n);
		const held = HeldSyncs.of(store.host, pathOf(INDEX, 1n));
		const writer = async () => {
			for (let round = 0; round < 3; round += 1) {
				await journal.append(1n, numbered(round));
				await journal.sync(1n);
			}
		};
		const first = Array.from({ length: 60 }, writer);
		await held.whenBegun(1);
		const late = Array.from({ length: 4 }, writer);
		await settleTurns();
		held.releaseAll();
		await Promise.all([...first, ...late]);
		assert.equal(held.begun, 4);
	});

	for (const kind of ["fixed", "variable", "oversized"] as const) {
		test(`of a journal that is ${kind}, a sync that comes while another is under way waits for its own, and each call is counted`, async (store) => {
			const journal = await store[kind]();
			await appendOne(journal);
			await journal.sync(1n);
			const held = HeldSyncs.of(store.host, pathOf(INDEX, 1n));
			await appendOne(journal);
			const first = [journal.sync(1n), journal.sync(1n)];
			await held.whenBegun(1);
			await appendOne(journal);
			let isLateDone = false;
			const late = journal.sync(1n).then(() => {
				isLateDone = true;
			});
			held.release();
			await Promise.all(first);
			await held.whenBegun(2);
			assert.isFalse(isLateDone);
			held.releaseAll();
			await late;
			assert.equal(store.storage.stats().journals[0]?.synced, 4);
			const size = await journal.size(1n);
			await store.crash();
			assert.equal(await (await store[kind]()).size(1n), size);
		});
	}

	test("a sync is of its section alone, and a sync of all is of those that need one", async (store) => {
		const journal = await store.fixed();
		for (const section of [1n, 2n, 3n]) {
			await journal.append(section, numbered(1));
		}
		const syncs = countSyncs(store);
		await journal.sync(2n);
		assert.deepEqual([...syncs], [[pathOf(INDEX, 2n), 1]]);
		await journal.syncAll();
		assert.deepEqual([...syncs].sort(), [
			[pathOf(INDEX, 1n), 1],
			[pathOf(INDEX, 2n), 1],
			[pathOf(INDEX, 3n), 1],
		]);
		await store.crash();
		const found = await store.fixed();
		assert.deepEqual(found.sections(), [1n, 2n, 3n]);
		assert.deepEqual(await found.get(3n, 0), numbered(1));
	});

	test("what was appended and not synced is a prefix of whole entries after a crash", async (store) => {
		const options = { entry: { size: 12 } };
		let journal = await store.fixed(options);
		const entry = (number: number) => new Uint8Array(12).fill(number);
		for (let number = 0; number < 500; number += 1) {
			await journal.append(1n, entry(number));
		}
		await store.crash();
		journal = await store.fixed(options);
		const size = await journal.size(1n);
		assert.isAbove(size, 0);
		assert.isBelow(size, 6000);
		assert.equal(size % 12, 0);
		for (let position = 0; position < size / 12; position += 1) {
			assert.deepEqual(await journal.get(1n, position), entry(position));
		}
		assert.equal(await journal.append(1n, entry(1)), size / 12);
	});
}

function failureRows(suite: Suite): void {
	const test = journalTest(suite);

	for (const what of ["sync", "write"] as const) {
		test(`a failed ${what} poisons its section alone, until the journal is opened anew; reads go on`, async (store) => {
			let journal = await store.fixed();
			for (const section of [1n, 2n]) {
				await journal.append(section, numbered(1));
			}
			await journal.syncAll();
			await journal.append(1n, numbered(2));
			failFor(store, what, pathOf(INDEX, 1n));
			const code =
				what === "sync" ? "ERR_BLOB_SYNC_FAILED" : "ERR_WRITE_FAILED";
			const error = await assertFails(code, () => journal.sync(1n));
			assert.equal(error.cause, KERNEL_ERROR);
			assert.include(error.place, { partition: INDEX, section: 1n });
			store.host.hooks = {};
			for (const call of [
				() => journal.append(1n, numbered(3)),
				() => journal.appendMany(1n, numbered(3)),
				() => journal.sync(1n),
				() => journal.syncAll(),
				() => journal.rewindSection(1n, 0),
			]) {
				const refusal = await assertFails("ERR_POISONED", call);
				assert.equal(refusal.cause, KERNEL_ERROR);
				assert.include(refusal.place, { section: 1n });
			}
			assert.deepEqual(await journal.get(1n, 1), numbered(2));
			await journal.append(2n, numbered(2));
			await journal.sync(2n);
			await assertFails("ERR_POISONED", () => journal.close());
			journal = await store.fixed();
			assert.equal(await journal.size(2n), 16);
			const position = await journal.append(1n, numbered(3));
			assert.isAtLeast(position, 1);
			await journal.sync(1n);
		});
	}

	test("a poisoned section stays open past the bound, and whoever needs another section is not told of it", async (store) => {
		const journal = await store.fixed();
		await journal.append(0n, numbered(1));
		await journal.sync(0n);
		await journal.append(0n, numbered(2));
		failFor(store, "sync", pathOf(INDEX, 0n));
		for (let section = 1n; section < 40n; section += 1n) {
			await journal.append(section, numbered(1));
		}
		store.host.hooks = {};
		assert.deepEqual(await journal.get(0n, 1), numbered(2));
		await assertFails("ERR_POISONED", () => journal.append(0n, numbered(3)));
		await assertFails("ERR_POISONED", () => journal.syncAll());
		assert.equal(await journal.append(1n, numbered(2)), 1);
		await failureOf(() => journal.close());
	});

	test("a poisoned section can be removed, and made anew", async (store) => {
		const journal = await store.fixed();
		await journal.append(1n, numbered(1));
		failFor(store, "sync", pathOf(INDEX, 1n));
		await assertFails("ERR_BLOB_SYNC_FAILED", () => journal.sync(1n));
		store.host.hooks = {};
		assert.isTrue(await journal.removeSection(1n));
		assert.equal(await journal.append(1n, numbered(2)), 0);
		await journal.sync(1n);
		await journal.close();
	});
}

function endRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a closed journal is durable, and refuses all but another close", async (store) => {
		let journal = await store.fixed();
		await journal.append(1n, numbered(1));
		await journal.close();
		await journal.close();
		await journal.drop();
		for (const call of [
			() => journal.append(1n, numbered(1)),
			() => journal.get(1n, 0),
			() => journal.size(1n),
			() => journal.sync(1n),
			() => journal.syncAll(),
			() => journal.prune(1n),
			() => journal.rewind(1n, 0),
			() => journal.clear(),
			() => journal.destroy(),
			() => journal.replay().next(),
		]) {
			await assertFails("ERR_CLOSED", call);
		}
		await store.crash();
		journal = await store.fixed();
		assert.deepEqual(await journal.get(1n, 0), numbered(1));
	});

	test("the store's end is the journal's: a close syncs it, a drop does not", async (store) => {
		let journal = await store.fixed();
		await journal.append(1n, numbered(1));
		await store.restart();
		await assertFails("ERR_CLOSED", () => journal.get(1n, 0));
		journal = await store.fixed();
		await journal.append(1n, numbered(2));
		await store.crash();
		journal = await store.fixed();
		assert.equal(await journal.size(1n), 8);
	});

	test("a close waits for the appends that were accepted before it", async (store) => {
		let journal = await store.fixed();
		const appends = [];
		for (let number = 0; number < 600; number += 1) {
			appends.push(journal.append(1n, numbered(number)));
		}
		await journal.close();
		await Promise.all(appends);
		journal = await store.fixed();
		assert.equal(await journal.size(1n), 4800);
	});

	test("a change waits for the calls that are at work, and those that come meanwhile wait for it", async (store) => {
		const journal = await store.fixed();
		await journal.append(1n, numbered(1));
		await journal.append(2n, numbered(1));
		await journal.syncAll();
		await journal.append(1n, numbered(2));
		const held = HeldSyncs.of(store.host, pathOf(INDEX, 1n));
		const done: string[] = [];
		const note = (what: string) => () => done.push(what);
		const syncing = journal.sync(1n).then(note("sync"));
		await held.whenBegun(1);
		const pruning = journal.prune(2n).then(note("prune"));
		const reading = assertFails("ERR_SECTION_PRUNED", () =>
			journal.get(1n, 0),
		).then(note("get"));
		await settleTurns();
		assert.deepEqual(done, []);
		held.releaseAll();
		await Promise.all([syncing, pruning, reading]);
		assert.deepEqual(done, ["sync", "prune", "get"]);
	});
}

function countSyncs(store: JournalStore): Map<string, number> {
	const syncs = new Map<string, number>();
	store.host.hooks.sync = (path, call) => {
		if (path.startsWith(INDEX)) {
			syncs.set(path, (syncs.get(path) ?? 0) + 1);
		}
		return call();
	};
	return syncs;
}

function failFor(
	store: JournalStore,
	what: "sync" | "write",
	file: string,
): void {
	const fail = (path: string, call: () => void | Promise<void>) => {
		if (path === file) {
			throw KERNEL_ERROR;
		}
		return call();
	};
	if (what === "sync") {
		store.host.hooks.sync = fail;
	} else {
		store.host.hooks.write = (path, _write, call) => fail(path, call);
	}
}

function appendOne(
	journal: FixedJournal | OversizedJournal | VariableJournal,
): Promise<unknown> {
	return journal instanceof OversizedJournal
		? journal.append(1n, pointer(1), sixteen(1))
		: journal.append(1n, numbered(1));
}
