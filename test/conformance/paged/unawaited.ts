import { assert } from "chai";
import { UNSYNCED_WINDOW } from "../../../src/storage/unsynced-window.ts";
import { assertSame, pattern } from "../../support/runs/bytes.ts";
import {
	assertFails,
	DISK_FULL,
	failureOf,
	KERNEL_ERROR,
} from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import { PagedStore, pagedTest } from "../../support/stores/paged-store.ts";

/** Bytes of one append: a few appends overflow the write buffer. */
const EACH = 150;
const MANY = 20;

export function unawaitedRows(suite: Suite): void {
	coverRows(suite);
	failureRows(suite);
}

function coverRows(suite: Suite): void {
	const test = pagedTest(suite);

	for (const end of ["sync", "close"] as const) {
		test(`a ${end} covers appends and resizes that were called before it and not awaited`, async (store) => {
			const paged = await store.open();
			const calls = [];
			for (let index = 0; index < MANY; index += 1) {
				calls.push(paged.append(pattern(EACH, index * EACH)));
			}
			calls.push(paged.resize(MANY * EACH - 50));
			await paged[end]();
			await store.crash();
			const found = await store.open();
			assertSame(await found.read(0, found.size), pattern(MANY * EACH - 50));
			await Promise.all(calls);
		});
	}

	test(
		"a sync covers appends that wait for the window of unsynced bytes",
		async (store) => {
			const paged = await store.open();
			const chunk = pattern(1024 * 1024);
			const calls = [];
			for (let length = 0; length < 2 * UNSYNCED_WINDOW; ) {
				calls.push(paged.append(chunk));
				length += chunk.length;
			}
			await paged.sync();
			await store.crash();
			const found = await store.open();
			assert.equal(found.size, 2 * UNSYNCED_WINDOW);
			await Promise.all(calls);
		},
		{ pageSize: 4096, writeBuffer: 65_536, cachePages: 8 },
	);
}

function failureRows(suite: Suite): void {
	const test = pagedTest(suite);

	for (const end of ["sync", "close"] as const) {
		test(`where an append finds the disk full, those behind it and the ${end} reject with its error, and what was taken before it is kept`, async (store) => {
			const paged = await store.open();
			await paged.append(pattern(EACH));
			failNextWrite(store, DISK_FULL);
			const calls = [1, 2, 3].map((index) =>
				paged.append(pattern(EACH, index * EACH)),
			);
			const ended = Promise.allSettled(calls);
			const error = await assertFails("ERR_NO_SPACE", () => paged[end]());
			assert.equal(error.cause, DISK_FULL);
			const results = await ended;
			assert.deepEqual(
				results.map(({ status }) => status),
				["rejected", "rejected", "rejected"],
			);
			for (const result of results) {
				assert.strictEqual(
					result.status === "rejected" ? result.reason : undefined,
					error,
				);
			}
			if (end === "sync") {
				await paged.append(pattern(EACH, EACH));
				await paged.sync();
			}
			const kept = end === "sync" ? 2 * EACH : EACH;
			await store.crash();
			const found = await store.open();
			assertSame(await found.read(0, found.size), pattern(kept));
		});
	}

	test("where an append fails for good, the sync rejects with its error, and every call after that with ERR_POISONED", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(EACH));
		failNextWrite(store, KERNEL_ERROR);
		const ended = Promise.allSettled([paged.append(pattern(EACH))]);
		const error = await assertFails("ERR_WRITE_FAILED", () => paged.sync());
		assert.equal(error.cause, KERNEL_ERROR);
		await ended;
		await assertFails("ERR_POISONED", () => paged.sync());
		await assertFails("ERR_POISONED", () => paged.append(pattern(1)));
	});

	test("an append that was awaited and has failed is not told of again by the next sync", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(EACH));
		failNextWrite(store, DISK_FULL);
		await failureOf(() => paged.append(pattern(EACH, EACH)));
		await paged.sync();
		const found = await store.reopen(paged);
		assertSame(await found.read(0, found.size), pattern(EACH));
	});
}

/** The disk fails the next write to the blob, and no later one. */
function failNextWrite(store: PagedStore, error: Error): void {
	let isNext = true;
	store.host.hooks.write = (path, _, call) => {
		if (isNext && path === PagedStore.PATH) {
			isNext = false;
			throw error;
		}
		return call();
	};
}
