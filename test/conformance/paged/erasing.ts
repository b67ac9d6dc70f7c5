import { assert } from "chai";
import { PartialWriteBlob } from "../../support/hosts/partial-write-blob.ts";
import { BlobLog, TrackingBlob } from "../../support/hosts/tracking-blob.ts";
import { physicalPage, slotLengths } from "../../support/oracles/page.ts";
import { assertSame, pattern } from "../../support/runs/bytes.ts";
import { assertFails, KERNEL_ERROR } from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	type PagedStore,
	pagedTest,
} from "../../support/stores/paged-store.ts";

const PAGE = 103;
const ERASE = { erase: true };

/** What a cut leaves in its page, with `erase` and without. */
export function erasingRows(suite: Suite): void {
	cutRows(suite);
	crashRows(suite);
	openRows(suite);
}

function cutRows(suite: Suite): void {
	const test = pagedTest(suite);

	for (const [slot, sizes] of [
		[2, [90]],
		[1, [40, 90]],
	] as const) {
		test(
			`with erase a cut whose length goes to slot ${slot} leaves zeros behind it and in the other slot`,
			async (store) => {
				const paged = await grown(store, sizes);
				await paged.resize(8);
				const lengths: [number, number] = slot === 1 ? [8, 0] : [0, 8];
				const page = physicalPage(PAGE, pattern(8), ...lengths);
				assertSame(await store.physical(), page);
			},
			ERASE,
		);
	}

	test(
		"with erase a cut within an earlier page, that was full, leaves zeros behind it",
		async (store) => {
			const paged = await grown(store, [2 * PAGE + 20]);
			await paged.resize(PAGE + 8);
			assertSame(
				(await store.physical()).subarray(PAGE + 12),
				physicalPage(PAGE, pattern(8, PAGE), 0, 8),
			);
		},
		ERASE,
	);

	test("without erase the bytes that are cut stay in their page until it is written again", async (store) => {
		const paged = await grown(store, [90]);
		await paged.resize(8);
		const page = await store.physical();
		assertSame(page.subarray(0, 90), pattern(90));
		await paged.append(pattern(1, 8));
		await paged.sync();
		assertSame(
			(await store.physical()).subarray(0, PAGE),
			physicalPage(PAGE, pattern(9), 9).subarray(0, PAGE),
		);
	});

	test(
		"with erase what is cut is overwritten when the old length is retired, and durably before the cut resolves",
		async (store) => {
			const log = new BlobLog();
			await (await grown(store, [40, 90])).close();
			const paged = await store.open((blob) => new TrackingBlob(blob, log));
			await paged.sync();
			log.take();
			await paged.resize(8);
			const [crc, length, retired, ...erased] = log.takeOrder();
			assert.deepEqual(
				[crc, length, retired],
				[
					"range-sync [103,109)",
					"range-sync [103,105)",
					"range-sync [109,111)",
				],
			);
			assert.deepEqual(erased, ["write [8,103)", "write [109,115)", "sync"]);
		},
		ERASE,
	);

	test(
		"with erase a cut blob goes on, and is found with what was appended to it",
		async (store) => {
			let paged = await grown(store, [40, 90]);
			for (const size of [60, 30, 7]) {
				await paged.resize(size);
				await paged.append(pattern(20, size));
				await paged.sync();
				assertSame(await paged.read(0, paged.size), pattern(size + 20));
				store.forgetPages();
				paged = await store.reopen(paged);
				assertSame(await paged.read(0, paged.size), pattern(size + 20));
			}
		},
		ERASE,
	);

	test(
		"with erase a cut whose zeros cannot be written rejects, stands, and is erased by the next open",
		async (store) => {
			const paged = await grown(store, [90]);
			let writes = 0;
			store.host.hooks.write = (_path, _write, call) => {
				writes += 1;
				if (writes === 4) {
					throw KERNEL_ERROR;
				}
				return call();
			};
			await assertFails("ERR_WRITE_FAILED", () => paged.resize(8));
			store.host.hooks = {};
			assert.equal(paged.size, 8);
			await assertFails("ERR_POISONED", () => paged.sync());
			await store.crash(ERASE);
			assert.equal((await store.open()).size, 8);
			assertSame(await store.physical(), physicalPage(PAGE, pattern(8), 0, 8));
		},
		ERASE,
	);
}

function crashRows(suite: Suite): void {
	const test = pagedTest(suite);

	for (const write of [1, 2, 3, 4, 5]) {
		test(
			`with erase a cut whose write ${write} is torn leaves the old length or the new one, and the next open erases`,
			async (store) => {
				for (const kept of [0, 1, 2, 5, 50]) {
					await (await grown(store, [0, 40, 90])).drop();
					const torn: PartialWriteBlob[] = [];
					let paged = await store.open((blob) => {
						torn.push(new PartialWriteBlob(blob, write, kept));
						return torn[0] ?? blob;
					});
					const size = paged.size - 2;
					await paged.resize(size).catch(() => undefined);
					assert.isDefined(torn[0]?.tornLength);
					paged = await store.reopen(paged);
					assert.include([size, size + 2], paged.size);
					assertSame(await paged.read(0, paged.size), pattern(paged.size));
					const found = await store.physical();
					const longer = Math.max(...slotLengths(found));
					const behind = found.subarray(longer, PAGE);
					assertSame(behind, new Uint8Array(behind.length));
					await paged.drop();
				}
			},
			ERASE,
		);
	}
}

function openRows(suite: Suite): void {
	const test = pagedTest(suite);

	test("a session with erase erases what one without has cut from the last page, once what it found is durable", async (store) => {
		const cut = await grown(store, [90]);
		await cut.resize(8);
		await cut.close();
		await store.restart(ERASE);
		const log = new BlobLog();
		const paged = await store.open((blob) => new TrackingBlob(blob, log));
		assert.deepEqual(log.takeOrder(), ["sync", "write [8,109)", "sync"]);
		assert.equal(paged.recovery.otherSlot, "retired");
		assertSame(await store.physical(), physicalPage(PAGE, pattern(8), 0, 8));
		assertSame(await paged.read(0, 8), pattern(8));
	});

	test("a session with erase writes nothing to a page that nothing was cut from", async (store) => {
		await (await grown(store, [40, 90])).close();
		await store.restart(ERASE);
		const log = new BlobLog();
		await store.open((blob) => new TrackingBlob(blob, log));
		assert.deepEqual(log.takeOrder(), []);
	});

	test("a session with erase leaves what lies behind a length that a crash tore until the page is written again", async (store) => {
		const torn = physicalPage(PAGE, pattern(PAGE), 40, 90);
		torn[PAGE + 9] = ~(torn[PAGE + 9] ?? 0);
		const blob = await store.blob();
		await blob.write(0, torn);
		await blob.close();
		await store.restart(ERASE);
		const paged = await store.open();
		assert.equal(paged.size, 40);
		const page = await store.physical();
		assertSame(page.subarray(0, 90), pattern(90));
		assertSame(page.subarray(90, PAGE), new Uint8Array(PAGE - 90));
	});

	test("a session with erase that is open to read only erases nothing", async (store) => {
		const cut = await grown(store, [90]);
		await cut.resize(8);
		await cut.close();
		const before = await store.physical();
		await store.restart({ ...ERASE, readOnly: true });
		assert.equal((await store.open()).size, 8);
		assertSame(await store.physical(), before);
	});
}

/** The blob, synced at each of these sizes: cut to the first, and grown to the others. */
async function grown(store: PagedStore, sizes: readonly number[]) {
	const paged = await store.open();
	for (const size of sizes) {
		await paged.resize(Math.min(size, paged.size));
		await paged.append(pattern(size - paged.size, paged.size));
		await paged.sync();
	}
	return paged;
}
