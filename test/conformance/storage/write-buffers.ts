import { assert } from "chai";
import { Arena } from "../../../src/core/arena.ts";
import { FixedJournal } from "../../../src/journal/entries/fixed-journal.ts";
import { OversizedJournal } from "../../../src/journal/oversized/oversized-journal.ts";
import { PageCache } from "../../../src/paged/cache.ts";
import { PagedBlob } from "../../../src/paged/paged-blob.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import { contextOf } from "../../../src/storage/storage.ts";
import { exportTo } from "../../../src/transfer/index.ts";
import { assertSame, filled } from "../../support/runs/bytes.ts";
import { assertFails } from "../../support/runs/failure.ts";
import {
	hostTest,
	MEMORY,
	type Suite,
	storageTest,
	withStorage,
} from "../../support/runs/suite.ts";
import {
	numbered,
	pointer,
	sixteen,
} from "../../support/stores/journal-store.ts";
import {
	JOURNAL_KINDS,
	writeManyThenOpen,
} from "../../support/stores/many-journals.ts";

const WRITE_BUFFER = 64 * 1024;
const MANY = 40;
/** With three sections each: six times as many write buffers as memory. */
const MANY_JOURNALS = 20;

/** Who has the memory of write buffers, and when. */
export function writeBufferRows(suite: Suite): void {
	const test = storageTest(suite);
	const onHost = hostTest(suite);

	suite.test(
		"every call of an arena is followed by a look at all of it",
		() => {
			let looks = 0;
			const arena = new Arena(0, 1024);
			const regionsNow = () => Reflect.get(Arena.prototype, "regions", arena);
			Object.defineProperty(arena, "regions", {
				get() {
					looks += 1;
					return regionsNow();
				},
			});
			const address = arena.allocate(64);
			const afterFirst = looks;
			arena.free(address);
			assert.isAbove(afterFirst, 0);
			assert.isAbove(looks, afterFirst);
		},
	);

	test("a paged blob takes its write buffer with the first append, and a sync gives it back", async (storage) => {
		const cache = new PageCache(storage, { pageSize: 100, pages: 2 });
		const paged = await openBlob(storage, cache, "one");
		const free = contextOf(storage).arena.freeBytes;
		for (const length of [10, 85, 5, 100, 250, 1]) {
			const { size } = paged;
			await paged.append(filled(length, length));
			assert.isBelow(contextOf(storage).arena.freeBytes, free);
			await paged.sync();
			assert.equal(contextOf(storage).arena.freeBytes, free);
			assertSame(await paged.read(size, length), filled(length, length));
		}
		await paged.resize(42);
		assert.equal(contextOf(storage).arena.freeBytes, free);
		await paged.append(filled(3, 7));
		await paged.close();
		assert.equal(contextOf(storage).arena.freeBytes, free);
		const again = await openBlob(storage, cache, "one");
		assert.equal(again.size, 45);
		assertSame(await again.read(42, 3), filled(3, 7));
	});

	test("more blobs than there is memory for write buffers are written by turns, each synced", async (storage) => {
		const cache = new PageCache(storage, { pageSize: 100, pages: 2 });
		const blobs: PagedBlob[] = [];
		for (let index = 0; index < MANY; index += 1) {
			const paged = await openBlob(storage, cache, `blob ${index}`);
			await paged.append(filled(50, index));
			await paged.sync();
			blobs.push(paged);
		}
		for (const [index, paged] of blobs.entries()) {
			await paged.append(filled(70, index));
			await paged.sync();
			assertSame(await paged.read(0, 120), filled(120, index));
		}
	});

	test("blobs that hold bytes back are drained, the one that does so for longest first, for one that has no memory", async (storage) => {
		const cache = new PageCache(storage, { pageSize: 100, pages: 2 });
		const blobs: PagedBlob[] = [];
		for (let index = 0; index < MANY; index += 1) {
			const paged = await openBlob(storage, cache, `blob ${index}`);
			await paged.append(filled(50, index));
			blobs.push(paged);
		}
		assert.equal(await pagesOnDisk(blobs[0]), 1);
		assert.equal(await pagesOnDisk(blobs.at(-1)), 0);
		await Promise.all(
			blobs.map((paged, index) => paged.append(filled(70, index))),
		);
		for (const [index, paged] of blobs.entries()) {
			assertSame(await paged.read(0, 120), filled(120, index));
		}
	});

	test("an export of blobs that wait for one another's write buffers ends, and so do the appends", async (storage) => {
		const blobs = await openBlobs(storage);
		const appends = blobs.map((paged, index) =>
			paged.append(filled(150, index)),
		);
		const exported = exportTo(storage, new WritableStream());
		const later = blobs.map((paged, index) => paged.append(filled(50, index)));
		await Promise.all([exported, ...appends, ...later]);
		for (const [index, paged] of blobs.entries()) {
			assertSame(await paged.read(0, 200), filled(200, index));
		}
	});

	for (const syncing of ["each of them", "the last one alone"]) {
		onHost(
			`where blobs wait for one another's write buffers, a sync of ${syncing} covers the appends that were called before it and not awaited`,
			async (host) => {
				const isEach = syncing === "each of them";
				await withStorage(host, async (storage) => {
					const blobs = await openBlobs(storage);
					const appends = [150, 50].flatMap((length) =>
						blobs.map((paged) => paged.append(filled(length, 1))),
					);
					const synced = isEach ? blobs : blobs.slice(-1);
					await Promise.all(synced.map((paged) => paged.sync()));
					await storage.drop();
					await Promise.allSettled(appends);
				});
				await withStorage(host, async (storage) => {
					const found = await openBlobs(storage);
					for (const paged of isEach ? found : found.slice(-1)) {
						assertSame(await paged.read(0, paged.size), filled(200, 1));
					}
				});
			},
		);
	}

	onHost(
		"where journals wait for one another's write buffers, a sync of each covers the appends that were called before it and not awaited",
		async (host) => {
			const names = Array.from({ length: MANY }, (_, index) => `j-${index}`);
			await withStorage(host, async (storage) => {
				const journals = await openJournals(storage, names);
				const appends = journals.flatMap((journal) =>
					[1, 2, 3].map((id) => journal.append(0n, numbered(id))),
				);
				await Promise.all(journals.map((journal) => journal.sync(0n)));
				await storage.drop();
				await Promise.all(appends);
			});
			await withStorage(host, async (storage) => {
				for (const journal of await openJournals(storage, names)) {
					assert.equal(await journal.size(0n), 3 * 8);
				}
			});
		},
	);

	onHost(
		"journals that were written with much memory are all opened, read and written with little",
		async (host) => {
			const names = Array.from({ length: MANY }, (_, index) => `j-${index}`);
			await withStorage(
				host,
				async (storage) => {
					for (const journal of await openJournals(storage, names)) {
						await journal.append(0n, numbered(1));
					}
					await storage.close();
				},
				{ memory: 16 * 1024 * 1024 },
			);
			await withStorage(host, async (storage) => {
				const journals = await openJournals(storage, names);
				for (const journal of journals) {
					await journal.append(0n, numbered(2));
					assertSame(await journal.get(0n, 0), numbered(1));
				}
				for (const journal of journals) {
					assertSame(await journal.get(0n, 1), numbered(2));
				}
				await storage.close();
			});
		},
	);

	for (const [kinds, open] of JOURNAL_KINDS) {
		onHost(
			`${kinds} of several sections that were written with much memory are all open at once with little, appended to, synced and read`,
			(host) =>
				writeManyThenOpen(host, open, MANY_JOURNALS, {
					much: 8 * MEMORY,
					little: MEMORY,
				}),
		);
	}

	test("a section of values gives its write buffer back with that of its entries", async (storage) => {
		const cache = new PageCache(storage, { pageSize: 100, pages: 2 });
		const journal = await OversizedJournal.open(storage, {
			...{ index: "index", values: "values", cache },
			entry: { size: 20, offsetAt: 8, sizeAt: 16 },
			...{ writeBuffer: WRITE_BUFFER, valueBuffer: WRITE_BUFFER },
		});
		const free = contextOf(storage).arena.freeBytes;
		for (let id = 0; id < MANY; id += 1) {
			const section = BigInt(id % 4);
			await journal.append(section, pointer(id), sixteen(id));
		}
		await journal.syncAll();
		assert.equal(contextOf(storage).arena.freeBytes, free);
		assertSame(await journal.getValue(3n, 0, 20), sixteen(3));
	});

	test("a write buffer that could never be had is refused when its blob is opened, and none is taken", async (storage) => {
		const cache = new PageCache(storage, { pageSize: 65535, pages: 1 });
		const blob = await storage.open("pages", "blob");
		const free = contextOf(storage).arena.freeBytes;
		const writeBuffer = 1024 * 1024;
		await assertFails("ERR_MEMORY", () =>
			PagedBlob.open(blob, { cache, writeBuffer }),
		);
		assert.equal(contextOf(storage).arena.freeBytes, free);
	});
}

async function openBlob(
	storage: Storage,
	cache: PageCache,
	name: string,
): Promise<PagedBlob> {
	const blob = await storage.open("pages", name);
	return PagedBlob.open(blob, { cache, writeBuffer: WRITE_BUFFER });
}

async function openBlobs(storage: Storage): Promise<PagedBlob[]> {
	const cache = new PageCache(storage, { pageSize: 100, pages: 2 });
	return Promise.all(
		Array.from({ length: MANY }, (_, index) =>
			openBlob(storage, cache, `blob ${index}`),
		),
	);
}

async function openJournals(
	storage: Storage,
	partitions: readonly string[],
): Promise<FixedJournal[]> {
	const cache = new PageCache(storage, { pageSize: 1024, pages: 2 });
	const journals: FixedJournal[] = [];
	for (const partition of partitions) {
		const entry = { size: 8 };
		journals.push(
			await FixedJournal.open(storage, { partition, cache, entry }),
		);
	}
	return journals;
}

async function pagesOnDisk(paged: PagedBlob | undefined): Promise<number> {
	let count = 0;
	for await (const _ of paged?.pages() ?? []) {
		count += 1;
	}
	return count;
}
