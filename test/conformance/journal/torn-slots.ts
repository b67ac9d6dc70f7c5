import { assert } from "chai";
import { readRaw, writeRaw } from "../../support/hosts/raw-file.ts";
import { joined } from "../../support/runs/bytes.ts";
import { assertFails, KERNEL_ERROR } from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	INDEX,
	type JournalStore,
	journalTest,
	pathOf,
	pointer,
	pointerIn,
	VALUES,
} from "../../support/stores/journal-store.ts";
import { append, assertPairs } from "../../support/stores/oversized-pairs.ts";

const ENTRIES = pathOf(INDEX, 1n);
const VALUED = pathOf(VALUES, 1n);
const SECTOR = 512;
/** In the first page, the first entries lie in the first sector, and both slots in the second. */
const SLOTS_APART = { pageSize: 600, writeBuffer: 3000 };
/** In the first page, slot 1's length lies in the second sector, and its checksum in the third. */
const SLOT_SPLIT = { pageSize: 1014, writeBuffer: 3000 };
const THREE_A_PAGE = { pageSize: 60, writeBuffer: 3000 };
const KINDS = ["a fixed", "an oversized"] as const;

/**
 * Journals rely on these rules where a page is rewritten or cut. For each defect there is the one
 * image that shows it: mostly, only the second sector of a write to the first page reached the
 * disk.
 */
export function tornSlotRows(suite: Suite): void {
	const test = journalTest(suite);

	for (const kind of KINDS) {
		test(
			`what was synced in ${kind} journal outlives a process that died in a sync, and a power cut in the sync of the next (commonware #4546)`,
			async (store) => {
				const { add } = await journalOf(kind, store);
				await add([1]);
				const durable = await readRaw(store.host, ENTRIES);
				store.host.hooks.sync = (path, call) => {
					if (path === ENTRIES) {
						throw KERNEL_ERROR;
					}
					return call();
				};
				await assertFails("ERR_BLOB_SYNC_FAILED", () => add([2]));
				store.host.hooks = {};
				await store.crash();
				const next = await journalOf(kind, store);
				await next.check([1, 2]);
				await cutPower(store, durable, () => next.add([3]));
				const last = await journalOf(kind, store);
				await last.check([1, 2]);
				await last.add([4]);
				await last.check([1, 2, 4]);
			},
			SLOTS_APART,
		);

		test(
			`entries that a rewind cut from ${kind} journal stay cut when as many new ones are torn (commonware #4339)`,
			async (store) => {
				const { add, cut } = await journalOf(kind, store);
				await add(range(0, 15));
				await cut(10);
				const durable = await readRaw(store.host, ENTRIES);
				await cutPower(store, durable, () => add(range(100, 105)));
				const last = await journalOf(kind, store);
				await last.check(range(0, 10));
				await last.add([4]);
				await last.check([...range(0, 10), 4]);
			},
			SLOT_SPLIT,
		);
	}

	test(
		"entries that a rewind to a page's end cut do not come back when the power goes as soon as it resolves (commonware #4688)",
		async (store) => {
			const { add, cut } = await journalOf("a fixed", store);
			await add(range(0, 15));
			await losePower(store, ENTRIES, () => cut(9));
			const last = await journalOf("a fixed", store);
			await last.check(range(0, 9));
		},
		THREE_A_PAGE,
	);

	test(
		"no entry that a rewind cut is found with the value of one that came after it (commonware #4260, #4688)",
		async (store) => {
			const { add, cut } = await journalOf("an oversized", store);
			await add(range(0, 15));
			await losePower(store, VALUED, async () => {
				await cut(9);
				await add(range(100, 106));
			});
			const last = await journalOf("an oversized", store);
			await last.check(range(0, 9));
		},
		THREE_A_PAGE,
	);
}

/**
 * Runs a step that ends with a write to the entries. Then leaves the file like a power cut within
 * that write: the earlier durable bytes, and the write's second sector. `durable` names the state
 * at the beginning.
 */
async function cutPower(
	store: JournalStore,
	durable: Uint8Array,
	body: () => Promise<void>,
): Promise<void> {
	let before = durable;
	let now = durable;
	let last = { offset: 0, bytes: new Uint8Array() };
	store.host.hooks = {
		write: async (path, { parts, offset }, call) => {
			if (path === ENTRIES) {
				last = { offset, bytes: joined(...parts) };
				before = now;
			}
			await call();
		},
		sync: async (path, call) => {
			await call();
			now = path === ENTRIES ? await readRaw(store.host, ENTRIES) : now;
		},
	};
	await body();
	store.host.hooks = {};
	assert.isAbove(last.bytes.length, 0);
	const image = before.slice();
	const from = Math.max(SECTOR, last.offset);
	const reached = last.bytes.subarray(from - last.offset);
	image.set(reached.subarray(0, 2 * SECTOR - from), from);
	await store.storage.drop();
	await writeRaw(store.host, ENTRIES, image);
	await store.crash();
}

/**
 * Changes a synced journal, and then leaves its entries as they were durable when a file was last
 * synced: the file of the entries, or of the values.
 */
async function losePower(
	store: JournalStore,
	file: string,
	body: () => Promise<void>,
): Promise<void> {
	let durable = await readRaw(store.host, ENTRIES);
	let image = durable;
	store.host.hooks.sync = async (path, call) => {
		await call();
		durable = path === ENTRIES ? await readRaw(store.host, ENTRIES) : durable;
		image = path === file ? durable : image;
	};
	await body();
	store.host.hooks = {};
	await store.storage.drop();
	await writeRaw(store.host, ENTRIES, image);
	await store.crash();
}

interface NumberedJournal {
	/** Appends entries of these numbers to section 1, and syncs them. */
	add(ids: readonly number[]): Promise<void>;
	/** Rewinds section 1 to so many entries. */
	cut(count: number): Promise<void>;
	/** Section 1 has exactly these entries, with their values if they have any. */
	check(ids: readonly number[]): Promise<void>;
}

async function journalOf(
	kind: (typeof KINDS)[number],
	store: JournalStore,
): Promise<NumberedJournal> {
	if (kind === "an oversized") {
		const journal = await store.oversized();
		return {
			add: async (ids) => {
				await append(journal, 1n, ids);
				await journal.sync(1n);
			},
			cut: (count) => journal.rewindSection(1n, count * 20),
			check: (ids) => assertPairs(journal, 1n, ids),
		};
	}
	const journal = await store.fixed({ entry: { size: 20 } });
	return {
		add: async (ids) => {
			await journal.appendMany(1n, joined(...ids.map(pointer)));
			await journal.sync(1n);
		},
		cut: (count) => journal.rewindSection(1n, count * 20),
		check: async (ids) => {
			const found: number[] = [];
			for await (const { entry } of journal.replay()) {
				found.push(pointerIn(entry).id);
			}
			assert.deepEqual(found, [...ids]);
		},
	};
}

function range(first: number, end: number): number[] {
	return Array.from({ length: end - first }, (_, index) => first + index);
}
