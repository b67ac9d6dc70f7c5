import { assert } from "chai";
import { assertSame, filled, pattern } from "../../support/bytes.ts";
import { assertFails } from "../../support/failure.ts";
import { PagedStore, pagedTest } from "../../support/paged-store.ts";
import { mangleRaw, readRaw } from "../../support/raw-file.ts";
import type { Suite } from "../../support/suite.ts";

const HEADER = 8;
const RECORD = 12;
const PAGES = 6;
const DAMAGED = 2;

/** A page within the window of a store that crashed, that no torn write can have left as it is. */
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
		`a damaged page of ${pageSize} bytes right before a torn one leaves with it, and a copy is kept`,
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
			const paged = await store.open();
			assert.include(paged.recovery, {
				size: (DAMAGED - 1) * pageSize,
				cut: "hole",
			});
			assert.isDefined(paged.recovery.copy);
			assert.notProperty(paged.recovery, "damagedPages");
		},
		sizes,
	);
}

/** Full pages, synced, of a writer that crashes then. */
async function writeAll(store: PagedStore, content: Uint8Array): Promise<void> {
	const paged = await store.open();
	await paged.append(content);
	await paged.sync();
	await store.storage.drop();
}

/** Flips the lowest bit of a byte of the file. */
async function flip(store: PagedStore, at: number): Promise<void> {
	const [byte = 0] = (await readRaw(store.host, PagedStore.PATH)).slice(at);
	const flipped = new Uint8Array([byte ^ 1]);
	await mangleRaw(store.host, PagedStore.PATH, at, flipped);
}
