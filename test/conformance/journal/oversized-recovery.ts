import { assert } from "chai";
import { physicalPage } from "../../support/oracles/page.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	INDEX,
	type JournalStore,
	journalTest,
	pointer,
	sixteen,
	VALUES,
} from "../../support/stores/journal-store.ts";
import {
	append,
	assertPairs,
	damaged,
} from "../../support/stores/oversized-pairs.ts";

/** One entry is one page, of 32 bytes on the disk. */
const PAGE_20 = { pageSize: 20 } as const;

/** The rows of commonware's test of the cuts when its oversized journal opens. */
export function oversizedRecoveryRows(suite: Suite): void {
	cutValueRows(suite);
	cutIndexRows(suite);
	staleValueRows(suite);
	orphanRows(suite);
}

function cutValueRows(suite: Suite): void {
	const test = journalTest(suite);

	for (const [name, ids, cutTo, left, next] of [
		["test_oversized_crash_recovery", 5, 60, 3, undefined],
		["test_recovery_all_entries_invalid", 5, 0, 0, 0],
		["test_recovery_single_entry_invalid", 1, 0, 0, undefined],
		["test_recovery_last_entry_off_by_one", 3, 59, 2, 2],
		["test_recovery_can_append_after_recovery", 5, 40, 2, 2],
		["test_recovery_crash_during_rewind_glob_ahead", 5, 40, 2, 2],
	] as const) {
		test(`of ${ids} entries whose values are cut to ${cutTo} bytes ${left} are left [${name}]`, async (store) => {
			let journal = await store.oversized();
			await append(journal, 1n, range(0, ids));
			journal = await damaged(store, journal, () =>
				store.resizeBlob(VALUES, 1n, cutTo),
			);
			await assertPairs(journal, 1n, range(0, left));
			assert.equal(await journal.valueSize(1n), left * 20);
			assert.deepEqual(journal.recovery.cuts[0]?.why.slice(0, 1), [
				"value-missing",
			]);
			if (next !== undefined) {
				assert.equal(await append(journal, 1n, range(10, 15)), next);
				await assertPairs(journal, 1n, [...range(0, left), ...range(10, 15)]);
			}
		});
	}

	test("a section whose values are gone altogether has no entry left [test_recovery_glob_missing_entirely]", async (store) => {
		let journal = await store.oversized();
		await append(journal, 1n, [0, 1, 2]);
		journal = await damaged(store, journal, () =>
			store.storage.remove(VALUES, sectionName(1)),
		);
		await assertPairs(journal, 1n, []);
	});

	test("sections are cut each by its own values [test_recovery_multiple_sections_mixed_validity]", async (store) => {
		let journal = await store.oversized();
		await append(journal, 1n, range(0, 3));
		await append(journal, 2n, range(10, 15));
		await append(journal, 3n, range(20, 22));
		journal = await damaged(store, journal, async () => {
			await store.resizeBlob(VALUES, 1n, 20);
			await store.resizeBlob(VALUES, 2n, 60);
		});
		await assertPairs(journal, 1n, [0]);
		await assertPairs(journal, 2n, range(10, 13));
		await assertPairs(journal, 3n, range(20, 22));
	});

	test("entries whose values were never synced are cut to those whose values were [test_recovery_index_synced_but_glob_not]", async (store) => {
		let journal = await store.oversized();
		await append(journal, 1n, range(0, 3));
		await journal.sync(1n);
		await append(journal, 1n, range(3, 8));
		journal = await damaged(store, journal, () =>
			store.resizeBlob(VALUES, 1n, 60),
		);
		await assertPairs(journal, 1n, range(0, 3));
	});

	test("a section whose values were pruned before its entries is empty [test_recovery_glob_pruned_but_index_not]", async (store) => {
		let journal = await store.oversized();
		for (const section of [1n, 2n, 3n]) {
			await append(journal, section, [Number(section)]);
		}
		journal = await damaged(store, journal, () =>
			store.storage.remove(VALUES, sectionName(1)),
		);
		await assertPairs(journal, 1n, []);
		await assertPairs(journal, 2n, [2]);
		await assertPairs(journal, 3n, [3]);
	});

	test("bytes behind the last value are cut, so that the next value takes their place [test_recovery_glob_trailing_garbage_truncated]", async (store) => {
		let journal = await store.oversized();
		await append(journal, 1n, [0, 1]);
		journal = await damaged(store, journal, () =>
			store.withBlob(VALUES, 1n, (blob) =>
				blob.write(40, new Uint8Array(100).fill(0xde)),
			),
		);
		await assertPairs(journal, 1n, [0, 1]);
		const place = await journal.append(1n, pointer(2), sixteen(2));
		assert.deepEqual(place, { position: 2, offset: 40, size: 20 });
		assert.include(journal.recovery, { valueBytesCut: 100, entriesCut: 0 });
	});

	test(
		"an entry whose value would end past 2^64 is cut, and its values with it [test_recovery_entry_with_overflow_offset]",
		async (store) => {
			let journal = await store.oversized();
			await append(journal, 1n, [42]);
			await journal.close();
			await overwriteEntry(store, 2n ** 64n - 11n, 100);
			journal = await store.oversized();
			await assertPairs(journal, 1n, []);
			const place = await journal.append(1n, pointer(7), sixteen(7));
			assert.deepEqual(place, { position: 0, offset: 0, size: 20 });
		},
		PAGE_20,
	);

	test("sections that are whole lose nothing [test_recovery_all_entries_valid]", async (store) => {
		let journal = await store.oversized();
		for (const section of [1n, 2n, 3n]) {
			await append(journal, section, range(0, 10));
		}
		journal = await damaged(store, journal, async () => undefined);
		for (const section of [1n, 2n, 3n]) {
			await assertPairs(journal, section, range(0, 10));
		}
		assert.deepEqual(journal.recovery.cuts, []);
	});

	test("a section that nothing was appended to is not missed [test_recovery_empty_section]", async (store) => {
		let journal = await store.oversized();
		await append(journal, 2n, [1]);
		journal = await damaged(store, journal, async () => undefined);
		await assertPairs(journal, 2n, [1]);
		assert.deepEqual(journal.sections(), [2n]);
	});
}

/**
 * A section without entries keeps its values when it is opened, as in commonware; cut to nothing,
 * it loses them.
 */
function staleValueRows(suite: Suite): void {
	const test = journalTest(suite);

	for (const cut of ["rewind", "rewindSection"] as const) {
		test(`${cut} to where the entries end cuts values that no entry points at`, async (store) => {
			let journal = await store.oversized();
			await append(journal, 1n, [0, 1, 2]);
			journal = await damaged(store, journal, () =>
				store.resizeBlob(INDEX, 1n, 0),
			);
			await journal[cut](1n, 0);
			const { offset } = await journal.append(1n, pointer(3), sixteen(3));
			assert.equal(offset, 0);
		});
	}
}

function cutIndexRows(suite: Suite): void {
	const test = journalTest(suite);

	test(
		"a last page that fails its checksum costs its entry and value [test_recovery_corrupted_last_index_entry]",
		async (store) => {
			let journal = await store.oversized();
			await append(journal, 1n, range(0, 5));
			journal = await damaged(store, journal, () =>
				store.withBlob(INDEX, 1n, async (blob) => {
					assert.equal(blob.size, 160);
					await blob.write(148, new Uint8Array(12).fill(0xff));
				}),
			);
			await assertPairs(journal, 1n, range(0, 4));
			assert.equal(await append(journal, 1n, [9]), 4);
			await assertPairs(journal, 1n, [...range(0, 4), 9]);
		},
		PAGE_20,
	);

	test(
		"values without entries are cut, and what is appended outlives the next open [test_recovery_glob_synced_but_index_not]",
		async (store) => {
			let journal = await store.oversized();
			await append(journal, 1n, range(0, 3));
			journal = await damaged(store, journal, () =>
				store.resizeBlob(INDEX, 1n, 64),
			);
			await assertPairs(journal, 1n, range(0, 2));
			assert.equal(await append(journal, 1n, [10, 11, 12]), 2);
			await journal.sync(1n);
			journal = await damaged(store, journal, async () => undefined);
			await assertPairs(journal, 1n, [0, 1, 10, 11, 12]);
		},
		PAGE_20,
	);

	test("a part of a page behind the entries is cut [test_recovery_partial_index_entry]", async (store) => {
		let journal = await store.oversized();
		await append(journal, 1n, range(0, 3));
		journal = await damaged(store, journal, () =>
			store.resizeBlob(INDEX, 1n, 82),
		);
		await assertPairs(journal, 1n, range(0, 3));
		assert.equal(await append(journal, 1n, [9]), 3);
		await assertPairs(journal, 1n, [0, 1, 2, 9]);
	});

	test("a part of a page without a whole one is no entry [test_recovery_only_partial_entry]", async (store) => {
		let journal = await store.oversized();
		await append(journal, 1n, [5]);
		journal = await damaged(store, journal, () =>
			store.resizeBlob(INDEX, 1n, 10),
		);
		await assertPairs(journal, 1n, []);
		assert.equal(await append(journal, 1n, [6]), 0);
		await assertPairs(journal, 1n, [6]);
	});

	test(
		"a rewind that came no further than the entries is finished by the next open [test_recovery_crash_during_rewind_index_ahead]",
		async (store) => {
			let journal = await store.oversized();
			await append(journal, 1n, range(0, 5));
			journal = await damaged(store, journal, () =>
				store.resizeBlob(INDEX, 1n, 64),
			);
			await assertPairs(journal, 1n, range(0, 2));
			assert.equal(await journal.valueSize(1n), 40);
			assert.equal(await append(journal, 1n, [9]), 2);
			await assertPairs(journal, 1n, [0, 1, 9]);
		},
		PAGE_20,
	);

	test("entries cut within a page agree with values cut before them [test_recovery_crash_during_recovery_rewind]", async (store) => {
		let journal = await store.oversized();
		await append(journal, 1n, range(0, 5));
		journal = await damaged(store, journal, async () => {
			await store.resizeBlob(VALUES, 1n, 60);
			await store.resizeBlob(INDEX, 1n, 80);
		});
		await assertPairs(journal, 1n, range(0, 3));
		const place = await journal.append(1n, pointer(9), sixteen(9));
		assert.deepEqual(place, { position: 3, offset: 60, size: 20 });
	});

	test("an empty section of entries keeps its values, and new ones go behind them [test_empty_section_persistence]", async (store) => {
		let journal = await store.oversized();
		await append(journal, 1n, range(0, 3));
		await append(journal, 2n, [7]);
		journal = await damaged(store, journal, () =>
			store.resizeBlob(INDEX, 1n, 0),
		);
		assert.deepEqual(journal.sections(), [1n, 2n]);
		await assertPairs(journal, 1n, []);
		const place = await journal.append(1n, pointer(9), sixteen(9));
		assert.deepEqual(place, { position: 0, offset: 60, size: 20 });
		await journal.syncAll();
		journal = await damaged(store, journal, async () => undefined);
		await assertPairs(journal, 1n, [9]);
		await assertPairs(journal, 2n, [7]);
		assert.deepEqual(journal.recovery.cuts, []);
	});
}

function orphanRows(suite: Suite): void {
	const test = journalTest(suite);

	for (const [name, index, values, left] of [
		["test_recovery_values_has_orphan_section", [1, 2], [1, 2, 3], [1, 2]],
		[
			"test_recovery_values_has_multiple_orphan_sections",
			[1],
			[1, 2, 3, 4],
			[1],
		],
		["test_recovery_index_empty_but_values_exist", [], [1, 2, 3], []],
		["test_recovery_no_orphan_sections", [1, 2, 3], [1, 2, 3], [1, 2, 3]],
		[
			"test_recovery_orphan_sections_with_gaps",
			[1, 3, 5],
			[1, 2, 3, 4, 5, 6],
			[1, 3, 5],
		],
		["test_recovery_index_partition_deleted", [1, 3], [1, 2, 3], [1, 3]],
		["test_recovery_crash_during_orphan_cleanup", [1], [1, 3, 4], [1]],
	] as const) {
		test(`of values in sections ${values} with entries in ${index.length > 0 ? index : "none"} those of ${left.length > 0 ? left : "none"} stay [${name}]`, async (store) => {
			let journal = await store.oversized();
			for (const section of values) {
				await append(journal, BigInt(section), [section]);
			}
			journal = await damaged(store, journal, async () => {
				for (const section of values) {
					if (!index.some((kept) => kept === section)) {
						await store.storage.remove(INDEX, sectionName(section));
					}
				}
			});
			assert.deepEqual(journal.sections(), left.map(BigInt));
			for (const section of left) {
				await assertPairs(journal, BigInt(section), [section]);
			}
			const names = await store.storage.scan(VALUES);
			assert.deepEqual(
				names.map((found) => found[7]),
				[...left],
			);
			const orphans = values.filter(
				(each) => !left.some((kept) => kept === each),
			);
			assert.deepEqual(
				journal.recovery.orphans.map(({ section, bytes }) => [section, bytes]),
				orphans.map((section) => [BigInt(section), 20]),
			);
			const other = await journal.append(2n, pointer(9), sixteen(9));
			const wasThere = left.some((kept) => kept === 2);
			assert.equal(other.position, wasThere ? 1 : 0);
		});
	}

	test("a section whose orphaned values were removed begins anew [test_recovery_orphan_section_append_after]", async (store) => {
		let journal = await store.oversized();
		for (const section of [1n, 2n, 3n]) {
			await append(journal, section, [Number(section)]);
		}
		journal = await damaged(store, journal, async () => {
			await store.storage.remove(INDEX, sectionName(2));
			await store.storage.remove(INDEX, sectionName(3));
		});
		const place = await journal.append(2n, pointer(9), sixteen(9));
		assert.deepEqual(place, { position: 0, offset: 0, size: 20 });
		await journal.sync(2n);
		journal = await damaged(store, journal, async () => undefined);
		await assertPairs(journal, 1n, [1]);
		await assertPairs(journal, 2n, [9]);
	});

	test("an empty section of entries is no reason to remove its values, a missing one is [test_recovery_orphan_with_empty_index_section]", async (store) => {
		let journal = await store.oversized();
		await append(journal, 1n, [1]);
		await append(journal, 2n, [2]);
		journal = await damaged(store, journal, async () => {
			await store.resizeBlob(INDEX, 1n, 0);
			await store.storage.remove(INDEX, sectionName(2));
		});
		assert.deepEqual(journal.sections(), [1n]);
		await assertPairs(journal, 1n, []);
		assert.deepEqual(
			(await store.storage.scan(VALUES)).map((name) => name[7]),
			[1],
		);
	});
}

/** Makes the only entry of section 1 point elsewhere, on a whole page. */
async function overwriteEntry(
	store: JournalStore,
	offset: bigint,
	size: number,
): Promise<void> {
	const entry = pointer(42);
	const view = new DataView(entry.buffer);
	view.setBigUint64(8, offset);
	view.setUint32(16, size);
	await store.withBlob(INDEX, 1n, (blob) =>
		blob.write(0, physicalPage(20, entry, 20)),
	);
}

function sectionName(section: number): Uint8Array {
	return Uint8Array.of(0, 0, 0, 0, 0, 0, 0, section);
}

function range(first: number, end: number): number[] {
	return Array.from({ length: end - first }, (_, index) => first + index);
}
