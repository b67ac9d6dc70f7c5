import { assert } from "chai";
import { assertFails, assertRefuses } from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	journalTest,
	pointer,
	pointerIn,
	sixteen,
	VALUES,
} from "../../support/stores/journal-store.ts";
import {
	append,
	assertPairs,
	damaged,
} from "../../support/stores/oversized-pairs.ts";

/** The rows of commonware's own test of its oversized journal. */
export function oversizedRows(suite: Suite): void {
	appendingRows(suite);
	placeRows(suite);
	rewindingRows(suite);
}

function appendingRows(suite: Suite): void {
	const test = journalTest(suite);

	test("an entry and its value are read back [test_oversized_append_and_get]", async (store) => {
		const journal = await store.oversized();
		const place = await journal.append(1n, pointer(42), sixteen(42));
		assert.deepEqual(place, { position: 0, offset: 0, size: 20 });
		const entry = await journal.get(1n, 0);
		assert.deepEqual(pointerIn(entry), { id: 42, offset: 0, size: 20 });
		assert.deepEqual(await journal.getValue(1n, 0, 20), sixteen(42));
	});

	test("an entry and its value outlive the journal that appended them [test_oversized_persistence]", async (store) => {
		let journal = await store.oversized();
		await journal.append(1n, pointer(123), sixteen(123));
		await journal.sync(1n);
		await journal.drop();
		journal = await store.oversized();
		await assertPairs(journal, 1n, [123]);
	});

	test("a prune takes entries and values [test_oversized_prune]", async (store) => {
		const journal = await store.oversized();
		for (const section of [1n, 2n, 3n, 4n, 5n]) {
			await append(journal, section, [Number(section)]);
		}
		await journal.syncAll();
		await journal.prune(3n);
		for (const section of [1n, 2n]) {
			await assertFails("ERR_SECTION_PRUNED", () => journal.get(section, 0));
			await assertFails("ERR_SECTION_PRUNED", () =>
				journal.getValue(section, 0, 20),
			);
		}
		for (const section of [3n, 4n, 5n]) {
			await assertPairs(journal, section, [Number(section)]);
		}
	});

	test("the last entry of a pruned section is an error, that of the one behind is not [test_last_pruned_section_returns_error]", async (store) => {
		const journal = await store.oversized();
		await append(journal, 0n, [1]);
		await append(journal, 1n, [2]);
		await journal.prune(1n);
		const error = await assertFails("ERR_SECTION_PRUNED", () =>
			journal.last(0n),
		);
		assert.equal(error.place.expected, "1");
		const last = (await journal.last(1n)) ?? pointer(0);
		assert.equal(pointerIn(last).id, 2);
	});

	test("sections up to the last but one are recovered, and appended to [test_recovery_maximum_section_numbers]", async (store) => {
		const last = 2n ** 64n - 1n;
		let journal = await store.oversized();
		const sections = [last - 3n, last - 2n, last - 1n];
		for (const section of sections) {
			await append(journal, section, [Number(last - section)]);
		}
		journal = await damaged(store, journal, async () => {
			await store.resizeBlob(VALUES, last - 2n, 10);
		});
		await assertPairs(journal, last - 3n, [3]);
		await assertPairs(journal, last - 2n, []);
		await assertPairs(journal, last - 1n, [1]);
		assert.equal(await append(journal, last - 2n, [9]), 0);
		await assertPairs(journal, last - 2n, [9]);
	});
}

function placeRows(suite: Suite): void {
	const test = journalTest(suite);

	for (const [name, sizes] of [
		["test_oversized_get_value_invalid_size", [0, 1, 2, 3]],
		["test_get_value_size_equals_crc_size", [4]],
		["test_get_value_size_just_over_crc", [5]],
		["test_oversized_get_value_wrong_size", [6, 12, 19]],
	] as const) {
		test(`a value read with a size of ${sizes.join(", ")} is an error [${name}]`, async (store) => {
			const journal = await store.oversized();
			await append(journal, 1n, [42]);
			await journal.sync(1n);
			for (const size of sizes) {
				await assertFails(
					size < 4 ? "ERR_BLOB_INSUFFICIENT_LENGTH" : "ERR_INVALID_CHECKSUM",
					() => journal.getValue(1n, 0, size),
				);
			}
		});
	}
}

function rewindingRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a rewind to nothing leaves an empty section [test_rewind_to_zero_index_size]", async (store) => {
		const journal = await store.oversized();
		await append(journal, 0n, [1]);
		await journal.sync(0n);
		await journal.rewind(0n, 0);
		assert.isUndefined(await journal.last(0n));
		assert.equal(await journal.size(0n), 0);
		assert.equal(await journal.valueSize(0n), 0);
	});

	test("of more sections than are open at once, one that was rewound to nothing is opened and closed like the others", async (store) => {
		let journal = await store.oversized();
		const sections = Array.from({ length: 20 }, (_, index) => BigInt(index));
		for (const section of sections) {
			await append(journal, section, [Number(section)]);
		}
		await journal.rewindSection(16n, 0);
		for (let opening = 0; opening < 3; opening += 1) {
			await journal.close();
			await store.restart();
			journal = await store.oversized();
			assert.deepEqual(journal.sections(), sections);
			for (const section of sections) {
				const left = section === 16n ? [] : [Number(section)];
				await assertPairs(journal, section, left);
			}
		}
	});

	test("a section that does not exist is rewound to nothing [test_rewind_to_zero_on_missing_section]", async (store) => {
		const journal = await store.oversized();
		await journal.rewind(0n, 0);
		await assertFails("ERR_SECTION_OUT_OF_RANGE", () => journal.last(0n));
		assert.equal(await journal.valueSize(0n), 0);
	});

	for (const [method, name] of [
		["rewind", "test_rewind_nonzero_on_missing_section_errors"],
		["rewindSection", "test_rewind_section_nonzero_on_missing_section_errors"],
	] as const) {
		test(`a section that does not exist is not rewound to anything else by ${method} [${name}]`, async (store) => {
			const journal = await store.oversized();
			await append(journal, 7n, [1]);
			for (const size of [1, 20]) {
				const error = await assertFails("ERR_SECTION_OUT_OF_RANGE", () =>
					journal[method](0n, size),
				);
				assert.equal(error.place.section, 0n);
			}
			await assertPairs(journal, 7n, [1]);
		});
	}

	test("a rewind to where no entry ends is refused before anything is cut", async (store) => {
		const journal = await store.oversized();
		await append(journal, 1n, [1, 2, 3]);
		await append(journal, 2n, [1]);
		await assertRefuses(RangeError, () => journal.rewind(1n, 30));
		await assertPairs(journal, 1n, [1, 2, 3]);
		await assertPairs(journal, 2n, [1]);
	});

	test("a rewind cuts values behind the last entry that stays, and new ones take their place", async (store) => {
		const journal = await store.oversized();
		await append(journal, 1n, [1, 2, 3, 4]);
		await append(journal, 2n, [5]);
		await journal.rewind(1n, 40);
		assert.deepEqual(journal.sections(), [1n]);
		assert.equal(await journal.valueSize(1n), 40);
		const place = await journal.append(1n, pointer(6), sixteen(6));
		assert.deepEqual(place, { position: 2, offset: 40, size: 20 });
		await assertPairs(journal, 1n, [1, 2, 6]);
	});
}
