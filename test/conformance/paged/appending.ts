import { assert } from "chai";
import { PageCache } from "../../../src/paged/cache.ts";
import { PagedBlob } from "../../../src/paged/paged-blob.ts";
import { contextOf } from "../../../src/storage/storage.ts";
import { assertSame, pattern, span } from "../../support/runs/bytes.ts";
import { assertRefuses } from "../../support/runs/failure.ts";
import { type Suite, storageTest } from "../../support/runs/suite.ts";
import { pagedTest } from "../../support/stores/paged-store.ts";

export function appendingRows(suite: Suite): void {
	const test = pagedTest(suite);

	test("a blob that nothing was appended to stays empty, without a page [test_append_crc_empty]", async (store) => {
		let paged = await store.open();
		await paged.sync();
		paged = await store.reopen(paged);
		assert.equal(paged.size, 0);
		assert.lengthOf(await store.physical(), 0);
	});

	test("what is appended over several opens is one run of bytes [test_append_crc_basic]", async (store) => {
		let paged = await store.open();
		for (const [first, last, physical] of [
			[1, 10, 115],
			[11, 110, 230],
			[111, 206, 230],
		] as const) {
			const middle = first + 4;
			await paged.append(span(first, middle));
			await paged.append(span(middle + 1, last));
			await paged.sync();
			paged = await store.reopen(paged);
			assert.lengthOf(await store.physical(), physical);
			assert.equal(paged.size, last);
			assertSame(await paged.read(0, last), span(1, last));
		}
	});

	test("a page that was drained whole leaves no memory taken once it is closed [test_sync_releases_tip_pool_slot_after_full_drain]", async (store) => {
		const { arena } = contextOf(store.storage);
		const free = arena.freeBytes;
		const paged = await store.open();
		assert.equal(arena.freeBytes, free);
		await paged.append(pattern(103));
		assert.isBelow(arena.freeBytes, free);
		await paged.sync();
		assert.equal(arena.freeBytes, free);
		await paged.close();
		assert.equal(arena.freeBytes, free);
	});

	test(
		"a reopened partial page is appended to, and cut [test_reopen_partial_tail_append_and_resize]",
		async (store) => {
			let paged = await store.open();
			await paged.append(span(1, 5));
			await paged.sync();
			paged = await store.reopen(paged);
			await paged.append(span(6, 8));
			await paged.resize(6);
			await paged.sync();
			assertSame(await paged.read(0, 6), span(1, 6));
			paged = await store.reopen(paged);
			assertSame(await paged.read(0, paged.size), span(1, 6));
		},
		{ pageSize: 64, writeBuffer: 256 },
	);

	test("appending nothing changes nothing", async (store) => {
		const paged = await store.open();
		await paged.append(new Uint8Array());
		assert.equal(paged.size, 0);
		await paged.append(pattern(5));
		await paged.append(new Uint8Array());
		await paged.sync();
		assertSame(await paged.read(0, paged.size), pattern(5));
	});

	test("an append of many write buffers is taken whole, in order", async (store) => {
		let paged = await store.open();
		await paged.append(pattern(7));
		await paged.append(pattern(5000, 7));
		assertSame(await paged.read(0, 5007), pattern(5007));
		await paged.sync();
		paged = await store.reopen(paged);
		assertSame(await paged.read(0, 5007), pattern(5007));
	});

	test("appends that nobody waits for keep their order", async (store) => {
		let paged = await store.open();
		const appends = [];
		for (let at = 0; at < 3000; at += 60) {
			appends.push(paged.append(pattern(60, at)));
		}
		await Promise.all(appends);
		await paged.sync();
		paged = await store.reopen(paged);
		assertSame(await paged.read(0, paged.size), pattern(3000));
	});

	test("bytes that the caller changes after an append are not changed in the blob", async (store) => {
		const paged = await store.open();
		const bytes = pattern(50);
		await paged.append(bytes);
		bytes.fill(0xff);
		assertSame(await paged.read(0, 50), pattern(50));
	});

	const storages = storageTest(suite);

	storages(
		"pages of every extreme size are written and read",
		async (storage) => {
			for (const [index, pageSize] of [1, 2, 511, 4096, 65535].entries()) {
				const cache = new PageCache(storage, { pageSize, pages: 2 });
				const open = async () =>
					PagedBlob.open(await storage.open(`size-${index}`, "name"), {
						cache,
						writeBuffer: 1,
					});
				const length = Math.min(3 * pageSize + 1, 70_000);
				const paged = await open();
				await paged.append(pattern(length));
				await paged.close();
				const reopened = await open();
				assert.equal(reopened.size, length);
				assertSame(await reopened.read(0, length), pattern(length));
				await reopened.close();
				cache.close();
			}
		},
	);

	storages(
		"what is no page size, no page count or no write buffer is refused",
		async (storage) => {
			for (const [pageSize, pages] of [
				[0, 1],
				[65536, 1],
				[0.5, 1],
				[64, 0],
				[64, -1],
			] as const) {
				await assertRefuses(
					RangeError,
					() => new PageCache(storage, { pageSize, pages }),
				);
			}
			const cache = new PageCache(storage, { pageSize: 64, pages: 1 });
			const blob = await storage.open("partition", "name");
			for (const writeBuffer of [-1, 0.5, 2 ** 21 + 1]) {
				await assertRefuses(RangeError, () =>
					PagedBlob.open(blob, { cache, writeBuffer }),
				);
			}
		},
	);
}
