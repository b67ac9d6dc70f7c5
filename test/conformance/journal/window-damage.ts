import { assert } from "chai";
import { mangleRaw, readRaw } from "../../support/hosts/raw-file.ts";
import { assertFails } from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	INDEX,
	type JournalStore,
	journalTest,
	numbered,
	numbersIn,
	pathOf,
	pointer,
	sixteen,
} from "../../support/stores/journal-store.ts";

const HEADER = 8;
/** No multiple of an entry's size: some entries span two pages. */
const PAGE_SIZE = 60;
const STRIDE = PAGE_SIZE + 12;
const SIZES = { pageSize: PAGE_SIZE };

/** A section whose writer crashed, with damage in its last page that no torn write explains. */
export function windowDamageRows(suite: Suite): void {
	const test = journalTest(suite);

	test(
		"after a crash of ours a fixed journal keeps the entries of a damaged last page, and goes on behind them",
		async (store) => {
			// 15 entries fill two pages; the eighth spans both.
			await crashed(store, await store.fixed(), (journal) =>
				journal.appendMany(1n, entries(0, 15)),
			);
			await flipIn(store, 1);
			let journal = await store.fixed();
			assert.deepEqual(journal.recovery.damaged, [1n]);
			assert.deepEqual(journal.recovery.cuts, []);
			assert.equal(await journal.append(1n, numbered(15)), 15);
			await journal.close();
			await store.restart();
			journal = await store.fixed();
			assert.deepEqual(numbersIn(await journal.get(1n, 6)), [6]);
			assert.deepEqual(numbersIn(await journal.get(1n, 15)), [15]);
			for (const position of [7, 14]) {
				await assertFails("ERR_INVALID_CHECKSUM", () =>
					journal.get(1n, position),
				);
			}
		},
		SIZES,
	);

	test(
		"an entry that ends behind a damaged last page stays with it: reads of it fail, and the next one goes behind it",
		async (store) => {
			// The eighth entry ends on the second page, which is torn.
			await crashed(store, await store.fixed(), (journal) =>
				journal.appendMany(1n, entries(0, 15)),
			);
			await flipIn(store, 0);
			const zeros = new Uint8Array(STRIDE);
			await mangleRaw(store.host, PATH, HEADER + STRIDE, zeros);
			let journal = await store.fixed();
			assert.deepEqual(journal.recovery.damaged, [1n]);
			assert.equal(await journal.size(1n), 8 * 8);
			assert.equal(await journal.append(1n, numbered(8)), 8);
			await journal.close();
			await store.restart();
			journal = await store.fixed();
			assert.deepEqual(numbersIn(await journal.get(1n, 8)), [8]);
			await assertFails("ERR_INVALID_CHECKSUM", () => journal.get(1n, 7));
		},
		SIZES,
	);

	test(
		"after a crash of ours an oversized journal keeps the values of entries on a damaged last page",
		async (store) => {
			await crashed(store, await store.oversized(), async (journal) => {
				for (let id = 0; id < 6; id += 1) {
					await journal.append(1n, pointer(id), sixteen(id));
				}
			});
			await flipIn(store, 1);
			const journal = await store.oversized();
			assert.deepEqual(journal.recovery.damaged, [1n]);
			assert.deepEqual(journal.recovery.cuts, []);
			assert.deepEqual(await journal.getValue(1n, 100, 20), sixteen(5));
			await assertFails("ERR_INVALID_CHECKSUM", () => journal.get(1n, 5));
		},
		SIZES,
	);

	test(
		"after a crash of ours a variable journal refuses appends behind a damaged last page, and keeps what lies before it",
		async (store) => {
			await crashed(store, await store.variable(), async (journal) => {
				// Frames of ten bytes: six fill a page.
				for (let number = 0; number < 12; number += 1) {
					const item = new Uint8Array(9).fill(number + 1);
					await journal.append(1n, item);
				}
			});
			await flipIn(store, 1);
			const journal = await store.variable();
			assert.deepEqual(journal.recovery.damaged, [1n]);
			const first = await journal.get(1n, 0);
			assert.deepEqual(first, new Uint8Array(9).fill(1));
			const error = await assertFails("ERR_INVALID_CHECKSUM", () =>
				journal.append(1n, numbered(0)),
			);
			assert.include(error.place, { page: 1 });
		},
		SIZES,
	);
}

const PATH = pathOf(INDEX, 1n);

interface Syncing {
	sync(section: bigint): Promise<void>;
}

async function crashed<Journal extends Syncing>(
	store: JournalStore,
	journal: Journal,
	append: (journal: Journal) => Promise<unknown>,
): Promise<void> {
	await append(journal);
	await journal.sync(1n);
	await store.crash();
}

function entries(from: number, to: number): Uint8Array {
	const bytes = new Uint8Array((to - from) * 8);
	for (let number = from; number < to; number += 1) {
		bytes.set(numbered(number), (number - from) * 8);
	}
	return bytes;
}

/** Flips a bit in a page's last bytes, where no entry has zeros. */
async function flipIn(store: JournalStore, page: number): Promise<void> {
	const at = HEADER + page * STRIDE + PAGE_SIZE - 1;
	const [byte = 0] = (await readRaw(store.host, PATH)).slice(at);
	await mangleRaw(store.host, PATH, at, new Uint8Array([byte ^ 1]));
}
