import { assert } from "chai";
import type { PagedBlob } from "../../../src/paged/paged-blob.ts";
import { holdNextRead } from "../../support/hosts/held-read.ts";
import { assertSame, filled, pattern } from "../../support/runs/bytes.ts";
import { assertFails } from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	type PagedStore,
	pagedTest,
} from "../../support/stores/paged-store.ts";

export function cacheRows(suite: Suite): void {
	replacementRows(suite);
	fetchRows(suite);
}

function replacementRows(suite: Suite): void {
	const test = pagedTest(suite);

	test(
		"the cache gives every page that was hit a second chance, in the order of the clock",
		async (store) => {
			const paged = await onDisk(store, 5);
			await readPages(paged, [0, 1, 2]);
			assert.deepEqual(cached(paged, 5), [0, 1, 2]);
			// Each question was a hit: the hand goes round once, and takes the page where it began.
			await readPages(paged, [3]);
			await readPages(paged, [1]);
			// Page 1 was hit since the hand passed, so page 2 goes.
			await readPages(paged, [4]);
			assert.deepEqual(cached(paged, 5), [1, 3, 4]);
		},
		{ cachePages: 3 },
	);

	test("pages that are flushed are cached, and read without the host", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(309));
		await paged.sync();
		const reads = countReads(store);
		assertSame(await paged.read(0, 309), pattern(309));
		assert.equal(reads.count, 0);
	});

	test("blobs that share a cache keep their pages apart", async (store) => {
		const first = await store.open(undefined, "first");
		const second = await store.open(undefined, "second");
		await first.append(filled(206, 0xaa));
		await second.append(filled(206, 0xbb));
		await first.sync();
		await second.sync();
		await first.resize(0);
		assertSame(await second.read(0, 206), filled(206, 0xbb));
		await first.append(filled(206, 0xcc));
		await first.sync();
		assertSame(await first.read(0, 206), filled(206, 0xcc));
		assertSame(await second.read(0, 206), filled(206, 0xbb));
	});

	test("a name that was removed and made anew has none of the old one's pages", async (store) => {
		const old = await store.open();
		await old.append(filled(206, 0xaa));
		await old.sync();
		await store.storage.remove("partition", "blob");
		const fresh = await store.open();
		assert.equal(fresh.size, 0);
		await fresh.append(filled(206, 0xbb));
		await fresh.sync();
		assertSame(await fresh.read(0, 206), filled(206, 0xbb));
		assertSame(await old.read(0, 206), filled(206, 0xaa));
	});
}

function fetchRows(suite: Suite): void {
	const test = pagedTest(suite);

	test("a page that many ask for at once is fetched once", async (store) => {
		const paged = await onDisk(store, 2);
		const reads = countReads(store);
		const found = await Promise.all(
			Array.from({ length: 20 }, () => paged.read(10, 20)),
		);
		for (const bytes of found) {
			assertSame(bytes, pattern(20, 10));
		}
		assert.equal(reads.count, 1);
	});

	test("a fetch that fails is told to all who wait for it, and is tried again by the next", async (store) => {
		const paged = await onDisk(store, 2);
		store.host.hooks.read = () => {
			throw new Error("unreadable");
		};
		const reads = [paged.read(0, 5), paged.read(50, 5)];
		for (const read of reads) {
			await assertFails("ERR_READ_FAILED", () => read);
		}
		store.host.hooks = {};
		assertSame(await paged.read(0, 5), pattern(5));
	});

	test("a page that is damaged is not cached, and is read again once it is mended", async (store) => {
		const paged = await onDisk(store, 2);
		const before = await store.physical();
		await store.mangle(50, filled(1, 0xff));
		await assertFails("ERR_INVALID_CHECKSUM", () => paged.read(0, 5));
		await store.mangle(50, before.subarray(50, 51));
		assertSame(await paged.read(0, 5), pattern(5));
	});

	test("a fetch that a cut overtakes caches nothing of what was cut off", async (store) => {
		const before = await onDisk(store, 2);
		await before.drop();
		store.forgetPages();
		const paged = await store.open();
		const fetch = holdNextRead(store.host);
		const reading = paged.read(0, 103);
		await fetch.begun;
		const cut = paged.resize(0);
		fetch.release();
		assertSame(await reading, pattern(103));
		await cut;
		await paged.append(filled(103, 0xbb));
		await paged.append(filled(103, 0xbb));
		await paged.sync();
		const target = new Uint8Array(103);
		assert.isTrue(paged.tryRead(0, target));
		assertSame(target, filled(103, 0xbb));
	});
}

/** A synced blob of full pages, opened, with no page in a cache. */
async function onDisk(store: PagedStore, pages: number): Promise<PagedBlob> {
	const paged = await store.open();
	await paged.append(pattern(pages * 103));
	await paged.close();
	store.forgetPages();
	const reopened = await store.open();
	await reopened.sync();
	return reopened;
}

async function readPages(
	paged: PagedBlob,
	pages: readonly number[],
): Promise<void> {
	for (const page of pages) {
		assertSame(await paged.read(page * 103, 103), pattern(103, page * 103));
	}
}

function cached(paged: PagedBlob, pages: number): number[] {
	return Array.from({ length: pages }, (_, page) => page).filter((page) =>
		paged.tryRead(page * 103, new Uint8Array(103)),
	);
}

/** Reads take a turn of the event loop, so that concurrent ones overlap. */
function countReads(store: PagedStore): { count: number } {
	const reads = { count: 0 };
	store.host.hooks.read = async (_path, call) => {
		reads.count += 1;
		await new Promise((resolve) => setTimeout(resolve));
		return call();
	};
	return reads;
}
