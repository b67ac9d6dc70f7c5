import { assert } from "chai";
import type { PagedBlob } from "../../../src/paged/paged-blob.ts";
import { mangleRaw, readRaw } from "../../support/hosts/raw-file.ts";
import { assertSame, filled, pattern } from "../../support/runs/bytes.ts";
import { assertFails } from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import { PagedStore, pagedTest } from "../../support/stores/paged-store.ts";

const HEADER = 8;
const RECORD = 12;
const PAGES = 6;
const DAMAGED = 2;

/** A page within the window of a crashed store that no torn write can have left. */
export function windowDamageRows(suite: Suite): void {
	for (const pageSize of [103, 500, 1000, 4084]) {
		rows(suite, pageSize);
	}
}

function rows(suite: Suite, pageSize: number): void {
	const test = pagedTest(suite);
	const sizes = { pageSize, writeBuffer: 2 * pageSize, cachePages: 4 };
	const start = HEADER + DAMAGED * (pageSize + RECORD);
	const size = PAGES * pageSize;
	const content = pattern(size).map((byte) => byte | 1);

	for (const [what, at] of [
		["first byte", 0],
		["last byte", pageSize - 1],
		["slot's length", pageSize],
		["slot's checksum", pageSize + 3],
	] as const) {
		test(
			`after a crash of ours one flipped bit in a page of ${pageSize} bytes, of its ${what}, is damage: all pages behind it stay`,
			async (store) => {
				await writeAll(store, content);
				await flip(store, start + at);
				await store.crash();
				const paged = await store.open();
				assert.include(paged.recovery, { size, cut: "none", damagedPages: 1 });
				const error = await assertFails("ERR_INVALID_CHECKSUM", () =>
					paged.read(DAMAGED * pageSize, 1),
				);
				assert.include(error.place, { page: DAMAGED });
				const behind = (DAMAGED + 1) * pageSize;
				assertSame(
					await paged.read(0, DAMAGED * pageSize),
					content.subarray(0, DAMAGED * pageSize),
				);
				assertSame(
					await paged.read(behind, size - behind),
					content.subarray(behind),
				);
				await paged.append(content);
				await paged.sync();
				assertSame(await paged.read(size, size), content);
			},
			sizes,
		);
	}

	test(
		`after a crash of ours a page of ${pageSize} bytes of which a sector reads as zeros is torn, and damage before it stays`,
		async (store) => {
			await writeAll(store, content);
			await flip(store, HEADER);
			const sector = Math.ceil(start / 512) * 512;
			const isWithin = sector + 512 <= start + pageSize;
			await mangleRaw(
				store.host,
				PagedStore.PATH,
				isWithin ? sector : start,
				filled(isWithin ? 512 : pageSize + RECORD, 0),
			);
			await store.crash();
			const paged = await store.open();
			assert.include(paged.recovery, {
				size: DAMAGED * pageSize,
				cut: "hole",
				damagedPages: 1,
			});
			await assertFails("ERR_INVALID_CHECKSUM", () => paged.read(0, 1));
		},
		sizes,
	);

	test(
		`a damaged page of ${pageSize} bytes right before a torn one stays, and what is appended goes behind it`,
		async (store) => {
			await writeAll(store, content);
			await flip(store, start - RECORD - pageSize);
			await mangleRaw(
				store.host,
				PagedStore.PATH,
				start,
				filled(pageSize + RECORD, 0),
			);
			await store.crash();
			const size = DAMAGED * pageSize;
			const paged = await store.open();
			assert.include(paged.recovery, { size, cut: "hole", damagedPages: 1 });
			assert.isDefined(paged.recovery.copy);
			await assertEndsDamaged(store, paged, size, pageSize, content);
		},
		sizes,
	);

	for (const [what, pages] of [
		["the last page", 1],
		["the last three pages", 3],
	] as const) {
		test(
			`after a crash of ours wrong bytes in ${what} of ${pageSize} bytes are damage: what was full stays, and what is appended goes behind it`,
			async (store) => {
				await writeAll(store, content);
				const first = (PAGES - pages) * (pageSize + RECORD);
				for (let page = 0; page < pages; page += 1) {
					await flip(store, HEADER + first + page * (pageSize + RECORD) + 1);
				}
				await store.crash();
				const paged = await store.open();
				assert.include(paged.recovery, {
					...{ size, cut: "none", damagedPages: pages },
				});
				const whole = (PAGES - pages) * pageSize;
				assertSame(await paged.read(0, whole), content.subarray(0, whole));
				await assertEndsDamaged(store, paged, size, pageSize, content);
			},
			sizes,
		);
	}

	test(
		`a damaged last page of ${pageSize} bytes that was not full is cut after a crash, with a copy, and called damage`,
		async (store) => {
			await writeAll(store, content.subarray(0, size - 1));
			await flip(store, HEADER + (PAGES - 1) * (pageSize + RECORD));
			await store.crash();
			const paged = await store.open();
			assert.include(paged.recovery, {
				...{ size: size - pageSize, cut: "torn-tail", damagedPages: 1 },
			});
			assert.isDefined(paged.recovery.copy);
		},
		sizes,
	);

	steppedRows(suite, pageSize);
}

/** Pages that were filled in synced steps: full pages have two slots. */
function steppedRows(suite: Suite, pageSize: number): void {
	const test = pagedTest(suite);
	const sizes = { pageSize, writeBuffer: 2 * pageSize, cachePages: 4 };
	const start = HEADER + DAMAGED * (pageSize + RECORD);
	const content = pattern(PAGES * pageSize).map((byte) => byte | 1);
	const step = Math.floor(pageSize / 4);
	const half = DAMAGED * pageSize + 2 * step;
	const size = PAGES * pageSize;

	test(
		`after a crash of ours a slot of a page of ${pageSize} bytes that says a length which no write gave it is damage: what the other one vouches for is read, and all behind the page`,
		async (store) => {
			await writeAll(store, content, [half, size]);
			await flip(store, start + pageSize + 7);
			await store.crash();
			const paged = await store.open();
			const isMixable = (start + pageSize + 6) % 512 > 506;
			assert.isFalse(isMixable);
			await assertDamagedFrom(paged, half, pageSize, content);
		},
		sizes,
	);

	test(
		`after a crash of ours damage that leaves a page of ${pageSize} bytes one slot is told where a later page was written after a sync`,
		async (store) => {
			const last = (PAGES - 1) * pageSize;
			await writeAll(store, content, [
				...[half, last + step, last + 2 * step, size],
			]);
			await flip(store, start + pageSize - 1);
			await store.crash();
			const paged = await store.open();
			await assertDamagedFrom(paged, half, pageSize, content);
		},
		sizes,
	);

	test(
		`after a crash of ours damage that leaves a page of ${pageSize} bytes one slot is cut like a torn write where no later page tells of a sync`,
		async (store) => {
			await writeAll(store, content, [half, size]);
			await flip(store, start + pageSize - 1);
			await store.crash();
			const paged = await store.open();
			assert.include(paged.recovery, { size: half, cut: "hole" });
			assert.isDefined(paged.recovery.copy);
			assert.notProperty(paged.recovery, "damagedPages");
		},
		sizes,
	);

	test(
		`after a crash of ours zeros in a page of ${pageSize} bytes are cut, as what a torn truncation leaves, though a later page was written after a sync`,
		async (store) => {
			const last = (PAGES - 1) * pageSize;
			await writeAll(store, content, [last + step, last + 2 * step, size]);
			const zeros = filled(pageSize + RECORD, 0);
			await mangleRaw(store.host, PagedStore.PATH, start, zeros);
			await store.crash();
			const paged = await store.open();
			assert.include(paged.recovery, {
				...{ size: DAMAGED * pageSize, cut: "hole" },
			});
			assert.isDefined(paged.recovery.copy);
		},
		sizes,
	);
}

/** One page is damaged from an offset on; all else is read, and the blob goes on. */
async function assertDamagedFrom(
	paged: PagedBlob,
	from: number,
	pageSize: number,
	content: Uint8Array,
): Promise<void> {
	const size = content.length;
	assert.include(paged.recovery, { size, cut: "none", damagedPages: 1 });
	assertSame(await paged.read(0, from), content.subarray(0, from));
	const error = await assertFails("ERR_INVALID_CHECKSUM", () =>
		paged.read(from, 1),
	);
	assert.include(error.place, { page: DAMAGED });
	const behind = (DAMAGED + 1) * pageSize;
	assertSame(await paged.read(behind, size - behind), content.subarray(behind));
	await paged.append(content);
	await paged.sync();
	assertSame(await paged.read(size, size), content);
}

/**
 * The blob ends with a damaged page, even after a clean close. New bytes are appended behind it.
 */
async function assertEndsDamaged(
	store: PagedStore,
	found: PagedBlob,
	size: number,
	pageSize: number,
	content: Uint8Array,
): Promise<void> {
	let paged = found;
	for (let count = 0; count < 2; count += 1) {
		assert.equal(paged.size, size);
		const error = await assertFails("ERR_INVALID_CHECKSUM", () =>
			paged.read(size - 1, 1),
		);
		assert.include(error.place, { page: size / pageSize - 1 });
		await store.restart();
		paged = await store.open();
	}
	await paged.append(content);
	await paged.sync();
	await store.restart();
	paged = await store.open();
	assert.include(paged.recovery, { cut: "none", foundCrash: false });
	assertSame(await paged.read(size, content.length), content);
	await assertFails("ERR_INVALID_CHECKSUM", () => paged.read(size - 1, 1));
}

/** Writes up to each size, syncs, and crashes at last. */
async function writeAll(
	store: PagedStore,
	content: Uint8Array,
	sizes: readonly number[] = [content.length],
): Promise<void> {
	const paged = await store.open();
	for (const size of sizes) {
		await paged.append(content.subarray(paged.size, size));
		await paged.sync();
	}
	await store.storage.drop();
}

/** Flips the lowest bit of a byte of the file. */
async function flip(store: PagedStore, at: number): Promise<void> {
	const [byte = 0] = (await readRaw(store.host, PagedStore.PATH)).slice(at);
	const flipped = new Uint8Array([byte ^ 1]);
	await mangleRaw(store.host, PagedStore.PATH, at, flipped);
}
