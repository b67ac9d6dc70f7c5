import { assert } from "chai";
import { OPEN_SECTIONS } from "../../../src/journal/section-slots.ts";
import { writeRaw } from "../../support/hosts/raw-file.ts";
import { physicalPage } from "../../support/oracles/page.ts";
import { bytesOf, joined } from "../../support/runs/bytes.ts";
import { shareOf } from "../../support/runs/share.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	INDEX,
	type JournalStore,
	journalTest,
	numbered,
	pathOf,
	pointer,
	VALUES,
} from "../../support/stores/journal-store.ts";

const HEADER = bytesOf("CWIC\0\0\0\0");
/** No value, and its checksum. */
const VALUE = new Uint8Array(4);

/** The cost of opening a journal of very many sections, as in docs/durability.md. */
export function manySectionRows(suite: Suite): void {
	const test = journalTest(suite);
	// A browser takes some 10 ms to make a file.
	const count =
		suite.host === "opfs"
			? shareOf(500, 3 * OPEN_SECTIONS)
			: shareOf(10_000, 20 * OPEN_SECTIONS);

	test("opening a fixed journal of very many sections takes two reads of each, no sync, and few open files", async (store) => {
		await makeSections(store, INDEX, count, numbered(7));
		const cost = await costOf(store, () => store.fixed());
		assert.equal(cost.sections, count);
		assert.deepEqual([cost.fewest, cost.most], [2, 2]);
		assert.isAtMost(cost.openAtOnce, OPEN_SECTIONS);
		assert.include(cost.opened.recovery, {
			...{ sections: count, pagesScanned: count },
			...{ bytesCut: 0, foundCrash: false },
		});
		assert.lengthOf(cost.opened.sections(), count);
		const last = BigInt(count - 1);
		assert.deepEqual(await cost.opened.get(last, 0), numbered(7));
	});

	test("opening an oversized journal of very many sections takes six reads of each at most, no sync, and few open files", async (store) => {
		const entry = pointer(7);
		new DataView(entry.buffer).setUint32(16, VALUE.length);
		await makeSections(store, INDEX, count, entry);
		await makeValues(store, count);
		const cost = await costOf(store, () => store.oversized());
		assert.equal(cost.sections, count);
		assert.isAtMost(cost.most, 6);
		assert.isAtMost(cost.openAtOnce, 2 * OPEN_SECTIONS);
		assert.include(cost.opened.recovery, {
			...{ sections: count, pagesScanned: count, entriesScanned: count },
			...{ bytesCut: 0, valueBytesCut: 0, foundCrash: false },
		});
		const last = BigInt(count - 1);
		assert.lengthOf(await cost.opened.getValue(last, 0, VALUE.length), 0);
	});

	test("opening a glob of very many sections takes one list, and opens none", async (store) => {
		await makeValues(store, count);
		const cost = await costOf(store, () => store.glob());
		assert.deepEqual([cost.sections, cost.openAtOnce], [0, 0]);
		assert.lengthOf(cost.opened.sections(), count);
		assert.lengthOf(await cost.opened.get(3n, 0, VALUE.length), 0);
	});
}

/** Sections of one entry each, on a page of 64 bytes. */
async function makeSections(
	store: JournalStore,
	partition: string,
	count: number,
	entry: Uint8Array,
): Promise<void> {
	const page = physicalPage(64, entry, entry.length);
	const bytes = joined(HEADER, page);
	for (let section = 0; section < count; section += 1) {
		await writeRaw(store.host, pathOf(partition, BigInt(section)), bytes);
	}
}

async function makeValues(store: JournalStore, count: number): Promise<void> {
	const bytes = joined(HEADER, VALUE);
	for (let section = 0; section < count; section += 1) {
		await writeRaw(store.host, pathOf(VALUES, BigInt(section)), bytes);
	}
}

/**
 * Opens a journal, and counts its calls of the host: reads of each section, and files open at once.
 */
async function costOf<T>(store: JournalStore, open: () => Promise<T>) {
	const reads = new Map<string, number>();
	let now = 0;
	let openAtOnce = 0;
	store.host.hooks = {
		open: async (path, _mode, call) => {
			const file = await call();
			now += isSection(path) && file !== undefined ? 1 : 0;
			openAtOnce = Math.max(openAtOnce, now);
			return file;
		},
		close: (path, call) => {
			now -= isSection(path) ? 1 : 0;
			return call();
		},
		read: (path, call) => {
			const section = path.slice(path.indexOf("/"));
			const times = reads.get(section) ?? 0;
			reads.set(section, times + (isSection(path) ? 1 : 0));
			return call();
		},
		sync: (path, call) => {
			if (isSection(path)) {
				throw new Error("an open synced a section");
			}
			return call();
		},
	};
	const opened = await open();
	store.host.hooks = {};
	const each = [...reads.values()].filter((times) => times > 0);
	return {
		opened,
		openAtOnce,
		sections: each.length,
		fewest: each.reduce((least, times) => Math.min(least, times), Infinity),
		most: each.reduce((most, times) => Math.max(most, times), 0),
	};
}

function isSection(path: string): boolean {
	return path.startsWith(`${INDEX}/`) || path.startsWith(`${VALUES}/`);
}
