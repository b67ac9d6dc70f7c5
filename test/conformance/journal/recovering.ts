import { assert } from "chai";
import { imageOf, readRaw } from "../../support/hosts/raw-file.ts";
import { assertSame, filled } from "../../support/runs/bytes.ts";
import { assertFails, KERNEL_ERROR } from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	INDEX,
	type JournalStore,
	journalTest,
	numbered,
	pathOf,
} from "../../support/stores/journal-store.ts";

/** The report of opening a whole journal. */
const NOTHING_CUT = {
	unjudged: 0,
	foundCrash: false,
	entriesScanned: 0,
	entriesCut: 0,
	bytesCut: 0,
	valueBytesCut: 0,
	cuts: [],
	orphans: [],
	losingSlots: [],
	damaged: [],
} as const;

export function recoveringRows(suite: Suite): void {
	reportRows(suite);
	tornRows(suite);
	readOnlyRows(suite);
	configRows(suite);
}

function reportRows(suite: Suite): void {
	const test = journalTest(suite);

	test("opening a journal without sections, and one that is whole, reports that nothing was cut", async (store) => {
		let journal = await store.fixed();
		const empty = { sections: 0, pagesScanned: 0 };
		assert.deepEqual(journal.recovery, { ...NOTHING_CUT, ...empty });
		await journal.close();
		await withEntries(store, [1n, 2n, 3n]);
		journal = await store.fixed();
		const whole = { sections: 3, pagesScanned: 3 };
		assert.deepEqual(journal.recovery, { ...NOTHING_CUT, ...whole });
	});

	test("what was cut is reported section by section, and added up", async (store) => {
		await withEntries(store, [1n, 2n, 3n]);
		await store.withBlob(INDEX, 1n, (blob) => blob.write(1000, filled(9, 7)));
		await store.withBlob(INDEX, 3n, (blob) =>
			blob.write(988 - 76, filled(76, 0xff)),
		);
		const { recovery, ...journal } = await openedWith(store);
		assert.deepEqual(
			recovery.cuts.map(({ section, why, entriesKept, bytesCut }) => ({
				...{ section, why, entriesKept, bytesCut },
			})),
			[
				{ section: 1n, why: ["torn-tail"], entriesKept: 100, bytesCut: 21 },
				{ section: 3n, why: ["torn-tail"], entriesKept: 96, bytesCut: 76 },
			],
		);
		assert.include(recovery, { sections: 3, bytesCut: 97 });
		assert.deepEqual(journal.sizes, [800, 800, 768]);
		const copies = recovery.cuts.flatMap((cut) => cut.copies);
		assert.deepEqual(copies, [
			`dualslot.cut/${INDEX}.0000000000000001.988.0`,
			`dualslot.cut/${INDEX}.0000000000000003.912.1`,
		]);
		assertSame(await readRaw(store.host, copies[1] ?? ""), filled(76, 0xff));
	});
}

function tornRows(suite: Suite): void {
	const test = journalTest(suite);

	test("bytes at the end that are no whole entry are cut, durably, and kept as a copy", async (store) => {
		await withEntries(store, [1n], { entry: { size: 1 }, length: 803 });
		await forgetConfig(store);
		const synced: string[] = [];
		store.host.hooks.sync = (path, call) => {
			synced.push(path);
			return call();
		};
		let journal = await store.fixed();
		assert.include(synced, pathOf(INDEX, 1n));
		store.host.hooks = {};
		const [cut] = journal.recovery.cuts;
		assert.include(cut, {
			...{ section: 1n, entriesKept: 100, entriesCut: 0 },
			...{ bytesCut: 3, valueBytesCut: 0 },
		});
		assert.deepEqual(cut?.why, ["torn-entry"]);
		assert.lengthOf(cut?.copies ?? [], 1);
		assert.equal(await journal.size(1n), 800);
		assert.equal(await journal.append(1n, numbered(1)), 100);
		await journal.close();
		journal = await store.fixed();
		assert.deepEqual(journal.recovery.cuts, []);
		assert.deepEqual(await journal.get(1n, 100), numbered(1));
	});

	test("an entry that a crash tore between pages is cut without a copy: the crash explains it", async (store) => {
		const options = { entry: { size: 50 } };
		let journal = await store.fixed(options);
		for (let number = 0; number < 40; number += 1) {
			await journal.append(1n, filled(50, number));
		}
		await store.crash();
		journal = await store.fixed(options);
		const [cut] = journal.recovery.cuts;
		assert.isTrue(journal.recovery.foundCrash);
		assert.deepEqual([cut?.why, cut?.copies], [["torn-entry"], []]);
		const count = (await journal.size(1n)) / 50;
		assert.equal(cut?.entriesKept, count);
		assert.isAbove(count, 10);
		assert.equal(await journal.append(1n, filled(50, 9)), count);
	});

	test("a failed read is returned, and never taken for damage", async (store) => {
		await withEntries(store, [1n, 2n]);
		await store.withBlob(INDEX, 2n, (blob) => blob.write(988, filled(76, 1)));
		const before = await imageOf(store.host, INDEX);
		for (let failing = 1; failing <= 5; failing += 1) {
			let reads = 0;
			store.host.hooks.read = (_path, call) => {
				reads += 1;
				if (reads === failing) {
					throw KERNEL_ERROR;
				}
				return call();
			};
			const error = await assertFails("ERR_READ_FAILED", () => store.fixed());
			assert.include(error.place, { section: failing > 2 ? 2n : 1n });
			store.host.hooks = {};
			assert.deepEqual(await imageOf(store.host, INDEX), before);
		}
		assert.deepEqual((await openedWith(store)).sizes, [800, 800]);
	});
}

function readOnlyRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a store that is open for reading repairs nothing, reports what it would cut, and does not show it", async (store) => {
		await withEntries(store, [1n, 2n], { entry: { size: 1 }, length: 803 });
		await forgetConfig(store);
		await store.withBlob(INDEX, 2n, (blob) => blob.write(1000, filled(9, 7)));
		await store.restart({ readOnly: true });
		const before = await imageOf(store.host);
		const journal = await store.fixed();
		assert.deepEqual(
			journal.recovery.cuts.map(({ section, why, bytesCut, copies }) => ({
				...{ section, why, bytesCut, copies },
			})),
			[
				{ section: 1n, why: ["torn-entry"], bytesCut: 3, copies: [] },
				{
					section: 2n,
					why: ["torn-tail", "torn-entry"],
					bytesCut: 24,
					copies: [],
				},
			],
		);
		assert.equal(await journal.size(1n), 800);
		await assertFails("ERR_ITEM_OUT_OF_RANGE", () => journal.get(1n, 100));
		let replayed = 0;
		for await (const _entry of journal.replay()) {
			replayed += 1;
		}
		assert.equal(replayed, 200);
		for (const call of [
			() => journal.append(1n, numbered(1)),
			() => journal.append(5n, numbered(1)),
			() => journal.appendMany(1n, numbered(1)),
			() => journal.sync(1n),
			() => journal.syncAll(),
			() => journal.prune(2n),
			() => journal.rewind(1n, 0),
			() => journal.rewindSection(1n, 0),
			() => journal.removeSection(1n),
			() => journal.clear(),
			() => journal.destroy(),
		]) {
			await assertFails("ERR_READ_ONLY", call);
		}
		await journal.close();
		assert.deepEqual(await imageOf(store.host), before);
	});

	test("a store that is open for reading has as many sections open as another, and reads all", async (store) => {
		const sections = Array.from({ length: 40 }, (_, index) => BigInt(index));
		await withEntries(store, sections);
		await store.restart({ readOnly: true });
		const { sizes } = await openedWith(store);
		assert.deepEqual(sizes, Array(40).fill(800));
	});
}

function configRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a journal opened with another entry size, page size or kind is refused, and keeps every byte", async (store) => {
		await withEntries(store, [1n]);
		const before = await imageOf(store.host);
		const error = await assertFails("ERR_CONFIG", () =>
			store.fixed({ entry: { size: 4 } }),
		);
		assert.include(error.message, '"kind":"fixed"');
		assert.include(error.place, { partition: INDEX });
		await store.restart({ pageSize: 65 });
		await assertFails("ERR_CONFIG", () => store.fixed());
		await store.restart({ pageSize: 64 });
		await store.fixed();
		await store.restart();
		assert.deepEqual(
			(await imageOf(store.host)).filter(isNoMarker),
			before.filter(isNoMarker),
		);
	});

	test(
		"a journal of a store without metadata leaves no file of dualslot's",
		async (store) => {
			await withEntries(store, [1n, 2n]);
			const { sizes } = await openedWith(store);
			assert.deepEqual(sizes, [800, 800]);
			await store.restart();
			const image = await imageOf(store.host);
			assert.isEmpty(image.filter((line) => line.startsWith("dualslot")));
		},
		{ metadata: false },
	);

	test("a crash owes each section one look for a hole, until it is opened", async (store) => {
		await withEntries(store, [1n, 2n]);
		await store.crash();
		await store.restart();
		assert.isTrue(store.storage.recovery.foundCrash, "nobody has looked");
		const { recovery } = await openedWith(store);
		assert.isTrue(recovery.foundCrash);
		await store.restart();
		assert.isFalse(store.storage.recovery.foundCrash);
		assert.isFalse((await openedWith(store)).recovery.foundCrash);
	});

	test("a hole that a crash left is cut in its section, with what lies behind it (commonware #4326)", async (store) => {
		await withEntries(store, [1n, 2n]);
		await store.crash();
		await store.withBlob(INDEX, 1n, (blob) => blob.write(76, filled(76, 0)));
		const { recovery, sizes } = await openedWith(store);
		assert.deepEqual(sizes, [64, 800]);
		const [cut] = recovery.cuts;
		assert.deepEqual([cut?.why, cut?.entriesKept], [["hole"], 8]);
		assert.lengthOf(cut?.copies ?? [], 1);
	});
}

/** Sections of synced entries, 100 of 8 bytes by default. */
async function withEntries(
	store: JournalStore,
	sections: readonly bigint[],
	{ entry = { size: 8 }, length = 800 } = {},
): Promise<void> {
	const journal = await store.fixed({ entry });
	for (const section of sections) {
		await journal.appendMany(section, filled(length, Number(section)));
	}
	await journal.close();
}

async function openedWith(store: JournalStore) {
	const journal = await store.fixed();
	const sizes = [];
	for (const section of journal.sections()) {
		sizes.push(await journal.size(section));
	}
	await journal.close();
	return { recovery: journal.recovery, sizes };
}

/** As a store of commonware's, which does not record the size of its entries. */
async function forgetConfig(store: JournalStore): Promise<void> {
	await store.storage.close();
	await store.host.remove("dualslot.json");
	await store.crash();
}

function isNoMarker(line: string): boolean {
	return !/^dualslot\.(open|closed) /.test(line);
}
