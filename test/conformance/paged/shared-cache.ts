import { assert } from "chai";
import { FixedJournal } from "../../../src/journal/entries/fixed-journal.ts";
import { VariableJournal } from "../../../src/journal/items/variable-journal.ts";
import { OversizedJournal } from "../../../src/journal/oversized/oversized-journal.ts";
import { PageCache } from "../../../src/paged/cache.ts";
import { PagedBlob } from "../../../src/paged/paged-blob.ts";
import { contextOf, type Storage } from "../../../src/storage/storage.ts";
import { assertSame, bytesOf, pattern } from "../../support/runs/bytes.ts";
import { assertFails, assertRefuses } from "../../support/runs/failure.ts";
import {
	hostTest,
	MEMORY,
	type Suite,
	withStorage,
} from "../../support/runs/suite.ts";

const ENTRY = { size: 20, offsetAt: 8, sizeAt: 16 };
const SIZES = [512, 1000, 4096, 65_535];
const PIECE = 64 * 1024;

/** Blobs and journals opened without a cache: all pages of a storage share one budget. */
export function sharedCacheRows(suite: Suite): void {
	const test = hostTest(suite);

	test("a paged blob is opened by its names, with the page size that is recorded, or 4096", async (host) => {
		await withStorage(host, async (storage) => {
			const small = { pageSize: 100 };
			const paged = await PagedBlob.open(storage, "small", "blob", small);
			await paged.append(pattern(250, 1));
			const usual = await PagedBlob.open(storage, "usual", "blob");
			await usual.append(pattern(5000, 2));
			await storage.close();
		});
		await withStorage(host, async (storage) => {
			const paged = await PagedBlob.open(storage, "small", "blob");
			assertSame(await paged.read(0, 250), pattern(250, 1));
			const usual = await PagedBlob.open(storage, "usual", "blob");
			assertSame(await usual.read(0, 5000), pattern(5000, 2));
			assert.deepEqual(await pageLengths(paged), [100, 100, 50]);
			assert.deepEqual(await pageLengths(usual), [4096, 904]);
			await paged.close();
			await assertFails("ERR_CONFIG", () =>
				PagedBlob.open(storage, "small", "blob", { pageSize: 4096 }),
			);
			assert.deepEqual(await storage.scan("small"), [bytesOf("blob")]);
		});
	});

	test("every journal is opened without a cache, and finds what it kept", async (host) => {
		for (const _ of ["first", "again"]) {
			await withStorage(host, async (storage) => {
				const fixed = await FixedJournal.open(storage, {
					...{ partition: "fixed", entry: { size: 8 }, pageSize: 64 },
				});
				const items = await VariableJournal.open(storage, {
					partition: "items",
				});
				const pairs = await OversizedJournal.open(storage, {
					...{ index: "index", values: "values", entry: ENTRY },
				});
				await fixed.append(1n, pattern(8, 3));
				const { offset } = await items.append(1n, pattern(9, 4));
				const { position } = await pairs.append(
					...([1n, new Uint8Array(20), pattern(10, 5)] as const),
				);
				assertSame(await items.get(1n, offset), pattern(9, 4));
				assertSame(await fixed.get(1n, 0), pattern(8, 3));
				assert.lengthOf(await pairs.get(1n, position), 20);
				await storage.close();
			});
		}
	});

	test("a blob that cannot be opened is let go, and may be opened otherwise", async (host) => {
		await withStorage(host, async (storage) => {
			await PagedBlob.open(storage, "p", "blob", { pageSize: 100 });
			await storage.close();
		});
		await withStorage(host, async (storage) => {
			const open = (pageSize: number) =>
				PagedBlob.open(storage, "p", "blob", { pageSize });
			await assertFails("ERR_CONFIG", () => open(101));
			await (await open(100)).close();
			const cache = new PageCache(storage, { pageSize: 100, pages: 4 });
			const options = { cache, pageSize: 99 };
			const openOther = () => PagedBlob.open(storage, "p", "b", options);
			await assertRefuses(RangeError, openOther, "pageSize is 99");
			const blob = await storage.open("q", "b");
			await assertRefuses(
				RangeError,
				() => PagedBlob.open(blob, options),
				"pageSize is 99",
			);
			for (const pageSize of [0, 65_536, 1.5]) {
				await assertRefuses(RangeError, () => open(pageSize), "page");
			}
		});
	});

	test("a refused open by names makes nothing", async (host) => {
		await withStorage(host, async (storage) => {
			const options = { partition: "items" };
			const items = await VariableJournal.open(storage, options);
			await items.append(1n, pattern(3));
			await storage.close();
		});
		await withStorage(host, async (storage) => {
			await assertFails("ERR_CONFIG", () =>
				PagedBlob.open(storage, "items", "blob"),
			);
			const large = { writeBuffer: 1e9 };
			await assertRefuses(
				RangeError,
				() => PagedBlob.open(storage, "new", "blob", large),
				"write buffer",
			);
			await assertFails("ERR_PARTITION_MISSING", () => storage.scan("new"));
			await VariableJournal.open(storage, { partition: "items" });
		});
	});

	test("cached pages give way to a write buffer", async (host) => {
		await withStorage(host, async (storage) => {
			const { arena } = contextOf(storage);
			const blob = await PagedBlob.open(storage, "p", "blob");
			await blob.append(pattern(MEMORY / 2));
			await blob.sync();
			await blob.read(0, MEMORY / 2);
			// Only cached pages are still free.
			while (arena.tryAllocateFree(PIECE / 4) !== undefined) {}
			await blob.append(pattern(10));
			await blob.sync();
			assertSame(await blob.read(MEMORY / 2, 10), pattern(10));
			await storage.close();
		});
	});

	test("a page size that comes late is cached, whatever sizes are no longer used", async (host) => {
		await withStorage(host, async (storage) => {
			for (const blob of await filledBlobs(storage)) {
				await blob.read(0, blob.size);
				await blob.close();
			}
			const late = await PagedBlob.open(storage, "late", "blob", {
				pageSize: 256,
			});
			await late.append(pattern(20_000));
			await late.sync();
			await late.read(0, 20_000);
			assert.isTrue(late.tryRead(5000, new Uint8Array(100)));
			await storage.close();
		});
	});

	test("pages of all sizes share one budget, of a quarter of a small memory, and are read right when it is full", async (host) => {
		await withStorage(host, async (storage) => {
			const { arena } = contextOf(storage);
			const free = arena.freeBytes;
			const blobs = await filledBlobs(storage);
			for (let round = 0; round < 2; round += 1) {
				for (const [index, blob] of blobs.entries()) {
					const all = pattern(blob.size, index);
					assertSame(await blob.readUpTo(0, blob.size), all);
					for (let at = 7; at < blob.size; at += 40_009) {
						assertSame(await blob.readUpTo(at, 3), all.slice(at, at + 3));
					}
				}
			}
			assert.isAtMost(free - arena.freeBytes, MEMORY / 4);
			assert.isAtLeast(free - arena.freeBytes, 2 * PIECE);
			await storage.close();
		});
	});
}

/** Each as large as the budget. */
async function filledBlobs(storage: Storage): Promise<PagedBlob[]> {
	const blobs: PagedBlob[] = [];
	for (const [index, pageSize] of SIZES.entries()) {
		const blob = await PagedBlob.open(storage, `p${pageSize}`, "blob", {
			...{ pageSize, writeBuffer: 1 },
		});
		await blob.append(pattern(MEMORY / 4, index));
		await blob.sync();
		blobs.push(blob);
	}
	return blobs;
}

async function pageLengths(blob: PagedBlob): Promise<number[]> {
	const lengths: number[] = [];
	for await (const { length } of blob.pages()) {
		lengths.push(length);
	}
	return lengths;
}
