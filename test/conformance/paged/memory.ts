import { assert } from "chai";
import { contextOf } from "../../../src/storage/storage.ts";
import { assertSame } from "../../support/runs/bytes.ts";
import { assertFails } from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	type PagedStore,
	pagedTest,
} from "../../support/stores/paged-store.ts";

const PAGE = 4096;
const PAGES = 400;
const SIZES = { pageSize: PAGE, cachePages: 2, memory: 768 * 1024 };

/** Reads while a store's linear memory is full. */
export function memoryRows(suite: Suite): void {
	const test = pagedTest(suite);

	test(
		"reads of more pages at once than there is memory for wait for their turn",
		async (store) => {
			const { paged, bytes } = await filled(store);
			const reads = Array.from({ length: PAGES }, (_, page) =>
				paged.read(page * PAGE, 8),
			);
			for (const [page, read] of (await Promise.all(reads)).entries()) {
				assertSame(read, bytes.subarray(page * PAGE, page * PAGE + 8));
			}
		},
		SIZES,
	);

	test(
		"many items are read at once, of more pages than there is memory for",
		async (store) => {
			const { paged, bytes } = await filled(store);
			const offsets = Array.from({ length: 2 * PAGES }, (_, half) => {
				return half * (PAGE / 2);
			});
			const items = await paged.readMany(offsets, 16);
			for (const [index, offset] of offsets.entries()) {
				const item = items.subarray(index * 16, (index + 1) * 16);
				assertSame(item, bytes.subarray(offset, offset + 16));
			}
		},
		SIZES,
	);

	test(
		"caches and write buffers that take all the memory there is leave enough for reads, replays and openings",
		async (store) => {
			const { paged, bytes } = await filled(store);
			const { arena } = contextOf(store.storage);
			arena.allocate(arena.freeBytes);
			assertSame(await paged.read(0, bytes.length), bytes);
			let at = 0;
			for await (const chunk of paged.replay({ buffer: 16 * PAGE * PAGES })) {
				assertSame(chunk, bytes.subarray(at, at + chunk.length));
				at += chunk.length;
			}
			assert.equal(at, bytes.length);
			for await (const { verdict } of paged.pages()) {
				assert.equal(verdict, "full");
			}
		},
		SIZES,
	);

	test(
		"a failed read gives its memory to those that wait, and a close waits for all of them",
		async (store) => {
			const { paged, bytes } = await filled(store);
			await store.mangle(PAGE + 12, new Uint8Array(8).fill(0xee));
			const reads = Array.from({ length: PAGES }, (_, page) =>
				paged.read(page * PAGE, bytes.length / PAGES),
			);
			const settled = await Promise.allSettled(reads);
			const failed = settled.flatMap(({ status }, page) =>
				status === "rejected" ? [page] : [],
			);
			assert.deepEqual(failed, [1]);
			const others = reads
				.slice(2)
				.map((_, index) => paged.read((index + 2) * PAGE, 1));
			const all = Promise.allSettled(others);
			await paged.close();
			for (const result of await all) {
				if (result.status === "rejected") {
					assert.propertyVal(result.reason, "code", "ERR_CLOSED");
				}
			}
		},
		SIZES,
	);

	test("what could never fit is refused, and the refusal says both ways out", async (store) => {
		const { arena } = contextOf(store.storage);
		const error = await assertFails("ERR_MEMORY", () =>
			arena.allocate(arena.freeBytes + 1),
		);
		assert.match(error.message, /larger \{ memory \}, or hold less/);
	});
}

/** A blob of whole, uncached pages. */
async function filled(store: PagedStore) {
	let paged = await store.open();
	const bytes = new Uint8Array(PAGE * PAGES);
	for (let page = 0; page < PAGES; page += 1) {
		bytes.fill(page % 251, page * PAGE, (page + 1) * PAGE);
		bytes[page * PAGE] = page >>> 8;
	}
	await paged.append(bytes);
	await paged.close();
	await store.restart();
	paged = await store.open();
	return { paged, bytes };
}
