import { assert } from "chai";
import type { OversizedJournal } from "../../../src/journal/oversized/oversized-journal.ts";
import { assertSame } from "../../support/runs/bytes.ts";
import { assertFails } from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import { journalTest, pointer } from "../../support/stores/journal-store.ts";
import {
	allPlaces,
	assertFound,
	COUNT,
	filled,
	readsOf,
	SIZE,
	STORED,
	valueAt,
} from "../../support/stores/values-in-a-row.ts";

/** Values that were read lately: they are kept in memory, until they are cut or others come. */
export function valuesReadLatelyRows(suite: Suite): void {
	cutRows(suite);
	memoryRows(suite);
}

function cutRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a value that was read is not found behind a rewind that cuts it, and another in its place is", async (store) => {
		const journal = await filled(store, [1n]);
		const places = allPlaces();
		for (const { offset, size } of [...places].reverse()) {
			await journal.getValue(1n, offset, size);
		}
		await journal.rewindSection(1n, 20 * 10);
		for (const { offset, size } of places.slice(10)) {
			assert.isUndefined(journal.tryGetValue(1n, offset, size));
			await assertFails("ERR_BLOB_INSUFFICIENT_LENGTH", () =>
				journal.getValue(1n, offset, size),
			);
		}
		for (let id = 50; id < 80; id += 1) {
			await journal.append(1n, pointer(id), valueAt(id));
		}
		await journal.sync(1n);
		for (const [index, { offset, size }] of places.slice(10).entries()) {
			const value = await journal.getValue(1n, offset, size);
			assertSame(value, valueAt(50 + index));
		}
	});

	test("a value that was read is not found behind a cut within it, whatever is appended there", async (store) => {
		const glob = await store.glob();
		for (let id = 0; id < 3; id += 1) {
			await glob.append(1n, valueAt(id));
		}
		await glob.sync(1n);
		assertSame(await glob.get(1n, STORED, STORED), valueAt(1));
		await glob.rewindSection(1n, 2 * STORED - 1);
		await glob.append(1n, valueAt(7));
		await glob.sync(1n);
		await assertFails("ERR_INVALID_CHECKSUM", () =>
			glob.get(1n, STORED, STORED),
		);
		assertSame(await glob.get(1n, 2 * STORED - 1, STORED), valueAt(7));
	});

	test("a value that was read is not found in a section that was removed and made again", async (store) => {
		const journal = await filled(store, [1n]);
		assertSame(await journal.getValue(1n, 3 * STORED, STORED), valueAt(3));
		await journal.removeSection(1n);
		assert.isUndefined(journal.tryGetValue(1n, 3 * STORED, STORED));
		for (let id = 100; id < 110; id += 1) {
			await journal.append(1n, pointer(id), valueAt(id));
		}
		await journal.sync(1n);
		assertSame(await journal.getValue(1n, 3 * STORED, STORED), valueAt(103));
		await journal.prune(2n);
		for (const ask of [
			() => journal.tryGetValue(1n, 3 * STORED, STORED),
			() => journal.getValues(1n, [{ offset: 0, size: STORED }]),
		]) {
			await assertFails("ERR_SECTION_PRUNED", async () => ask());
		}
	});
}

function memoryRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a value that was read lately, or is not yet handed over, is got without a promise, and each time as another copy", async (store) => {
		const journal = await filled(store, [1n]);
		await journal.append(1n, pointer(COUNT), Uint8Array.of(1, 2, 3));
		const held = journal.tryGetValue(1n, COUNT * STORED, 7);
		assert.deepEqual(held, Uint8Array.of(1, 2, 3));
		assert.isUndefined(journal.tryGetValue(1n, 5 * STORED, STORED));
		assertSame(await journal.getValue(1n, 5 * STORED, STORED), valueAt(5));
		const reads = readsOf(store, 1);
		for (let round = 0; round < 3; round += 1) {
			const value = journal.tryGetValue(1n, 5 * STORED, STORED);
			assertFound(value, 5);
			value?.fill(0xee);
		}
		assert.isUndefined(journal.tryGetValue(1n, 5 * STORED, STORED - 1));
		assert.isUndefined(journal.tryGetValue(9n, 0, STORED));
		assertSame(await journal.getValue(1n, 5 * STORED, STORED), valueAt(5));
		assert.equal(reads.count, 0);
	});

	test("values that were read lately take no more memory than the pages of a store, and give way to others", async (store) => {
		const journal = await filled(store, [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n]);
		for (const section of journal.sections()) {
			for (const { offset, size } of allPlaces().reverse()) {
				const value = await journal.getValue(section, offset, size);
				assertSame(value, valueAt(offset / STORED));
			}
		}
		const kept = journal
			.sections()
			.map((section) => keptIn(journal, section))
			.reduce((sum, count) => sum + count, 0);
		assert.isAbove(kept, 0);
		assert.isAtMost(kept * SIZE, 256 * 1024);
		assert.isAbove(keptIn(journal, 8n), keptIn(journal, 1n));
	});

	test("a value that is read again and again stays in memory while others come and go", async (store) => {
		const journal = await filled(store, [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n]);
		for (const section of journal.sections()) {
			for (let id = COUNT - 1; id >= 0; id -= 1) {
				await journal.getValue(section, id * STORED, STORED);
				await journal.getValue(1n, 7 * STORED, STORED);
			}
		}
		const reads = readsOf(store, 1);
		assertSame(await journal.getValue(1n, 7 * STORED, STORED), valueAt(7));
		assert.equal(reads.count, 0);
	});
}

function keptIn(journal: OversizedJournal, section: bigint): number {
	let count = 0;
	for (let id = 0; id < COUNT; id += 1) {
		const value = journal.tryGetValue(section, id * STORED, STORED);
		count += value === undefined ? 0 : 1;
	}
	return count;
}
