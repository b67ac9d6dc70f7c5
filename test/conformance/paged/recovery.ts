import { assert } from "chai";
import { PageCache } from "../../../src/paged/cache.ts";
import { PagedBlob } from "../../../src/paged/paged-blob.ts";
import { contextOf } from "../../../src/storage/storage.ts";
import { imageOf, namesIn, readRaw } from "../../support/hosts/raw-file.ts";
import { physicalPage } from "../../support/oracles/page.ts";
import {
	assertSame,
	filled,
	joined,
	pattern,
} from "../../support/runs/bytes.ts";
import { assertFails } from "../../support/runs/failure.ts";
import { placesOf } from "../../support/runs/share.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	type PagedStore,
	pagedTest,
} from "../../support/stores/paged-store.ts";

/** The report of opening a whole blob. */
const CLEAN = {
	pagesCut: 0,
	bytesCut: 0,
	cut: "none",
	foundCrash: false,
	otherSlot: "empty",
	revivable: 0,
} as const;

export function recoveryRows(suite: Suite): void {
	reportRows(suite);
	tailRows(suite);
	pageSizeRows(suite);
}

function reportRows(suite: Suite): void {
	const test = pagedTest(suite);

	test("opening an empty blob reports that nothing was found", async (store) => {
		const { recovery } = await store.open();
		const nothing = {
			size: 0,
			pagesScanned: 0,
			pagesKept: 0,
			slot: 0,
		} as const;
		assert.deepEqual(recovery, { ...CLEAN, ...nothing });
	});

	test("opening a blob reads its last page alone, and reports the slot that counted", async (store) => {
		let paged = await store.open();
		await paged.append(pattern(250));
		await paged.close();
		paged = await store.open();
		const found = {
			size: 250,
			pagesScanned: 1,
			pagesKept: 3,
			slot: 1,
		} as const;
		assert.deepEqual(paged.recovery, { ...CLEAN, ...found });
		await paged.append(pattern(10, 250));
		await paged.close();
		paged = await store.open();
		assert.include(paged.recovery, { size: 260, slot: 2, otherSlot: "valid" });
	});

	test("a slot that a cut retired is reported, with how much it would still validate", async (store) => {
		let paged = await store.open();
		await paged.append(pattern(50));
		await paged.resize(45);
		await paged.close();
		paged = await store.open();
		assert.include(paged.recovery, {
			size: 45,
			slot: 2,
			otherSlot: "retired",
			revivable: 50,
		});
	});
}

function tailRows(suite: Suite): void {
	const test = pagedTest(suite);

	test("what lies behind the last valid page is cut, durably, and a copy of it is kept", async (store) => {
		let paged = await store.open();
		await paged.append(pattern(206));
		await paged.close();
		const junk = joined(filled(115, 0xee), filled(20, 0xdd));
		await store.mangle(230, junk);
		paged = await store.open();
		const { copy, ...report } = paged.recovery;
		assert.deepEqual(report, {
			...CLEAN,
			size: 206,
			pagesScanned: 3,
			pagesKept: 2,
			pagesCut: 1,
			bytesCut: 135,
			cut: "torn-tail",
			slot: 1,
		});
		assert.equal(copy, "dualslot.cut/partition.626c6f62.230.0");
		assertSame(await readRaw(store.host, copy ?? ""), junk);
		assert.lengthOf(await store.physical(), 230);
		assertSame(await paged.read(0, 206), pattern(206));
	});

	test("every torn length of the last page leaves what was whole before it", async (store) => {
		const whole = joined(
			physicalPage(103, pattern(103), 103),
			physicalPage(103, pattern(103, 103), 103),
		);
		for (const length of placesOf(whole.length)) {
			const blob = await store.blob();
			await blob.resize(0);
			await blob.write(0, whole.subarray(0, length));
			await blob.drop();
			const paged = await store.open();
			const size = Math.floor(length / 115) * 103;
			assert.equal(paged.size, size);
			assertSame(await paged.read(0, size), pattern(size));
			await paged.drop();
		}
	});

	test("a failed read is never taken for damage", async (store) => {
		let paged = await store.open();
		await paged.append(pattern(250));
		await paged.close();
		// The last page is torn, so that the scan needs a second read.
		await store.mangle(333, filled(12, 0xff));
		const before = await store.physical();
		const free = contextOf(store.storage).arena.freeBytes;
		for (const failing of [1, 2]) {
			let reads = 0;
			const blob = await store.blob();
			store.host.hooks.read = (_path, call) => {
				reads += 1;
				if (reads === failing) {
					throw new Error("unreadable");
				}
				return call();
			};
			await assertFails("ERR_READ_FAILED", () =>
				PagedBlob.open(blob, { cache: store.cache, writeBuffer: 206 }),
			);
			store.host.hooks = {};
			await blob.drop();
			assertSame(await store.physical(), before);
			assert.equal(
				contextOf(store.storage).arena.freeBytes,
				free,
				"memory is given back",
			);
		}
		paged = await store.open();
		assert.equal(paged.size, 206);
	});

	test(
		"a store without metadata keeps no copy of what it cuts",
		async (store) => {
			let paged = await store.open();
			await paged.append(pattern(206));
			await paged.close();
			await store.mangle(230, filled(135, 0xee));
			paged = await store.open();
			assert.notProperty(paged.recovery, "copy");
			assert.include(paged.recovery, { cut: "torn-tail", bytesCut: 135 });
			assert.deepEqual(await namesIn(store.host), ["partition"]);
		},
		{ metadata: false },
	);
}

function pageSizeRows(suite: Suite): void {
	const test = pagedTest(suite);

	test(
		"a foreign blob opened with a wrong page size is refused by the right one, and keeps every byte",
		async (store) => {
			const paged = await store.open();
			await paged.append(pattern(1000));
			await paged.close();
			await store.restart({ metadata: true });
			const before = await imageOf(store.host);
			for (const pageSize of [102, 104, 64, 1000, 4096]) {
				const cache = new PageCache(store.storage, { pageSize, pages: 1 });
				const blob = await store.blob();
				const error = await assertFails("ERR_PAGE_SIZE", () =>
					PagedBlob.open(blob, { cache, writeBuffer: 1 }),
				);
				assert.include(error.message, "103");
				assert.include(error.place, { expected: "103", found: pageSize });
				await blob.drop();
				cache.close();
			}
			assert.deepEqual(await imageOf(store.host), before);
		},
		{ metadata: false },
	);

	test(
		"a first page whose second slot is torn off opens in a store without metadata, and no byte is lost, though a page shorter by a slot fits it",
		async (store) => {
			const paged = await store.open();
			await paged.append(pattern(40));
			await paged.close();
			const blob = await store.blob();
			await blob.resize(103 + 6 + 3);
			await blob.close();
			const found = await store.open();
			assertSame(await found.read(0, found.size), pattern(40));
			await found.append(pattern(100, 40));
			await found.sync();
			await store.crash();
			const again = await store.open();
			assertSame(await again.read(0, again.size), pattern(140));
		},
		{ metadata: false },
	);

	test(
		"a page of two slots in a store without metadata is not taken for a longer one whose second slot is torn off",
		async (store) => {
			const paged = await store.open();
			for (const length of [40, 10]) {
				await paged.append(pattern(length));
				await paged.sync();
			}
			await paged.close();
			const cache = new PageCache(store.storage, { pageSize: 109, pages: 1 });
			const blob = await store.blob();
			await assertFails("ERR_PAGE_SIZE", () => PagedBlob.open(blob, { cache }));
			await blob.drop();
			assert.equal((await store.open()).size, 50);
		},
		{ metadata: false },
	);

	test("a blob with nothing valid, in a partition that nothing is known of, is cut and kept as a copy", async (store) => {
		await store.mangle(0, filled(200, 0xee));
		const paged = await store.open();
		assert.equal(paged.size, 0);
		const { cut, bytesCut, copy } = paged.recovery;
		assert.deepEqual([cut, bytesCut], ["nothing-valid", 200]);
		assertSame(await readRaw(store.host, copy ?? ""), filled(200, 0xee));
	});

	test("a blob longer than the window, of which nothing near the end is valid, is refused whole", async (store) => {
		await growRaw(store, 8 * 1024 * 1024 + 115);
		await assertFails("ERR_PAGE_SIZE", () => store.open());
		const blob = await store.blob();
		assert.equal(blob.size, 8 * 1024 * 1024 + 115);
	});
}

async function growRaw(store: PagedStore, size: number): Promise<void> {
	const blob = await store.blob();
	await blob.resize(size);
	await blob.close();
}
