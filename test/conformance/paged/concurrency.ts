import { assert } from "chai";
import { PageCache } from "../../../src/paged/cache.ts";
import { PagedBlob } from "../../../src/paged/paged-blob.ts";
import { UNSYNCED_WINDOW } from "../../../src/storage/unsynced-window.ts";
import { HeldSyncs, settleTurns } from "../../support/hosts/held-syncs.ts";
import {
	assertSame,
	bytesOf,
	filled,
	pattern,
	textOf,
} from "../../support/runs/bytes.ts";
import type { Suite } from "../../support/runs/suite.ts";
import { PagedStore, pagedTest } from "../../support/stores/paged-store.ts";

const MEBIBYTE = 1024 * 1024;

export function concurrencyRows(suite: Suite): void {
	syncRows(suite);
	windowRows(suite);
}

function syncRows(suite: Suite): void {
	const test = pagedTest(suite);

	test("a sync that comes when another has begun does not resolve with it, and appends go on meanwhile", async (store) => {
		const paged = await openSynced(store);
		const held = HeldSyncs.of(store.host, PagedStore.PATH);
		const resolved: string[] = [];
		await paged.append(bytesOf("A"));
		const first = paged.sync().then(() => resolved.push("first"));
		await held.whenBegun(1);
		await paged.append(bytesOf("B"));
		assert.equal(textOf(await paged.read(0, 2)), "AB");
		const second = paged.sync().then(() => resolved.push("second"));
		await settleTurns();
		assert.deepEqual(resolved, []);
		held.release();
		await first;
		await held.whenBegun(2);
		await settleTurns();
		assert.deepEqual(resolved, ["first"]);
		held.releaseAll();
		await second;
		assert.deepEqual(resolved, ["first", "second"]);
	});

	test(
		"callers that append and sync together share one sync of the host, round after round",
		async (store) => {
			const paged = await openSynced(store);
			const held = HeldSyncs.of(store.host, PagedStore.PATH);
			held.releaseAll();
			const caller = async () => {
				for (let round = 0; round < 3; round += 1) {
					await paged.append(bytesOf("record "));
					await paged.sync();
				}
			};
			await Promise.all(Array.from({ length: 64 }, caller));
			assert.equal(held.begun, 3);
			assert.equal(paged.size, 64 * 3 * 7);
		},
		{ writeBuffer: 65_536 },
	);

	test("64 callers that append and sync share one sync of the host", async (store) => {
		const paged = await openSynced(store);
		const held = HeldSyncs.of(store.host, PagedStore.PATH);
		held.releaseAll();
		await Promise.all(
			Array.from({ length: 64 }, async (_, index) => {
				await paged.append(filled(1, index));
				await paged.sync();
			}),
		);
		assert.equal(held.begun, 1);
	});

	test("the bytes of every sync that resolved are found again, whoever else appended meanwhile", async (store) => {
		const paged = await openSynced(store);
		const held = HeldSyncs.of(store.host, PagedStore.PATH);
		await paged.append(pattern(60));
		const syncing = paged.sync();
		await held.whenBegun(1);
		// During the held sync a flush may write full pages, but not the record that is being synced.
		const appending = paged.append(pattern(400, 60));
		held.releaseAll();
		await Promise.all([syncing, appending]);
		await paged.sync();
		const reopened = await store.reopen(paged);
		assertSame(await reopened.read(0, reopened.size), pattern(460));
	});
}

function windowRows(suite: Suite): void {
	const test = pagedTest(suite);

	test(
		"no more than the window is ever unsynced at the host: an append that would overflow it waits",
		async (store) => {
			const paged = await openSynced(store);
			const held = HeldSyncs.of(store.host, PagedStore.PATH);
			const seen = watchUnsynced(store, held);
			let appended = 0;
			const appending = (async () => {
				const chunk = pattern(65_536);
				while (appended < 20 * MEBIBYTE) {
					await paged.append(chunk);
					appended += chunk.length;
				}
			})();
			await held.whenBegun(1);
			await settleTurns();
			assert.isBelow(appended, 20 * MEBIBYTE);
			assert.isAbove(seen.most, UNSYNCED_WINDOW / 2);
			held.releaseAll();
			await appending;
			assert.isAtMost(seen.most, UNSYNCED_WINDOW);
			assert.isAbove(held.begun, 1);
		},
		{ pageSize: 4096, writeBuffer: 65_536, cachePages: 4 },
	);

	test(
		"what was handed over while a sync in the background ran is not durable by it: a sync that follows asks the host again",
		async (store) => {
			const paged = await openSynced(store);
			const held = HeldSyncs.of(store.host, PagedStore.PATH);
			await paged.append(pattern(UNSYNCED_WINDOW / 2 + 65_536));
			await held.whenBegun(1);
			await paged.append(pattern(65_536 * 2));
			const syncing = paged.sync();
			held.release();
			await held.whenBegun(2);
			held.releaseAll();
			await syncing;
			assert.equal(held.completed, 2);
		},
		{ pageSize: 4096, writeBuffer: 8192, cachePages: 4 },
	);

	test(
		"a write buffer of many small pages keeps within the window too",
		async (store) => {
			const cache = new PageCache(store.storage, { pageSize: 1, pages: 1 });
			const paged = await PagedBlob.open(await store.blob("small"), {
				cache,
				writeBuffer: MEBIBYTE,
			});
			let syncs = 0;
			store.host.hooks.sync = (_path, call) => {
				syncs += 1;
				if (syncs > 100) {
					throw new Error("it syncs for ever");
				}
				return call();
			};
			await paged.append(pattern(MEBIBYTE));
			await paged.append(pattern(10));
			await paged.close();
		},
		{ pageSize: 1, memory: 32 * MEBIBYTE, cachePages: 1 },
	);
}

/** The unsynced bytes of writes. A sync covers the bytes that were there when it began. */
function watchUnsynced(store: PagedStore, held: HeldSyncs): { most: number } {
	const seen = { most: 0 };
	let written = 0;
	let covered = 0;
	const holding = store.host.hooks.sync;
	store.host.hooks.write = (path, { length }, call) => {
		if (path === PagedStore.PATH) {
			written += length;
			seen.most = Math.max(seen.most, written - covered);
		}
		return call();
	};
	store.host.hooks.sync = async (path, call) => {
		const upTo = written;
		await (holding ? holding(path, call) : call());
		assert.isAbove(held.completed, 0);
		covered = upTo;
	};
	return seen;
}

/** A blob after its first sync, which covers what its open found. */
async function openSynced(store: PagedStore): Promise<PagedBlob> {
	const paged = await store.open();
	await paged.sync();
	return paged;
}
