import { assert } from "chai";
import { PagedBlob } from "../../../src/paged/paged-blob.ts";
import { contextOf } from "../../../src/storage/storage.ts";
import { readRaw } from "../../support/hosts/raw-file.ts";
import { assertSame, joined, pattern } from "../../support/runs/bytes.ts";
import {
	assertFails,
	DISK_FULL,
	failureOf,
	KERNEL_ERROR,
} from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import { PagedStore, pagedTest } from "../../support/stores/paged-store.ts";

export function faultRows(suite: Suite): void {
	latchRows(suite);
	cutRows(suite);
	diskFullRows(suite);
}

function latchRows(suite: Suite): void {
	const test = pagedTest(suite);

	test("a failed sync refuses appends, syncs and cuts, while reads go on, until the blob is opened anew", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(250));
		await paged.sync();
		await paged.append(pattern(10, 250));
		failSyncs(store);
		const error = await assertFails("ERR_BLOB_SYNC_FAILED", () => paged.sync());
		assert.equal(error.cause, KERNEL_ERROR);
		store.host.hooks = {};
		for (const call of [
			() => paged.append(pattern(1)),
			() => paged.sync(),
			() => paged.resize(0),
			() => paged.resize(1000),
		]) {
			const refusal = await assertFails("ERR_POISONED", call);
			assert.equal(refusal.cause, KERNEL_ERROR);
		}
		store.forgetPages();
		assertSame(await paged.read(0, 260), pattern(260));
		assertSame(
			await paged.readMany([0, 100], 5),
			joined(pattern(5), pattern(5, 100)),
		);
		assert.isTrue(await paged.replay().ensure(250));
		const reopened = await store.reopen(paged);
		await reopened.append(pattern(5, reopened.size));
		await reopened.sync();
		assertSame(await reopened.read(0, reopened.size), pattern(reopened.size));
	});

	test("a blob whose sync failed is let go by a close that rejects, and opened anew", async (store) => {
		const free = contextOf(store.storage).arena.freeBytes;
		const paged = await store.open();
		await paged.append(pattern(50));
		failSyncs(store);
		await assertFails("ERR_BLOB_SYNC_FAILED", () => paged.close());
		store.host.hooks = {};
		await assertFails("ERR_CLOSED", () => paged.read(0, 1));
		assert.equal(contextOf(store.storage).arena.freeBytes, free);
		const reopened = await store.open();
		await reopened.append(pattern(5));
		await reopened.sync();
	});

	test("a failed write refuses what follows, and what was durable is found again", async (store) => {
		let paged = await store.open();
		await paged.append(pattern(50));
		await paged.sync();
		await paged.append(pattern(300, 50));
		store.host.hooks.write = () => {
			throw KERNEL_ERROR;
		};
		await assertFails("ERR_POISONED", async () => {
			await failureOf(() => paged.sync());
			await paged.sync();
		});
		store.host.hooks = {};
		paged = await store.reopen(paged);
		assert.isAtLeast(paged.size, 50);
		assertSame(await paged.read(0, paged.size), pattern(paged.size));
	});

	test("a sync that failed in the background is told to whoever appends or syncs next", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(50));
		await paged.sync();
		let failing = true;
		store.host.hooks.sync = (path, call) => {
			if (failing && path === PagedStore.PATH) {
				failing = false;
				throw KERNEL_ERROR;
			}
			return call();
		};
		const chunk = pattern(103 * 1000);
		const error = await assertFails("ERR_POISONED", async () => {
			for (let index = 0; index < 90; index += 1) {
				await paged.append(chunk);
			}
		});
		assert.equal(error.cause, KERNEL_ERROR);
		await assertFails("ERR_POISONED", () => paged.sync());
	});

	test("every caller of a sync that failed is told", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(50));
		failSyncs(store);
		const syncs = [paged.sync(), paged.sync(), paged.sync()];
		for (const sync of syncs) {
			await assertFails("ERR_BLOB_SYNC_FAILED", () => sync);
		}
	});
}

function cutRows(suite: Suite): void {
	const test = pagedTest(suite);

	test("a cut within a page that cannot be read changes nothing, and can be tried again", async (store) => {
		let paged = await store.open();
		await paged.append(pattern(350));
		await paged.sync();
		const before = await store.physical();
		store.host.hooks.read = () => {
			throw KERNEL_ERROR;
		};
		await assertFails("ERR_READ_FAILED", () => paged.resize(150));
		store.host.hooks = {};
		assert.equal(paged.size, 350);
		assertSame(await store.physical(), before);
		await paged.append(pattern(10, 350));
		await paged.resize(150);
		paged = await store.reopen(paged);
		assertSame(await paged.read(0, paged.size), pattern(150));
	});

	test("a cut within a page that is damaged changes nothing", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(350));
		await paged.sync();
		await store.mangle(115, pattern(1, 7));
		const before = await store.physical();
		await assertFails("ERR_INVALID_CHECKSUM", () => paged.resize(150));
		assert.equal(paged.size, 350);
		await paged.sync();
		assertSame(await store.physical(), before);
	});

	test("a cut that fails at one of its writes leaves the page as it was to be read", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(250));
		await paged.sync();
		let writes = 0;
		store.host.hooks.write = (_path, _write, call) => {
			writes += 1;
			if (writes === 2) {
				throw KERNEL_ERROR;
			}
			return call();
		};
		await assertFails("ERR_WRITE_FAILED", () => paged.resize(150));
		store.host.hooks = {};
		assert.equal(paged.size, 206);
		assertSame(await paged.read(0, 206), pattern(206));
		await assertFails("ERR_POISONED", () => paged.append(pattern(1)));
	});
}

function diskFullRows(suite: Suite): void {
	const test = pagedTest(suite);

	for (const kept of [0, 1, 60, 115, 200]) {
		test(`an append that found the disk full after ${kept} bytes is undone, and can be tried again`, async (store) => {
			let paged = await store.open();
			await paged.append(pattern(103));
			await paged.sync();
			const before = await readRaw(store.host, PagedStore.PATH);
			fillDiskOnce(store, kept);
			const error = await assertFails("ERR_NO_SPACE", () =>
				paged.append(pattern(300, 103)),
			);
			assert.equal(error.cause, DISK_FULL);
			assertSame(await readRaw(store.host, PagedStore.PATH), before);
			assertSame(await paged.read(0, paged.size), pattern(paged.size));
			await paged.append(pattern(403 - paged.size, paged.size));
			await paged.sync();
			paged = await store.reopen(paged);
			assertSame(await paged.read(0, paged.size), pattern(403));
		});

		test(`a sync that found the disk full after ${kept} bytes is undone, and can be tried again`, async (store) => {
			let paged = await store.open();
			await paged.append(pattern(50));
			await paged.sync();
			await paged.append(pattern(150, 50));
			fillDiskOnce(store, kept);
			await assertFails("ERR_NO_SPACE", () => paged.sync());
			assert.equal(paged.size, 200);
			await paged.append(pattern(6, 200));
			await paged.sync();
			paged = await store.reopen(paged);
			assertSame(await paged.read(0, paged.size), pattern(206));
		});
	}

	test("a blob that found the disk full and was opened again has all that was synced", async (store) => {
		let paged = await store.open();
		await paged.append(pattern(150));
		await paged.sync();
		await paged.append(pattern(250, 150));
		fillDiskOnce(store, 77);
		await failureOf(() => paged.sync());
		await store.crash();
		const cache = store.cache;
		paged = await PagedBlob.open(await store.blob(), { cache });
		assert.isAtLeast(paged.size, 150);
		assertSame(await paged.read(0, paged.size), pattern(paged.size));
	});
}

function failSyncs(store: PagedStore): void {
	store.host.hooks.sync = () => {
		throw KERNEL_ERROR;
	};
}

/** The next write that extends the blob finds no room after `kept` bytes. */
function fillDiskOnce(store: PagedStore, kept: number): void {
	store.host.hooks.write = async (path, write, call) => {
		const end = write.offset + write.length;
		if (path !== PagedStore.PATH || end <= (await write.file.size())) {
			return call();
		}
		store.host.hooks = {};
		await write.file.write(
			[joined(...write.parts).subarray(0, kept)],
			write.offset,
		);
		throw DISK_FULL;
	};
}
