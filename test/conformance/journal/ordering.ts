import { assert } from "chai";
import { HeldSyncs, settleTurns } from "../../support/hosts/held-syncs.ts";
import { pattern } from "../../support/runs/bytes.ts";
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
	pointerIn,
	sixteen,
	VALUES,
} from "../../support/stores/journal-store.ts";
import { append, assertPairs } from "../../support/stores/oversized-pairs.ts";

const ENTRIES = pathOf(INDEX, 1n);
const VALUED = pathOf(VALUES, 1n);
const ORDERED = { pairs: "ordered" } as const;

export function orderingRows(suite: Suite): void {
	valueFirstRows(suite);
	sharedSyncRows(suite);
	cutRows(suite);
	failureRows(suite);
}

function valueFirstRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a sync makes values durable before it hands over the entries that point at them (commonware #4260)", async (store) => {
		const journal = await store.oversized(ORDERED);
		await append(journal, 1n, [1]);
		await journal.sync(1n);
		await append(journal, 1n, [2]);
		const events = watch(store);
		await journal.sync(1n);
		assert.deepEqual(events.take(), [
			"write values",
			"sync values",
			"write entries",
			"write entries",
			"sync entries",
		]);
		await journal.sync(1n);
		assert.deepEqual(events.take(), []);
	});

	test("a store that is closed makes the pairs of its open journals durable, those of a new section too", async (store) => {
		const journal = await store.oversized();
		await append(journal, 1n, [1]);
		await store.restart();
		await assertPairs(await store.oversized(), 1n, [1]);
	});

	test("entries whose buffer fills by itself wait for their values too (commonware #4260)", async (store) => {
		const journal = await store.oversized({ ...ORDERED, valueBuffer: 65_536 });
		await append(journal, 1n, [0]);
		await journal.sync(1n);
		const events = watch(store);
		for (let id = 1; events.log.length === 0; id += 1) {
			await append(journal, 1n, [id]);
		}
		assert.deepEqual(events.take(), [
			"write values",
			"sync values",
			"write entries",
			"write entries",
		]);
	});

	test("entries are never handed over before their values are durable, whatever is appended meanwhile (commonware #4260)", async (store) => {
		const journal = await store.oversized({ ...ORDERED, valueBuffer: 256 });
		await append(journal, 1n, [0]);
		await journal.sync(1n);
		const guard = guardPointers(store);
		const writer = async (first: number) => {
			for (let id = first; id < first + 40; id += 1) {
				await journal.append(1n, pointer(id), pattern(id % 90, id));
				if (id % 7 === 0) {
					await journal.sync(1n);
				}
			}
		};
		await Promise.all([writer(100), writer(200), writer(300)]);
		await journal.close();
		assert.isAbove(guard.entriesWritten, 15);
	});

	test("values that are appended while those before them are being synced do not go with their entries", async (store) => {
		const journal = await store.oversized(ORDERED);
		await append(journal, 1n, [1]);
		await journal.sync(1n);
		await append(journal, 1n, [2]);
		const held = HeldSyncs.of(store.host, VALUED);
		const syncing = journal.sync(1n);
		await held.whenBegun(1);
		await append(journal, 1n, [3]);
		held.release();
		await syncing;
		assert.equal(held.completed, 1);
		held.releaseAll();
		await assertPairs(journal, 1n, [1, 2, 3]);
		await store.crash();
		const reopened = await store.oversized();
		await assertPairs(reopened, 1n, [1, 2]);
	});

	test("a journal that is closed for another section, or closed, syncs its values first", async (store) => {
		const journal = await store.oversized();
		await append(journal, 1n, [1]);
		const events = watch(store);
		for (let section = 2n; section < 20n; section += 1n) {
			await append(journal, section, [1]);
		}
		const order = ["write values", "sync values", "write entries"];
		assert.deepEqual(events.take(), [...order, "sync entries"]);
		await append(journal, 1n, [2]);
		await journal.close();
		assert.deepEqual(events.take().slice(0, 3), order);
	});

	test("a sync of what an open found reaches values and entries (commonware #3940)", async (store) => {
		let journal = await store.oversized();
		await append(journal, 1n, [1]);
		await journal.close();
		journal = await store.oversized();
		const events = watch(store);
		await journal.sync(1n);
		assert.deepEqual(events.take(), ["sync values", "sync entries"]);
		await journal.syncAll();
		assert.deepEqual(events.take(), []);
	});
}

function sharedSyncRows(suite: Suite): void {
	const test = journalTest(suite);

	test("64 writers that append pairs and sync share one sync of values and one of entries, round after round", async (store) => {
		const journal = await store.oversized({
			writeBuffer: 65_536,
			valueBuffer: 65_536,
		});
		await append(journal, 1n, [1]);
		await journal.sync(1n);
		const events = watch(store);
		const writer = async (id: number) => {
			for (let round = 0; round < 3; round += 1) {
				await journal.append(1n, pointer(id), sixteen(id));
				await journal.sync(1n);
			}
		};
		await Promise.all(Array.from({ length: 64 }, (_, id) => writer(id)));
		const syncs = events.take().filter((event) => event.startsWith("sync"));
		// Of the two that run at once either may end first.
		const rounds = [0, 2, 4].map((at) => syncs.slice(at, at + 2).sort());
		const round = ["sync entries", "sync values"];
		assert.deepEqual(rounds, [round, round, round]);
		assert.lengthOf(syncs, 6);
	});

	test("pairs that nobody waits for keep their order, large and small, with values in the order of their entries", async (store) => {
		const journal = await store.oversized({ valueBuffer: 64 });
		const sizes = Array.from({ length: 200 }, (_, index) => (index * 37) % 150);
		const places = await Promise.all(
			sizes.map((size, id) =>
				journal.append(1n, pointer(id), pattern(size, id)),
			),
		);
		let end = 0;
		for (const [id, place] of places.entries()) {
			const size = (sizes[id] ?? 0) + 4;
			assert.deepEqual(place, { position: id, offset: end, size });
			end += size;
			const entry = pointerIn(await journal.get(1n, id));
			assert.deepEqual(entry, { id, offset: place.offset, size });
			const value = await journal.getValue(1n, place.offset, size);
			assert.deepEqual(value, pattern(size - 4, id));
		}
		assert.equal(await journal.valueSize(1n), end);
	});
}

function cutRows(suite: Suite): void {
	const test = journalTest(suite);

	for (const [where, count] of [
		["within a page", 5],
		["at a page's end", 16],
		["to nothing", 0],
	] as const) {
		test(`a rewind ${where} cuts entries durably, then values durably (commonware #4688)`, async (store) => {
			let journal = await store.oversized();
			await append(journal, 1n, range(40));
			await journal.sync(1n);
			const events = watch(store);
			await journal.rewindSection(1n, count * 20);
			const order = events.take();
			const cutValues = order.indexOf("truncate values");
			assert.isAbove(cutValues, 0);
			assert.equal(order[cutValues - 1], "sync entries");
			assert.deepEqual(order.slice(cutValues), [
				"truncate values",
				"sync values",
			]);
			assert.notInclude(order.slice(0, cutValues).join(), "values");
			store.host.hooks = {};
			await store.crash();
			journal = await store.oversized();
			await assertPairs(journal, 1n, range(count));
			assert.equal(await journal.valueSize(1n), count * 20);
		});
	}

	test("a section's entries are removed before its values, durably", async (store) => {
		const journal = await store.oversized();
		for (const section of [1n, 2n, 3n]) {
			await append(journal, section, [1]);
		}
		const events: string[] = [];
		store.host.hooks = {
			remove: (path, call) => {
				events.push(path);
				return call();
			},
			syncDirectory: (path, call) => {
				events.push(`sync ${path}`);
				return call();
			},
		};
		const removal = (section: bigint) => [
			...[pathOf(INDEX, section), `sync ${INDEX}`],
			...[pathOf(VALUES, section), `sync ${VALUES}`],
		];
		await journal.prune(2n);
		assert.deepEqual(events.splice(0), removal(1n));
		await journal.rewind(2n, 20);
		assert.deepEqual(events.splice(0), removal(3n));
		await journal.removeSection(2n);
		assert.deepEqual(events.splice(0), removal(2n));
		await append(journal, 5n, [1]);
		events.length = 0;
		await journal.clear();
		assert.deepEqual(events.splice(0), removal(5n));
		await append(journal, 5n, [1]);
		events.length = 0;
		await journal.destroy();
		const partitions = events.filter((event) => !event.includes("/"));
		assert.deepEqual(partitions.slice(0, 2), [INDEX, "sync "]);
		assert.include(partitions, VALUES);
		assert.isBelow(partitions.indexOf(INDEX), partitions.indexOf(VALUES));
	});

	test("a repair cuts values durably, then entries durably, before the journal is open", async (store) => {
		let journal = await store.oversized();
		await append(journal, 1n, range(40));
		await journal.close();
		await store.resizeBlob(VALUES, 1n, 205);
		const events = watch(store);
		journal = await store.oversized();
		const order = events.take();
		const first = order.indexOf("truncate values");
		assert.deepEqual(order.slice(first, first + 2), [
			"truncate values",
			"sync values",
		]);
		assert.notInclude(order.slice(0, first).join(), "entries");
		assert.equal(order[order.length - 1], "sync entries");
		store.host.hooks = {};
		await store.crash();
		journal = await store.oversized();
		await assertPairs(journal, 1n, range(10));
		assert.deepEqual(journal.recovery.cuts, []);
	});

	test("a rewind whose values could not be cut leaves none that an entry points at, and is finished by the next open", async (store) => {
		let journal = await store.oversized();
		await append(journal, 1n, range(10));
		await journal.sync(1n);
		store.host.hooks.truncate = (path, _size, call) => {
			if (path === VALUED) {
				throw KERNEL_ERROR;
			}
			return call();
		};
		await assertFails("ERR_BLOB_RESIZE_FAILED", () =>
			journal.rewindSection(1n, 60),
		);
		store.host.hooks = {};
		await assertFails("ERR_POISONED", () =>
			journal.append(1n, pointer(9), sixteen(9)),
		);
		assert.equal(await journal.size(1n), 60);
		await failureOf(() => journal.close());
		journal = await store.oversized();
		assert.include(journal.recovery, { valueBytesCut: 140, entriesCut: 0 });
		await assertPairs(journal, 1n, [0, 1, 2]);
	});
}

function failureRows(suite: Suite): void {
	const test = journalTest(suite);

	test("values that cannot be synced keep their entries from the disk, and poison their section alone", async (store) => {
		let journal = await store.oversized(ORDERED);
		await append(journal, 1n, [1]);
		await append(journal, 2n, [1]);
		await journal.syncAll();
		await append(journal, 1n, [2]);
		const events = watch(store, VALUED);
		await assertFails("ERR_BLOB_SYNC_FAILED", () => journal.sync(1n));
		assert.deepEqual(events.take(), ["write values"]);
		for (const call of [
			() => journal.append(1n, pointer(3), sixteen(3)),
			() => journal.sync(1n),
			() => journal.rewindSection(1n, 20),
		]) {
			const error = await assertFails("ERR_POISONED", call);
			assert.equal(error.place.section, 1n);
		}
		await assertPairs(journal, 1n, [1, 2]);
		await append(journal, 2n, [2]);
		await journal.sync(2n);
		assert.notInclude(events.take(), "write entries");
		store.host.hooks = {};
		await assertFails("ERR_POISONED", () => journal.close());
		journal = await store.oversized();
		await assertPairs(journal, 1n, [1]);
		await assertPairs(journal, 2n, [1, 2]);
	});

	test("entries that cannot be written refuse pairs before a value of theirs is taken", async (store) => {
		const journal = await store.oversized();
		await append(journal, 1n, [1]);
		await journal.sync(1n);
		await append(journal, 1n, [2]);
		store.host.hooks.sync = (path, call) => {
			if (path === ENTRIES) {
				throw KERNEL_ERROR;
			}
			return call();
		};
		await assertFails("ERR_BLOB_SYNC_FAILED", () => journal.sync(1n));
		store.host.hooks = {};
		await store.withBlob(VALUES, 1n, async (blob) => {
			const { size } = blob;
			await assertFails("ERR_POISONED", () =>
				journal.append(1n, pointer(3), pattern(5000)),
			);
			assert.equal(blob.size, size);
		});
		await settleTurns();
		await failureOf(() => journal.close());
	});
}

/** Logs the calls on the files of section 1; with `failing`, syncs of that file fail. */
function watch(store: JournalStore, failing?: string) {
	const log: string[] = [];
	const note = (what: string, path: string) => {
		if (path === ENTRIES || path === VALUED) {
			log.push(`${what} ${path === ENTRIES ? "entries" : "values"}`);
		}
	};
	store.host.hooks = {
		write: (path, _write, call) => {
			note("write", path);
			return call();
		},
		truncate: (path, _size, call) => {
			note("truncate", path);
			return call();
		},
		sync: async (path, call) => {
			if (path === failing) {
				throw KERNEL_ERROR;
			}
			await call();
			note("sync", path);
		},
	};
	return { log, take: () => log.splice(0) };
}

/**
 * Fails a write of entries where one points past the durable values. Pages of 64 bytes, slots of 6.
 */
function guardPointers(store: JournalStore) {
	const guard = { entriesWritten: 0 };
	let written = 0;
	let durable = 0;
	let failure: Error | undefined;
	store.host.hooks = {
		write: async (path, write, call) => {
			if (path === VALUED) {
				written = Math.max(written, write.offset + write.length - 8);
			}
			await call();
			if (path === ENTRIES) {
				const end = await lastValueEnd(write.file);
				guard.entriesWritten += 1;
				if (end > durable) {
					failure = new Error(`${end} is handed over, ${durable} durable`);
				}
			}
		},
		sync: async (path, call) => {
			const upTo = written;
			await call();
			durable = path === VALUED ? upTo : durable;
			if (failure !== undefined) {
				throw failure;
			}
		},
	};
	return guard;
}

/** The end of the last value that the committed bytes of a file of pages point at. */
async function lastValueEnd(file: {
	size(): number | Promise<number>;
	read(
		targets: readonly Uint8Array[],
		offset: number,
	): number | Promise<number>;
}): Promise<number> {
	const bytes = new Uint8Array(await file.size());
	await file.read([bytes], 0);
	const view = new DataView(bytes.buffer);
	const logical: number[] = [];
	for (let page = 8; page + 76 <= bytes.length; page += 76) {
		const length = Math.max(
			view.getUint16(page + 64),
			view.getUint16(page + 70),
		);
		logical.push(...bytes.subarray(page, page + length));
	}
	const count = Math.floor(logical.length / 20);
	const entries = Uint8Array.from(logical.slice(0, count * 20));
	let end = 0;
	for (let at = 0; at < entries.length; at += 20) {
		const { offset, size } = pointerIn(entries.subarray(at, at + 20));
		end = Math.max(end, offset + size);
	}
	return end;
}

function range(count: number): number[] {
	return Array.from({ length: count }, (_, index) => index);
}
