import { assert } from "chai";
import type { PagedBlob } from "../../../src/paged/paged-blob.ts";
import { assertSame, joined, pattern } from "../../support/runs/bytes.ts";
import { assertFails } from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	type PagedStore,
	pagedTest,
} from "../../support/stores/paged-store.ts";

const PAGE_SIZE = 103;
/** Bytes that slot 1 of page 0 vouches for. */
const SYNCED = 60;
const SIZE = 3 * PAGE_SIZE;

/** A page before the last one with a damaged authoritative slot, and a good fallback. */
export function partialPageRows(suite: Suite): void {
	const test = pagedTest(suite);

	test("of a damaged page that a slot vouches for a part of, that part is read, and what lies behind it fails", async (store) => {
		const paged = await damaged(store);
		assertSame(await paged.read(0, SYNCED), pattern(SYNCED));
		assertSame(await paged.read(10, 1), pattern(1, 10));
		for (const [offset, length] of [
			[0, SYNCED + 1],
			[SYNCED, 1],
			[SYNCED - 1, 2],
			[0, SIZE],
			[PAGE_SIZE - 1, 1],
		] as const) {
			const error = await assertFails("ERR_INVALID_CHECKSUM", () =>
				paged.read(offset, length),
			);
			assert.include(error.place, { page: 0, found: SYNCED });
		}
		const behind = await paged.read(PAGE_SIZE, SIZE - PAGE_SIZE);
		assertSame(behind, pattern(SIZE - PAGE_SIZE, PAGE_SIZE));
	});

	test("reads of such a page that share one read of the disk fail and succeed each for itself", async (store) => {
		const paged = await damaged(store);
		const [within, behind, many] = await Promise.allSettled([
			paged.read(5, 10),
			paged.read(90, 5),
			paged.readMany([0, 50, PAGE_SIZE], 10),
		]);
		assert.equal(within.status, "fulfilled");
		assert.equal(behind.status, "rejected");
		assert.deepEqual(many, {
			status: "fulfilled",
			value: joined(pattern(10), pattern(10, 50), pattern(10, PAGE_SIZE)),
		});
		assert.isFalse(paged.tryRead(0, new Uint8Array(1)));
	});

	for (const buffer of [1, 128 * 1024]) {
		test(`a replay in pieces of ${buffer} bytes gives the valid part of such a page, and then fails`, async (store) => {
			const paged = await damaged(store);
			const replay = paged.replay({ buffer });
			await replay.ensure(SYNCED);
			assertSame(replay.chunk, pattern(SYNCED));
			for (let count = 0; count < 2; count += 1) {
				const error = await assertFails("ERR_INVALID_CHECKSUM", () =>
					replay.fill(),
				);
				assert.include(error.place, { page: 0, found: SYNCED });
			}
			replay.seek(PAGE_SIZE);
			await replay.ensure(SIZE - PAGE_SIZE);
			assertSame(replay.chunk, pattern(SIZE - PAGE_SIZE, PAGE_SIZE));
		});
	}

	test("an inspection calls such a page partial, with what its slot vouches for", async (store) => {
		const paged = await damaged(store);
		const verdicts = [];
		for await (const { verdict, length } of paged.pages()) {
			verdicts.push([verdict, length]);
		}
		assert.deepEqual(verdicts, [
			["partial", SYNCED],
			["full", PAGE_SIZE],
			["full", PAGE_SIZE],
		]);
	});
}

/** Three full pages. The first was filled in two steps, and is damaged in the second. */
async function damaged(store: PagedStore): Promise<PagedBlob> {
	const paged = await store.open();
	await paged.append(pattern(SYNCED));
	await paged.sync();
	await paged.append(pattern(SIZE - SYNCED, SYNCED));
	await paged.close();
	const [before = 0] = pattern(1, SYNCED + 20);
	await store.mangle(SYNCED + 20, new Uint8Array([before ^ 1]));
	await store.restart();
	return store.open();
}
