import { assert } from "chai";
import { namesIn, readRaw, writeRaw } from "../../support/hosts/raw-file.ts";
import { bytesOf } from "../../support/runs/bytes.ts";
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
	VALUES,
} from "../../support/stores/journal-store.ts";
import { append, assertPairs } from "../../support/stores/oversized-pairs.ts";

/** An interrupted call can be repeated, and an impossible one changes nothing. */
export function tryingAgainRows(suite: Suite): void {
	againRows(suite);
	nothingRows(suite);
	creationRows(suite);
	demandRows(suite);
}

function againRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a prune whose values could not be removed is finished when it is called again", async (store) => {
		let journal = await store.oversized();
		for (const section of [1n, 2n, 3n]) {
			await append(journal, section, [Number(section)]);
		}
		await journal.syncAll();
		store.host.hooks.remove = failingOnceFor(pathOf(VALUES, 1n));
		await assertFails("ERR_IO", () => journal.prune(3n));
		assert.deepEqual(journal.sections(), [1n, 2n, 3n]);
		assert.isTrue(await journal.prune(3n));
		assert.deepEqual(journal.sections(), [3n]);
		assert.deepEqual(await namesIn(store.host, VALUES), ["0000000000000003"]);
		await store.crash();
		journal = await store.oversized();
		assert.deepEqual(journal.recovery.orphans, []);
		await assertPairs(journal, 3n, [3]);
	});

	test("a removal that was not made durable is made so when it is called again", async (store) => {
		const journal = await store.fixed();
		await journal.append(1n, numbered(1));
		await journal.sync(1n);
		store.host.hooks.syncDirectory = failingOnceFor(INDEX);
		await assertFails("ERR_BLOB_SYNC_FAILED", () => journal.removeSection(1n));
		let isDurable = false;
		store.host.hooks = {
			remove: (_path, call) => {
				isDurable = false;
				return call();
			},
			syncDirectory: async (path, call) => {
				await call();
				isDurable ||= path === INDEX;
			},
		};
		assert.isTrue(await journal.removeSection(1n));
		assert.isTrue(isDurable);
		assert.deepEqual(journal.sections(), []);
		assert.deepEqual(await namesIn(store.host, INDEX), []);
	});

	test("a journal's parameters are recorded before its first entry, also when that failed before", async (store) => {
		const journal = await store.fixed();
		store.host.hooks.rename = (_from, to, call) => {
			if (to === "dualslot.json") {
				throw KERNEL_ERROR;
			}
			return call();
		};
		const error = await assertFails("ERR_IO", () =>
			journal.append(1n, numbered(1)),
		);
		assert.equal(error.cause, KERNEL_ERROR);
		assert.include(error.place, { section: 1n, path: "dualslot.json" });
		store.host.hooks = {};
		assert.equal(await journal.append(1n, numbered(1)), 0);
		await store.restart();
		await assertFails("ERR_CONFIG", () => store.fixed({ entry: { size: 4 } }));
	});
}

function nothingRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a rewind to within a damaged page, and one of a poisoned section, removes no later section", async (store) => {
		let journal = await store.fixed();
		for (const section of [1n, 2n, 3n]) {
			await journal.appendMany(section, new Uint8Array(8 * 40));
		}
		await journal.close();
		await store.withBlob(INDEX, 1n, (blob) =>
			blob.write(76 * 2, Uint8Array.of(0xff)),
		);
		store.forgetPages();
		journal = await store.fixed();
		await assertFails("ERR_INVALID_CHECKSUM", () => journal.rewind(1n, 8 * 20));
		assert.deepEqual(journal.sections(), [1n, 2n, 3n]);
		assert.equal(await journal.size(1n), 8 * 40);
		await journal.append(2n, numbered(1));
		store.host.hooks.sync = failingOnceFor(pathOf(INDEX, 2n));
		await assertFails("ERR_BLOB_SYNC_FAILED", () => journal.sync(2n));
		await assertFails("ERR_POISONED", () => journal.rewind(2n, 8));
		assert.deepEqual(journal.sections(), [1n, 2n, 3n]);
		await journal.rewind(1n, 8 * 16);
		assert.deepEqual(journal.sections(), [1n]);
	});

	test("a rewind of a glob's poisoned section removes no later section", async (store) => {
		const glob = await store.glob();
		await glob.append(1n, bytesOf("one"));
		await glob.append(2n, bytesOf("two"));
		store.host.hooks.sync = failingOnceFor(pathOf(VALUES, 1n));
		await assertFails("ERR_BLOB_SYNC_FAILED", () => glob.sync(1n));
		await assertFails("ERR_POISONED", () => glob.rewind(1n, 0));
		assert.deepEqual(glob.sections(), [1n, 2n]);
		await failureOf(() => glob.close());
	});
}

function creationRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a section whose creation was torn is an empty one, and a torn file that is no section is left alone", async (store) => {
		let journal = await store.fixed();
		await journal.append(1n, numbered(1));
		await journal.close();
		await writeRaw(store.host, pathOf(INDEX, 2n), bytesOf("CWI"));
		journal = await store.fixed();
		assert.deepEqual(journal.sections(), [1n, 2n]);
		assert.equal(await journal.size(2n), 0);
		assert.equal(await journal.append(2n, numbered(1)), 0);
		await journal.close();
		const foreign = `${INDEX}/abcd`;
		await writeRaw(store.host, foreign, bytesOf("mine"));
		await assertFails("ERR_INVALID_BLOB_NAME", () => store.fixed());
		assert.deepEqual(await readRaw(store.host, foreign), bytesOf("mine"));
	});

	test("a foreign directory and a blob that is no section are errors of a glob and among the entries of an oversized journal", async (store) => {
		await store.host.makeDirectory(INDEX);
		await store.host.makeDirectory(VALUES);
		for (const [partition, open] of [
			[INDEX, () => store.oversized()],
			[VALUES, () => store.oversized()],
			[VALUES, () => store.glob()],
		] as const) {
			const directory = `${partition}/0000000000000002`;
			await store.host.makeDirectory(directory);
			const foreign = await assertFails("ERR_PARTITION_CORRUPT", open);
			const found = "0000000000000002";
			assert.include(foreign.place, { partition, found });
			await store.host.remove(directory);
			const blob = "00000000000000000a";
			await writeRaw(store.host, `${partition}/${blob}`, new Uint8Array());
			const named = await assertFails("ERR_INVALID_BLOB_NAME", open);
			assert.include(named.place, { partition, blob });
			await store.host.remove(`${partition}/${blob}`);
		}
	});
}

function demandRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a replay whose signal is raised while the host reads gives nothing of what was read", async (store) => {
		let journal = await filled(store, 1);
		await journal.close();
		journal = await store.fixed();
		const controller = new AbortController();
		const reason = new Error("enough");
		store.host.hooks.read = (_path, call) => {
			controller.abort(reason);
			return call();
		};
		const { signal } = controller;
		const replay = journal.replay({ signal });
		assert.equal(await failureOf(() => replay.next()), reason);
		assert.isTrue((await replay.next()).done);
	});

	test("a replay opens no section before it is asked for its entries", async (store) => {
		let journal = await filled(store, 40);
		await journal.close();
		journal = await store.fixed();
		const opened: string[] = [];
		store.host.hooks.open = (path, _mode, call) => {
			opened.push(path);
			return call();
		};
		const replay = journal.replay();
		for (let section = 0; section < 20; section += 1) {
			for (let position = 0; position < 100; position += 1) {
				assert.equal((await replay.next()).value?.position, position);
			}
			assert.equal(opened.at(-1), pathOf(INDEX, BigInt(section)));
			assert.lengthOf(opened, section + 1);
		}
	});
}

/** A hook that fails the first call for a path. */
function failingOnceFor(file: string) {
	let isDue = true;
	return <T>(path: string, call: () => T): T => {
		if (path === file && isDue) {
			isDue = false;
			throw KERNEL_ERROR;
		}
		return call();
	};
}

/** The first so many sections, of 100 entries each. */
async function filled(store: JournalStore, sections: number) {
	const journal = await store.fixed();
	for (let section = 0; section < sections; section += 1) {
		await journal.appendMany(section, new Uint8Array(8 * 100));
	}
	return journal;
}
