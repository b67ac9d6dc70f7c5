import { assert } from "chai";
import { mangleRaw, namesIn, readRaw } from "../../support/hosts/raw-file.ts";
import { assertSame, filled, pattern } from "../../support/runs/bytes.ts";
import { assertFails } from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import { PagedStore, pagedTest } from "../../support/stores/paged-store.ts";

const PAGE = 115;
const HEADER = 8;
const COPY = "dualslot.cut/partition.626c6f62.230.0";

/** A hole: a page that never reached the disk, before one that did. */
export function crashRows(suite: Suite): void {
	const test = pagedTest(suite);

	test("after a crash of ours a hole is cut with all behind it, and a copy is kept", async (store) => {
		await writePages(store);
		await store.storage.drop();
		await holeAtPage(store, 2);
		const behind = (await readRaw(store.host, PagedStore.PATH)).slice(
			HEADER + 2 * PAGE,
		);
		await store.crash();
		const paged = await store.open();
		assert.deepEqual(paged.recovery, {
			size: 206,
			pagesScanned: 6,
			pagesKept: 2,
			pagesCut: 3,
			bytesCut: 3 * PAGE,
			cut: "hole",
			copy: COPY,
			foundCrash: true,
			slot: 1,
			otherSlot: "empty",
			revivable: 0,
		});
		assertSame(await readRaw(store.host, COPY), behind);
		assert.lengthOf(await store.physical(), 2 * PAGE);
		assertSame(await paged.read(0, 206), pattern(206));
		await paged.append(pattern(309, 206));
		await paged.sync();
		assertSame(await paged.read(0, 515), pattern(515));
	});

	test("a page that is there in part counts for that part, and the hole begins behind it", async (store) => {
		await writePages(store, [40, 475]);
		await store.storage.drop();
		await mangleRaw(store.host, PagedStore.PATH, HEADER + 109, filled(6, 0));
		await store.crash();
		const paged = await store.open();
		assert.include(paged.recovery, { size: 40, cut: "hole", pagesCut: 4 });
		assertSame(await paged.read(0, 40), pattern(40));
	});

	test("a hole in the first page leaves an empty blob", async (store) => {
		await writePages(store);
		await store.storage.drop();
		await holeAtPage(store, 0);
		await store.crash();
		const paged = await store.open();
		assert.include(paged.recovery, { size: 0, cut: "hole", pagesCut: 5 });
		assert.isDefined(paged.recovery.copy);
	});

	test("two cuts of one blob are both kept", async (store) => {
		for (const copies of [1, 2]) {
			const paged = await store.open();
			await paged.append(pattern(515 - paged.size, paged.size));
			await paged.sync();
			await store.storage.drop();
			await holeAtPage(store, 2);
			await store.crash();
			await (await store.open()).drop();
			assert.lengthOf(await namesIn(store.host, "dualslot.cut"), copies);
			await store.crash();
		}
	});

	test("after a clean close a hole is damage: nothing is cut, and what is behind it is read", async (store) => {
		await writePages(store);
		await store.storage.close();
		await holeAtPage(store, 2);
		await store.crash();
		const paged = await store.open();
		assert.include(paged.recovery, {
			size: 515,
			cut: "none",
			foundCrash: false,
			pagesScanned: 1,
		});
		await assertFails("ERR_INVALID_CHECKSUM", () => paged.read(206, 1));
		await assertFails("ERR_INVALID_CHECKSUM", () => paged.read(308, 1));
		assertSame(await paged.read(0, 206), pattern(206));
		assertSame(await paged.read(309, 206), pattern(206, 309));
		assert.lengthOf(await store.physical(), 5 * PAGE);
		assert.notInclude(await namesIn(store.host), "dualslot.cut");
	});

	test("a store opened for reading reports the hole after a crash, and cuts nothing", async (store) => {
		await writePages(store);
		await store.storage.drop();
		await holeAtPage(store, 2);
		await store.crash({ readOnly: true });
		const paged = await store.open();
		assert.include(paged.recovery, { size: 206, cut: "hole", bytesCut: 345 });
		assert.notProperty(paged.recovery, "copy");
		assertSame(await paged.read(0, 206), pattern(206));
		assert.lengthOf(await store.physical(), 5 * PAGE);
	});

	test(
		"a torn tail that a crash of ours explains is cut without a copy",
		async (store) => {
			await writePages(store);
			await store.storage.drop();
			await holeAtPage(store, 4);
			await store.crash();
			const paged = await store.open();
			assert.include(paged.recovery, {
				size: 412,
				cut: "torn-tail",
				pagesCut: 1,
			});
			assert.notProperty(paged.recovery, "copy");
		},
		{ ahead: 0 },
	);

	test("after a crash no more is read than the window, however long the blob", async (store) => {
		const paged = await store.open();
		const chunk = pattern(103 * 1000);
		for (let written = 0; written < 110; written += 1) {
			await paged.append(chunk);
		}
		await paged.sync();
		await store.crash();
		const reopened = await store.open();
		const pages = Math.ceil((8 * 1024 * 1024) / PAGE);
		assert.include(reopened.recovery, { foundCrash: true, size: 11_330_000 });
		assert.isAtMost(reopened.recovery.pagesScanned, pages + 2);
	});
}

async function writePages(
	store: PagedStore,
	lengths: readonly number[] = [515],
): Promise<void> {
	const paged = await store.open();
	for (const length of lengths) {
		await paged.append(pattern(length, paged.size));
		await paged.sync();
	}
	assert.equal(paged.size, 515);
}

async function holeAtPage(store: PagedStore, page: number): Promise<void> {
	const at = HEADER + page * PAGE;
	await mangleRaw(store.host, PagedStore.PATH, at, filled(PAGE, 0));
}
