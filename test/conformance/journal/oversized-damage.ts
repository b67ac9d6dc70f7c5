import { assert } from "chai";
import type { OversizedJournal } from "../../../src/journal/oversized/oversized-journal.ts";
import { UNSYNCED_WINDOW } from "../../../src/storage/unsynced-window.ts";
import { imageOf, readRaw } from "../../support/hosts/raw-file.ts";
import { assertSame, filled, pattern } from "../../support/runs/bytes.ts";
import { assertFails, KERNEL_ERROR } from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	INDEX,
	type JournalStore,
	journalTest,
	pathOf,
	pointer,
	sixteen,
	VALUES,
} from "../../support/stores/journal-store.ts";
import {
	append,
	assertPairs,
	damaged,
} from "../../support/stores/oversized-pairs.ts";

const MEBIBYTE = 1024 * 1024;

export function oversizedDamageRows(suite: Suite): void {
	costRows(suite);
	valueRows(suite);
	pageRows(suite);
	reportRows(suite);
}

function costRows(suite: Suite): void {
	const test = journalTest(suite);

	test("opening an oversized journal costs six reads of each section at most, whatever its length, and syncs nothing", async (store) => {
		const journal = await store.oversized();
		for (let section = 0; section < 40; section += 1) {
			const count = section % 7 === 0 ? 400 : 1 + (section % 20);
			await append(journal, BigInt(section), range(0, count));
		}
		await store.restart();
		const reads = new Map<string, number>();
		store.host.hooks = {
			read: (path, call) => {
				const section = path.slice(path.indexOf("/"));
				reads.set(section, (reads.get(section) ?? 0) + 1);
				return call();
			},
			sync: () => {
				throw new Error("an open synced");
			},
		};
		const reopened = await store.oversized();
		assert.isAtMost(Math.max(...reads.values()), 6);
		assert.equal(reads.size, 40);
		assert.include(reopened.recovery, {
			...{ sections: 40, pagesScanned: 40, entriesScanned: 40 },
			...{ entriesCut: 0, bytesCut: 0, valueBytesCut: 0 },
		});
		store.host.hooks = {};
		await reopened.close();
	});

	test("the last value is judged in pieces, however large it is", async (store) => {
		let journal = await store.oversized();
		const size = MEBIBYTE + 17;
		const place = await journal.append(1n, pointer(1), pattern(size));
		journal = await damaged(store, journal, async () => undefined);
		const value = await journal.getValue(1n, place.offset, place.size);
		assertSame(value, pattern(size));
		for (const offset of [0, MEBIBYTE, size - 1, size, size + 3]) {
			journal = await damaged(store, journal, () => flip(store, offset));
			assert.deepEqual(journal.recovery.cuts[0]?.why, [
				"value-damaged",
				"no-entry",
			]);
			await journal.append(1n, pointer(1), pattern(size));
		}
	});
}

function valueRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a last value that fails its checksum costs its entry, and copies of both are kept", async (store) => {
		let journal = await store.oversized();
		await append(journal, 1n, range(0, 5));
		journal = await damaged(store, journal, () => flip(store, 85));
		await assertPairs(journal, 1n, range(0, 4));
		const [cut] = journal.recovery.cuts;
		assert.include(cut, {
			...{ section: 1n, entriesKept: 4, entriesCut: 1 },
			...{ bytesCut: 20, valueBytesCut: 20 },
		});
		assert.deepEqual(cut?.why, ["value-damaged", "no-entry"]);
		assert.lengthOf(cut?.copies ?? [], 2);
		const kept = await readRaw(store.host, cut?.copies[1] ?? "");
		assert.lengthOf(kept, 20);
		assert.equal(await append(journal, 1n, [9]), 4);
		await assertPairs(journal, 1n, [...range(0, 4), 9]);
	});

	test("a value before the last that fails its checksum costs nothing but its own reading", async (store) => {
		let journal = await store.oversized();
		await append(journal, 1n, range(0, 5));
		journal = await damaged(store, journal, () => flip(store, 45));
		assert.deepEqual(journal.recovery.cuts, []);
		assert.equal(await journal.size(1n), 100);
		const error = await assertFails("ERR_INVALID_CHECKSUM", () =>
			journal.getValue(1n, 40, 20),
		);
		const place = { partition: VALUES, section: 1n, offset: 40 };
		assert.include(error.place, place);
		assert.deepEqual(await journal.getValue(1n, 60, 20), sixteen(3));
	});

	test("values that fail their checksums are cut from the end on, up to the first that is whole", async (store) => {
		let journal = await store.oversized();
		await append(journal, 1n, range(0, 100));
		journal = await damaged(store, journal, () =>
			store.withBlob(VALUES, 1n, (blob) => blob.write(600, filled(1400, 0))),
		);
		await assertPairs(journal, 1n, range(0, 30));
		assert.include(journal.recovery, {
			...{ entriesScanned: 100, entriesCut: 70 },
			...{ bytesCut: 1400, valueBytesCut: 1400 },
		});
	});

	test(
		"more damaged values than the window is no crash's work: nothing is cut, and the section is named",
		async (store) => {
			let journal = await store.oversized({ valueBuffer: 2 * MEBIBYTE });
			const value = pattern(3 * MEBIBYTE);
			for (let id = 0; id < 4; id += 1) {
				await journal.append(1n, pointer(id), value);
			}
			assert.isAbove(await journal.valueSize(1n), UNSYNCED_WINDOW);
			journal = await damaged(store, journal, async () => {
				for (let id = 0; id < 4; id += 1) {
					await flip(store, id * (3 * MEBIBYTE + 4) + 5);
				}
			});
			assert.deepEqual(journal.recovery.cuts, []);
			assert.deepEqual(journal.recovery.damaged, [1n]);
			assert.equal(await journal.size(1n), 80);
			await assertFails("ERR_INVALID_CHECKSUM", () =>
				journal.getValue(1n, 0, 3 * MEBIBYTE + 4),
			);
			const place = await journal.append(1n, pointer(9), sixteen(9));
			assert.equal(place.position, 4);
			assert.deepEqual(
				await journal.getValue(1n, place.offset, place.size),
				sixteen(9),
			);
		},
		{ memory: 8 * MEBIBYTE },
	);

	for (const [what, offset, size] of [
		["past 2^53", 2n ** 53n, 20],
		["past 2^64", 2n ** 64n - 10n, 20],
		["at 2^64 - 1", 2n ** 64n - 1n, 0xffffffff],
		["of no checksum", 0n, 3],
	] as const) {
		test(`a last entry with a value ${what} is cut, and never trusted`, async (store) => {
			let journal = await store.oversized();
			await append(journal, 1n, range(0, 5));
			await journal.close();
			await forge(store, 4, offset, size);
			journal = await store.oversized();
			assert.equal(journal.recovery.entriesCut, 1);
			await assertPairs(journal, 1n, range(0, 4));
		});
	}

	test("an entry before the last with a value past 2^53 stays, and a rewind to it is an error that changes nothing", async (store) => {
		let journal = await store.oversized();
		await append(journal, 1n, range(0, 5));
		await append(journal, 2n, range(0, 5));
		await journal.close();
		await forge(store, 2, 2n ** 60n, 20);
		journal = await store.oversized();
		assert.deepEqual(journal.recovery.cuts, []);
		const error = await assertFails("ERR_OFFSET_OVERFLOW", () =>
			journal.rewind(1n, 60),
		);
		assert.include(error.place, { section: 1n, position: 2 });
		assert.deepEqual(journal.sections(), [1n, 2n]);
		assert.equal(await journal.size(1n), 100);
		await journal.rewind(1n, 40);
		await assertPairs(journal, 1n, [0, 1]);
	});

	test("a failed read is returned, and never taken for a bad entry", async (store) => {
		const journal = await store.oversized();
		await append(journal, 1n, range(0, 16));
		await journal.close();
		await store.resizeBlob(VALUES, 1n, 250);
		const before = await imageOf(store.host);
		let reads = 0;
		let isDone = false;
		for (let failing = 1; !isDone; failing += 1) {
			reads = 0;
			store.host.hooks = {
				read: (_path, call) => {
					reads += 1;
					if (reads === failing) {
						throw KERNEL_ERROR;
					}
					return call();
				},
				write: () => {
					throw new Error("it was repaired");
				},
			};
			isDone = failing === 5;
			const error = await assertFails("ERR_READ_FAILED", () =>
				store.oversized(),
			);
			assert.equal(error.place.section, 1n);
			store.host.hooks = {};
			assert.deepEqual(await imageOf(store.host), before);
		}
	});
}

function pageRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a damaged page before the last costs the reading of its entries, and nothing is cut", async (store) => {
		let journal = await store.oversized();
		await append(journal, 1n, range(0, 40));
		journal = await damaged(store, journal, () => flipPage(store, 3));
		assert.deepEqual(journal.recovery.cuts, []);
		assert.deepEqual(journal.recovery.damaged, []);
		const error = await assertFails("ERR_INVALID_CHECKSUM", () =>
			journal.get(1n, 10),
		);
		assert.include(error.place, { partition: INDEX, section: 1n, page: 3 });
		assert.deepEqual(
			(await journal.get(1n, 39)).slice(0, 8),
			pointer(39).slice(0, 8),
		);
	});

	test("a last entry that lies in part on a damaged page stays with its value, and is named in the report", async (store) => {
		let journal = await store.oversized();
		await append(journal, 1n, range(0, 4));
		journal = await damaged(store, journal, () => flipPage(store, 0));
		assert.deepEqual(journal.recovery.damaged, [1n]);
		assert.deepEqual(journal.recovery.cuts, []);
		await assertFails("ERR_INVALID_CHECKSUM", () => journal.last(1n));
		const place = await journal.append(1n, pointer(9), sixteen(9));
		assert.deepEqual(place, { position: 4, offset: 80, size: 20 });
		assert.deepEqual(await journal.getValue(1n, 60, 20), sixteen(3));
	});

	test("entries without values are cut behind a damaged page, and those on it stay", async (store) => {
		let journal = await store.oversized();
		await append(journal, 1n, range(0, 40));
		journal = await damaged(store, journal, async () => {
			await flipPage(store, 5);
			// Up to entry 16, the first on the damaged page, which ends with entry 19.
			await store.resizeBlob(VALUES, 1n, 16 * 20);
		});
		assert.equal(await journal.size(1n), 20 * 20);
		assert.deepEqual(journal.recovery.damaged, [1n]);
		assert.include(journal.recovery, { entriesCut: 20, valueBytesCut: 0 });
		const place = await journal.append(1n, pointer(9), sixteen(9));
		assert.deepEqual(place, { position: 20, offset: 320, size: 20 });
		for (const position of [16, 19]) {
			await assertFails("ERR_INVALID_CHECKSUM", () =>
				journal.get(1n, position),
			);
		}
	});

	test("a damaged page goes with an entry before it that has no value", async (store) => {
		let journal = await store.oversized();
		await append(journal, 1n, range(0, 40));
		journal = await damaged(store, journal, async () => {
			await flipPage(store, 5);
			await store.resizeBlob(VALUES, 1n, 10 * 20);
		});
		await assertPairs(journal, 1n, range(0, 10));
		assert.deepEqual(journal.recovery.damaged, []);
		assert.include(journal.recovery, { entriesCut: 30, valueBytesCut: 0 });
	});
}

function reportRows(suite: Suite): void {
	const test = journalTest(suite);

	test("values that a crash left without entries are cut without a copy: the crash explains them", async (store) => {
		let journal = await store.oversized();
		await append(journal, 1n, [1]);
		await journal.sync(1n);
		await journal.append(1n, pointer(2), pattern(5000));
		await store.crash();
		journal = await store.oversized();
		await assertPairs(journal, 1n, [1]);
		const [cut] = journal.recovery.cuts;
		assert.deepEqual([cut?.why, cut?.copies], [["no-entry"], []]);
		assert.isAbove(cut?.valueBytesCut ?? 0, 4000);
		assert.isTrue(journal.recovery.foundCrash);
	});

	test("values that no crash explains are kept as a copy when they are cut, and so are sections of them", async (store) => {
		let journal = await store.oversized();
		await append(journal, 1n, [1]);
		await append(journal, 2n, [2]);
		journal = await damaged(store, journal, async () => {
			await store.withBlob(VALUES, 1n, (blob) => blob.write(20, pattern(2500)));
			await store.storage.remove(INDEX, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 2));
		});
		const [cut] = journal.recovery.cuts;
		assertSame(await readRaw(store.host, cut?.copies[0] ?? ""), pattern(2500));
		const [orphan] = journal.recovery.orphans;
		assert.include(orphan, { section: 2n, bytes: 20 });
		const kept = await readRaw(store.host, orphan?.copy ?? "");
		assert.deepEqual(kept.slice(0, 16), sixteen(2));
	});

	test("values whose section of entries a crash took, or never made, are removed without a copy", async (store) => {
		let journal = await store.oversized();
		await append(journal, 1n, [1]);
		await append(journal, 2n, [2]);
		await journal.syncAll();
		store.host.hooks.remove = (path, call) => {
			if (path === pathOf(VALUES, 1n)) {
				throw KERNEL_ERROR;
			}
			return call();
		};
		await assertFails("ERR_IO", () => journal.prune(2n));
		store.host.hooks = {};
		await store.crash();
		journal = await store.oversized();
		assert.deepEqual(journal.recovery.orphans, [{ section: 1n, bytes: 20 }]);
		assert.deepEqual(journal.sections(), [2n]);
	});
}

/** Flips a bit of a byte of section 1's values. */
async function flip(store: JournalStore, offset: number): Promise<void> {
	await store.withBlob(VALUES, 1n, async (blob) => {
		const [byte = 0] = await blob.read(offset, 1);
		await blob.write(offset, Uint8Array.of(byte ^ 1));
	});
}

/** Flips a bit of a page of 64 bytes of section 1's entries. */
async function flipPage(store: JournalStore, page: number): Promise<void> {
	store.forgetPages();
	await store.withBlob(INDEX, 1n, async (blob) => {
		const [byte = 0] = await blob.read(page * 76, 1);
		await blob.write(page * 76, Uint8Array.of(byte ^ 1));
	});
}

/** Makes an entry of section 1 point elsewhere, on whole pages. */
async function forge(
	store: JournalStore,
	position: number,
	offset: bigint,
	size: number,
): Promise<void> {
	const journal: OversizedJournal = await store.oversized();
	const entries = await journal.getMany(1n, range(0, 5));
	await journal.close();
	await store.restart();
	await store.host.remove("dualslot.json");
	await store.restart({ metadata: false });
	const view = new DataView(entries.buffer);
	view.setBigUint64(position * 20 + 8, offset);
	view.setUint32(position * 20 + 16, size);
	const forged = await store.fixed({ entry: { size: 20 } });
	await forged.rewindSection(1n, 0);
	await forged.appendMany(1n, entries);
	await store.restart({ metadata: true });
}

function range(first: number, end: number): number[] {
	return Array.from({ length: end - first }, (_, index) => first + index);
}
