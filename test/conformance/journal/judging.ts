import { assert } from "chai";
import type { FixedJournal } from "../../../src/journal/entries/fixed-journal.ts";
import { JUDGED_AT_OPEN } from "../../../src/journal/section-manager.ts";
import { filled } from "../../support/runs/bytes.ts";
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

const PAGE_BYTES = 64 + 12;
const EARLIER = 5;
const COUNT = JUDGED_AT_OPEN + EARLIER;
/** The first of many sections, with a value and an entry each. */
const FIRST = 0n;

/** When the found sections of a journal are judged. */
export function judgingRows(suite: Suite): void {
	openingRows(suite);
	usingRows(suite);
}

function openingRows(suite: Suite): void {
	const test = journalTest(suite);

	test("after a clean close an open reads the last sections alone, and says how many others it has not judged", async (store) => {
		await withSections(store);
		await store.restart();
		const read = new Set<string>();
		store.host.hooks.read = (path, call) => {
			read.add(path);
			return call();
		};
		const { recovery } = await store.fixed();
		const last = Array.from({ length: JUDGED_AT_OPEN }, (_, index) =>
			pathOf(INDEX, BigInt(EARLIER + index)),
		);
		assert.sameMembers([...read], last);
		assert.include(recovery, {
			sections: COUNT,
			unjudged: EARLIER,
			pagesScanned: JUDGED_AT_OPEN,
		});
	});

	test("after a crash an open judges every section", async (store) => {
		await withSections(store);
		await store.crash();
		assert.include((await store.fixed()).recovery, {
			sections: COUNT,
			unjudged: 0,
			foundCrash: true,
		});
	});

	test("an open without metadata judges every section", async (store) => {
		await withSections(store);
		await store.restart({ metadata: false });
		const { recovery } = await store.fixed();
		assert.include(recovery, { sections: COUNT, unjudged: 0 });
	});

	test("values without entries are removed by an open, however many sections there are", async (store) => {
		let journal = await store.oversized();
		for (let section = 0n; section < COUNT; section += 1n) {
			await journal.append(section, new Uint8Array(20), numbered(1));
		}
		await journal.close();
		await store.storage.remove(INDEX, "\0".repeat(8));
		await store.restart();
		journal = await store.oversized();
		assert.deepEqual(
			journal.recovery.orphans.map(({ section }) => section),
			[FIRST],
		);
		assert.equal(journal.recovery.unjudged, EARLIER - 1);
		assert.isFalse(await hasValues(store, FIRST));
	});
}

function usingRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a section that was not judged is judged when it is first used, and then it is in the report", async (store) => {
		await withSections(store);
		await tear(store, FIRST);
		const journal = await store.fixed();
		assert.lengthOf(journal.recovery.cuts, 0);
		assert.equal(await journal.append(FIRST, numbered(7)), 1);
		assert.include(journal.recovery, { unjudged: EARLIER - 1 });
		const [cut] = journal.recovery.cuts;
		assert.deepInclude(cut, {
			...{ section: FIRST, why: ["torn-tail"], entriesKept: 1 },
		});
		assert.lengthOf(cut?.copies ?? [], 1);
		assert.deepEqual(await journal.get(FIRST, 1), numbered(7));
	});

	test("calls that come at once judge their section once, and begin in their order", async (store) => {
		await withSections(store);
		await tear(store, FIRST);
		const journal = await store.fixed();
		const positions = await Promise.all(
			[1, 2, 3].map((number) => journal.append(FIRST, numbered(number))),
		);
		assert.deepEqual(positions, [1, 2, 3]);
		assert.lengthOf(journal.recovery.cuts, 1);
	});

	test("a replay judges the sections that it comes to, and the report has them in ascending order", async (store) => {
		await withSections(store);
		await tear(store, 2n);
		await tear(store, FIRST);
		const journal = await store.fixed();
		await journal.get(2n, 0);
		assert.equal(await countOf(journal), COUNT);
		const { cuts, unjudged } = journal.recovery;
		assert.deepEqual(
			cuts.map(({ section }) => section),
			[FIRST, 2n],
		);
		assert.equal(unjudged, 0);
	});

	test("a section that could not be judged is an error with its place, and is judged by the next call", async (store) => {
		await withSections(store);
		await tear(store, FIRST);
		const journal = await store.fixed();
		store.host.hooks.read = (path, call) => {
			if (path === pathOf(INDEX, FIRST)) {
				throw KERNEL_ERROR;
			}
			return call();
		};
		const error = await assertFails("ERR_READ_FAILED", () =>
			journal.get(FIRST, 0),
		);
		assert.equal(error.place.section, FIRST);
		assert.equal(journal.recovery.unjudged, EARLIER);
		store.host.hooks = {};
		assert.deepEqual(await journal.get(FIRST, 0), numbered(0));
		assert.lengthOf(journal.recovery.cuts, 1);
	});

	test("a section that is removed before its first use is not judged any more", async (store) => {
		await withSections(store);
		await store.restart();
		const journal = await store.fixed();
		await journal.prune(2n);
		assert.include(journal.recovery, {
			sections: COUNT,
			unjudged: EARLIER - 2,
		});
	});

	test("a section whose removal failed before its first use is still judged", async (store) => {
		await withSections(store);
		await tear(store, FIRST);
		const journal = await store.fixed();
		store.host.hooks.remove = () => {
			throw KERNEL_ERROR;
		};
		await failureOf(() => journal.removeSection(FIRST));
		store.host.hooks = {};
		assert.equal(await journal.append(FIRST, numbered(7)), 1);
		assert.lengthOf(journal.recovery.cuts, 1);
		assert.include(journal.recovery, { unjudged: EARLIER - 1 });
	});

	test("an item that is appended to a section that was not judged goes behind its last whole one", async (store) => {
		let journal = await store.variable();
		for (let section = 0n; section < COUNT; section += 1n) {
			await journal.append(section, numbered(1));
		}
		await journal.close();
		await store.restart();
		journal = await store.variable();
		assert.equal(journal.recovery.unjudged, EARLIER);
		const place = await journal.append(FIRST, numbered(2));
		assert.equal(place.offset, 9);
		assert.equal(journal.recovery.unjudged, EARLIER - 1);
	});
}

/** Makes a journal of many sections with an entry each, and closes it. */
async function withSections(store: JournalStore): Promise<void> {
	const journal = await store.fixed();
	for (let section = 0n; section < COUNT; section += 1n) {
		await journal.append(section, numbered(Number(section)));
	}
	await journal.close();
}

/** Leaves bytes behind a section's only page, as another writer may, and begins a session. */
async function tear(store: JournalStore, section: bigint): Promise<void> {
	await store.withBlob(INDEX, section, (blob) =>
		blob.write(PAGE_BYTES, filled(9, 7)),
	);
	await store.restart();
}

async function hasValues(
	store: JournalStore,
	section: bigint,
): Promise<boolean> {
	const names = await store.storage.scan(VALUES);
	return names.some((name) => name.at(-1) === Number(section));
}

async function countOf(journal: FixedJournal): Promise<number> {
	let count = 0;
	for await (const _ of journal.replay()) {
		count += 1;
	}
	return count;
}
