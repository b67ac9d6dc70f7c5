import { assert } from "chai";
import { isPromise } from "../../../src/checks.ts";
import { HeldSyncs } from "../../support/hosts/held-syncs.ts";
import {
	assertSame,
	filled,
	joined,
	pattern,
} from "../../support/runs/bytes.ts";
import {
	assertFails,
	assertRefuses,
	callUntyped,
} from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import { PagedStore, pagedTest } from "../../support/stores/paged-store.ts";

export function readingRows(suite: Suite): void {
	manyRows(suite);
	rangeRows(suite);
	immediateRows(suite);
}

function manyRows(suite: Suite): void {
	const test = pagedTest(suite);

	test("reading no items succeeds [test_read_many_into_empty]", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(8));
		assert.lengthOf(await paged.readMany([], 4), 0);
	});

	test("items of more bytes than the blob has are refused before memory is taken for them", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(8));
		await assertFails("ERR_BLOB_INSUFFICIENT_LENGTH", () =>
			paged.readMany([0], 2 ** 50),
		);
		await assertFails("ERR_OFFSET_OVERFLOW", () =>
			paged.readMany([0], Number.POSITIVE_INFINITY),
		);
	});

	test("items are read from the tip [test_read_many_into_all_in_tip]", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(20));
		const found = await paged.readMany([0, 4, 8, 12, 16], 4);
		assertSame(found, pattern(20));
	});

	test("items that are synced are read [test_read_many_into_all_from_cache]", async (store) => {
		const paged = await store.open();
		const bytes = pattern(20);
		await paged.append(bytes);
		await paged.sync();
		const found = await paged.readMany([0, 8, 16], 4);
		assertSame(found, itemsOf(bytes, [0, 8, 16], 4));
	});

	test("items on both sides of a sync are read [test_read_many_into_mixed_tip_and_cache]", async (store) => {
		const paged = await store.open();
		const bytes = pattern(32);
		await paged.append(bytes.subarray(0, 16));
		await paged.sync();
		await paged.append(bytes.subarray(16));
		const found = await paged.readMany([0, 4, 16, 24], 4);
		assertSame(found, itemsOf(bytes, [0, 4, 16, 24], 4));
	});

	test("an item past the end fails [test_read_many_into_out_of_bounds]", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(8));
		const error = await assertFails("ERR_BLOB_INSUFFICIENT_LENGTH", () =>
			paged.readMany([8], 4),
		);
		assert.include(error.place, { offset: 8, expected: 12, found: 8 });
	});

	test("a single item is read into the caller's buffer [test_read_many_into_single_item]", async (store) => {
		const paged = await store.open();
		await paged.append(filled(8, 0xaa));
		const target = new Uint8Array(8);
		assert.equal(await paged.readMany([0], 8, target), target);
		assertSame(target, filled(8, 0xaa));
	});

	test("a buffer of another length than the items is refused [test_read_many_into_short_buffer_panics]", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(8));
		for (const length of [7, 9]) {
			await assertRefuses(
				RangeError,
				() => paged.readMany([0, 4], 4, new Uint8Array(length)),
				"readMany requires target.length === offsets.length * itemSize",
			);
		}
	});

	test("items that overlap, or do not ascend, are refused", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(8));
		for (const offsets of [
			[0, 3],
			[4, 0],
			[0, 0],
		]) {
			await assertRefuses(RangeError, () => paged.readMany(offsets, 4));
		}
	});

	test("many items read at once are those read one by one [test_read_many_into_matches_read_at]", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(300));
		await paged.sync();
		await paged.append(pattern(50, 300));
		const offsets = Array.from({ length: 35 }, (_, index) => index * 10);
		const found = await paged.readMany(offsets, 10);
		const single = [];
		for (const offset of offsets) {
			single.push(await paged.read(offset, 10));
		}
		assertSame(found, joined(...single));
		assertSame(found, pattern(350));
	});

	test(
		"items scattered over cached pages, missing pages and the tip are read [test_read_many_into_scattered_cache_misses]",
		async (store) => {
			const paged = await store.open();
			const bytes = pattern(360);
			await paged.append(bytes.subarray(0, 309));
			await paged.sync();
			await paged.append(bytes.subarray(309));
			await paged.read(0, 1);
			await paged.read(206, 1);
			const offsets = [0, 103, 206, 304, 319];
			const found = await paged.readMany(offsets, 10);
			assertSame(found, itemsOf(bytes, offsets, 10));
		},
		{ cachePages: 2 },
	);
}

function rangeRows(suite: Suite): void {
	const test = pagedTest(suite);

	test("reading up to no bytes gives none [test_read_up_to_zero_len_truncates_buffer]", async (store) => {
		const paged = await store.open();
		assert.lengthOf(await paged.readUpTo(0, 0), 0);
		await paged.append(pattern(4));
		assert.lengthOf(await paged.readUpTo(0, 0), 0);
		assert.lengthOf(await paged.readUpTo(4, 0), 0);
	});

	test("reading up to a length gives what there is, one byte at least", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(300));
		await paged.sync();
		assertSame(await paged.readUpTo(0, 1000), pattern(300));
		assertSame(await paged.readUpTo(299, 1000), pattern(1, 299));
		assertSame(await paged.readUpTo(10, 20), pattern(20, 10));
		await assertFails("ERR_BLOB_INSUFFICIENT_LENGTH", () =>
			paged.readUpTo(300, 1),
		);
	});

	test("every range of a blob reads back, whatever it straddles", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(309));
		await paged.sync();
		await paged.append(pattern(40, 309));
		const edges = [0, 1, 102, 103, 104, 205, 206, 308, 309, 310, 348, 349];
		for (const start of edges) {
			for (const end of edges.filter((edge) => edge >= start)) {
				const found = await paged.read(start, end - start);
				assertSame(found, pattern(end - start, start));
			}
		}
	});

	test("what is no offset, no length or no bytes is refused before any I/O", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(8));
		for (const wrong of [-1, 0.5, Number.NaN]) {
			await assertRefuses(RangeError, () => paged.read(wrong, 1));
			await assertRefuses(RangeError, () => paged.readUpTo(0, wrong));
			await assertRefuses(RangeError, () => paged.readMany([wrong], 1));
			await assertRefuses(RangeError, () => paged.resize(wrong));
			await assertRefuses(RangeError, () => paged.replay({ from: wrong }));
			await assertRefuses(RangeError, () =>
				paged.tryRead(wrong, new Uint8Array(1)),
			);
		}
		for (const [method, ...given] of [
			["append", "text"],
			["read", "0", 1],
			["tryRead", 0, [1]],
			["resize"],
		] as const) {
			await assertRefuses(TypeError, () =>
				callUntyped(paged, method, ...given),
			);
		}
		await assertFails("ERR_OFFSET_OVERFLOW", () => paged.read(2 ** 53, 1));
		await assertFails("ERR_OFFSET_OVERFLOW", () => paged.resize(2 ** 53));
		assert.equal(paged.size, 8);
	});
}

function immediateRows(suite: Suite): void {
	const test = pagedTest(suite);

	test("what was only appended is read without I/O [test_try_read_sync_all_in_tip]", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(20));
		const target = new Uint8Array(20);
		assert.isTrue(paged.tryRead(0, target));
		assertSame(target, pattern(20));
	});

	test("tryRead gives what memory holds, over cache and tip, and says when it does not", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(309));
		await paged.append(pattern(40, 309));
		await paged.sync();
		const target = new Uint8Array(349);
		assert.isTrue(paged.tryRead(0, target));
		assertSame(target, pattern(349));
		await paged.close();
		store.forgetPages();
		const reopened = await store.open();
		assert.isFalse(reopened.tryRead(200, new Uint8Array(149)));
		assert.isTrue(reopened.tryRead(309, new Uint8Array(40)));
		await reopened.read(103, 1);
		assert.isTrue(reopened.tryRead(110, new Uint8Array(96)));
		await assertFails("ERR_BLOB_INSUFFICIENT_LENGTH", () =>
			reopened.tryRead(340, new Uint8Array(10)),
		);
	});

	test("a page past the cache is in memory at once where the host answers at once", async (store) => {
		const first = await store.open();
		await first.append(pattern(309));
		await first.close();
		store.forgetPages();
		const paged = await store.open();
		let isAtOnce = false;
		store.host.hooks.read = (_, call) => {
			const count = call();
			isAtOnce = !isPromise(count);
			return count;
		};
		const reading = paged.read(110, 4);
		assert.equal(paged.tryRead(110, new Uint8Array(4)), isAtOnce);
		assertSame(await reading, pattern(4, 110));
		assert.isTrue(paged.tryRead(110, new Uint8Array(4)));
	});

	test("trySize is the size, and nothing while an append waits for the disk", async (store) => {
		const first = await store.open();
		await first.append(pattern(50));
		await first.close();
		const paged = await store.open();
		assert.equal(paged.trySize(), 50);
		const held = HeldSyncs.of(store.host, PagedStore.PATH);
		// A write waits until adopted bytes are durable, so this append meets a sync.
		const appending = paged.append(pattern(300, 50));
		await held.whenBegun(1);
		assert.isUndefined(paged.trySize());
		held.releaseAll();
		await appending;
		assert.equal(paged.trySize(), 350);
	});
}

function itemsOf(
	bytes: Uint8Array,
	offsets: readonly number[],
	size: number,
): Uint8Array {
	return joined(
		...offsets.map((offset) => bytes.subarray(offset, offset + size)),
	);
}
