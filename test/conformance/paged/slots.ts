import { assert } from "chai";
import { BlobLog, TrackingBlob } from "../../support/hosts/tracking-blob.ts";
import { physicalPage, slotLengths } from "../../support/oracles/page.ts";
import {
	assertSame,
	fromHex,
	pattern,
	span,
} from "../../support/runs/bytes.ts";
import { assertFails } from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	type PagedStore,
	pagedTest,
} from "../../support/stores/paged-store.ts";

/** A slot without a length, which any rewrite would change. */
const MARK = fromHex("0000 deadbeef");
const BAD_CHECKSUM = fromHex("deadbeef");

export function slotRows(suite: Suite): void {
	protectionRows(suite);
	alternationRows(suite);
	fallbackRows(suite);
}

function protectionRows(suite: Suite): void {
	const test = pagedTest(suite);

	const records: [string, [number, number], string[]][] = [
		[
			"slot 1 counts when both lengths are equal, and is written around [test_identify_protected_regions_equal_lengths]",
			[50, 50],
			["write [50,103)", "write [109,115)", "sync"],
		],
		[
			"slot 1 counts when it is longer, and is written around [test_identify_protected_regions_len1_larger]",
			[100, 50],
			["write [100,103)", "write [109,115)", "sync"],
		],
		[
			"slot 2 counts when it is longer, and is left alone [test_identify_protected_regions_len2_larger]",
			[50, 100],
			["range-sync [100,109)"],
		],
	];
	for (const [name, lengths, writes] of records) {
		test(name, async (store) => {
			const page = physicalPage(103, pattern(103), ...lengths);
			const blob = await store.blob();
			await blob.write(0, page);
			await blob.close();
			const log = new BlobLog();
			const paged = await store.open((opened) => new TrackingBlob(opened, log));
			const length = Math.max(...lengths);
			assert.equal(paged.size, length);
			await paged.sync();
			log.take();
			await paged.append(pattern(1, length));
			await paged.sync();
			assert.deepEqual(log.takeOrder(), writes);
		});
	}

	test(
		"full pages and a partial one are one write, each with its record, padded with zeros [test_to_physical_pages_zero_copy_full_pages_and_materialized_partial]",
		async (store) => {
			const log = new BlobLog();
			const paged = await store.open((blob) => new TrackingBlob(blob, log));
			await paged.sync();
			log.take();
			const bytes = pattern(223);
			await paged.append(bytes);
			await paged.sync();
			const [call, ...others] = log.take();
			assert.lengthOf(others, 0);
			assert.isTrue(call?.kind === "range-sync" && call.offset === 0);
			const found = await store.physical();
			assert.lengthOf(found, 345);
			for (const [index, length] of [103, 103, 17].entries()) {
				const data = bytes.subarray(index * 103, index * 103 + length);
				assertSame(
					found.subarray(index * 115, (index + 1) * 115),
					physicalPage(103, data, length),
				);
			}
		},
		{ writeBuffer: 512 },
	);

	test("bytes that are committed are never written again [test_data_prefix_not_overwritten]", async (store) => {
		await grow(store, 20);
		await store.mangle(25, MARK);
		const before = await store.physical();
		await grow(store, 40);
		const after = await store.physical();
		assertSame(after.subarray(0, 20), before.subarray(0, 20));
		assertSame(after.subarray(25, 31), span(26, 31));
	});
}

function alternationRows(suite: Suite): void {
	const test = pagedTest(suite);

	test("while slot 2 counts, slot 1 alone is rewritten [test_crc_slot1_protected]", async (store) => {
		await grow(store, 10);
		await grow(store, 30);
		const [first, second] = slotLengths(await store.physical());
		assert.isAbove(second, first);
		await store.mangle(103, MARK);
		const before = await store.physical();
		await grow(store, 50);
		const after = await store.physical();
		assert.equal(slotLengths(after)[0], 50);
		assertSame(after.subarray(109, 115), before.subarray(109, 115));
	});

	test("while slot 1 counts, slot 2 alone is rewritten [test_crc_slot0_protected]", async (store) => {
		await grow(store, 10);
		await grow(store, 30);
		await grow(store, 50);
		const [first, second] = slotLengths(await store.physical());
		assert.isAbove(first, second);
		await store.mangle(109, MARK);
		const before = await store.physical();
		await grow(store, 70);
		const after = await store.physical();
		assert.equal(slotLengths(after)[1], 70);
		assertSame(after.subarray(103, 109), before.subarray(103, 109));
	});

	test("the slot that counts is left alone when a page fills up and spills over [test_crc_slot_protection_across_page_boundary]", async (store) => {
		await grow(store, 50);
		await grow(store, 80);
		await store.mangle(103, MARK);
		const before = await store.physical();
		await grow(store, 120);
		const after = await store.physical();
		assert.lengthOf(after, 230);
		assert.equal(slotLengths(after.subarray(0, 115))[0], 103);
		assertSame(after.subarray(109, 115), before.subarray(109, 115));
		const paged = await store.open();
		assert.equal(paged.size, 120);
		assertSame(await paged.read(0, 120), span(1, 120));
	});
}

function fallbackRows(suite: Suite): void {
	const test = pagedTest(suite);

	test("a page whose newest slot is damaged falls back to the other [test_crc_fallback_on_corrupted_primary]", async (store) => {
		await grow(store, 10);
		await grow(store, 30);
		await store.mangle(111, BAD_CHECKSUM);
		const paged = await store.open();
		assert.equal(paged.size, 10);
		assert.include(paged.recovery, { slot: 1, otherSlot: "bad", cut: "none" });
		assertSame(await paged.read(0, 10), span(1, 10));
		await assertFails("ERR_BLOB_INSUFFICIENT_LENGTH", () => paged.read(0, 11));
	});

	test("a page before the last one that falls back to a part is damaged, and cuts nothing [test_non_last_page_rejects_partial_fallback]", async (store) => {
		await grow(store, 10);
		await grow(store, 103);
		await grow(store, 113);
		const page = (await store.physical()).subarray(0, 115);
		assert.deepEqual(slotLengths(page), [10, 103]);
		await store.mangle(111, BAD_CHECKSUM);
		store.forgetPages();
		const paged = await store.open();
		assert.equal(paged.size, 113);
		assertSame(await paged.read(0, 10), span(1, 10));
		const error = await assertFails("ERR_INVALID_CHECKSUM", () =>
			paged.read(0, 11),
		);
		assert.include(error.place, { page: 0, expected: 103, found: 10 });
		await assertFails("ERR_INVALID_CHECKSUM", () => paged.replay().ensure(11));
	});

	for (const [name, record] of [
		[
			"a length larger than the page [test_corrupted_crc_len_too_large]",
			"ffff deadbeef 0000 00000000",
		],
		[
			"two lengths larger than the page [test_corrupted_crc_both_slots_len_too_large]",
			"0100 deadbeef 0200 cafebabe",
		],
	] as const) {
		test(`the only page, when it claims ${name.replace(" [", " has nothing to keep, and is kept as a copy [")}`, async (store) => {
			await grow(store, 50);
			await store.mangle(103, fromHex(record));
			const paged = await store.open();
			assert.equal(paged.size, 0);
			assert.include(paged.recovery, {
				cut: "nothing-valid",
				pagesCut: 1,
				bytesCut: 115,
			});
			assert.isDefined(paged.recovery.copy);
			assert.lengthOf(await store.physical(), 0);
		});
	}
}

/** Opens the blob, appends 1, 2, 3 … up to `size` bytes, and drops it. */
async function grow(store: PagedStore, size: number): Promise<void> {
	const paged = await store.open();
	await paged.append(span(paged.size + 1, size));
	await paged.sync();
	await paged.drop();
}
