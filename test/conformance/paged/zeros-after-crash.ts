import { assert } from "chai";
import { FixedJournal } from "../../../src/journal/entries/fixed-journal.ts";
import {
	existsRaw,
	namesIn,
	readRaw,
	writeRaw,
} from "../../support/hosts/raw-file.ts";
import type { Suite } from "../../support/runs/suite.ts";
import { sealed } from "../../support/stores/own-files.ts";
import {
	AHEAD,
	fileSize,
	filled,
	HEADER,
	PAGE_SIZE,
	PATH,
	STRIDE,
	syncedPages,
	type ZerosStore,
	zerosTest,
} from "../../support/stores/zeros-store.ts";

const MARKER = "dualslot.open";
const WINDOW = 4 * STRIDE;

/** What recovery makes of zeros ahead that a crash left, in every host. */
export function zerosAfterCrashRows(suite: Suite): void {
	const onStore = zerosTest(suite);

	onStore(
		"zeros that a crash left are cut without a copy, and reported as reserved",
		async (store) => {
			await crashWithZeros(store, 2);
			await store.begin();
			const { recovery, size } = await store.paged();
			assert.equal(size, 2 * PAGE_SIZE);
			const { cut, bytesCut, reserved } = recovery;
			assert.deepEqual(
				{ cut, bytesCut, reserved },
				{ cut: "none", bytesCut: 0, reserved: AHEAD },
			);
			assert.lengthOf(await store.bytes(), fileSize(2));
			assert.notInclude(await namesIn(store.host), "dualslot.cut");
		},
	);

	onStore(
		"a journal reports the zeros behind all of its sections as reserved",
		async (store) => {
			const open = () =>
				FixedJournal.open(store.storage, {
					partition: "entries",
					entry: { size: PAGE_SIZE },
					cache: store.cache(),
				});
			await store.begin();
			const journal = await open();
			for (const section of [1n, 2n]) {
				await journal.append(section, new Uint8Array(PAGE_SIZE));
				await journal.sync(section);
				const path = `entries/000000000000000${section}`;
				await store.bytesOnce(fileSize(1) + AHEAD, path);
			}
			await store.end();
			await store.begin();
			const { reserved, cuts } = (await open()).recovery;
			assert.equal(reserved, 2 * AHEAD);
			assert.lengthOf(cuts, 0);
		},
	);

	onStore(
		"a reader of what a crash left shows no zeros ahead, and cuts none",
		async (store) => {
			await crashWithZeros(store, 2);
			await store.begin({ readOnly: true });
			const { recovery, size } = await store.paged();
			assert.equal(size, 2 * PAGE_SIZE);
			assert.equal(recovery.reserved, AHEAD);
			assert.lengthOf(await store.bytes(), fileSize(2) + AHEAD);
		},
	);

	onStore(
		"of zeros past what the marker says, the rest is cut as a torn tail",
		async (store) => {
			await crashWithZeros(store, 2);
			await setMarker(store, { window: WINDOW, ahead: AHEAD - 3 * STRIDE });
			await store.begin();
			const { recovery } = await store.paged();
			assert.equal(recovery.reserved, AHEAD - 3 * STRIDE);
			assert.equal(recovery.cut, "torn-tail");
			assert.equal(recovery.pagesCut, 3);
		},
	);

	onStore(
		"a marker of format 2 speaks of a writer without zeros ahead, and a damaged one of the most there may be",
		async (store) => {
			for (const [marker, reserved] of [
				[sealed(2, { window: WINDOW, owed: "all" }), undefined],
				[new Uint8Array([1, 2, 3]), AHEAD],
			] as const) {
				await store.host.remove("pages");
				await crashWithZeros(store, 2);
				await writeRaw(store.host, MARKER, marker);
				await store.begin();
				const { recovery, size } = await store.paged();
				assert.equal(size, 2 * PAGE_SIZE);
				assert.equal(recovery.reserved, reserved);
				await store.end();
			}
		},
	);

	onStore(
		"a lost page in the window before the last valid page is a hole, however many zeros follow that",
		async (store) => {
			await crashWithZeros(store, 6);
			await setMarker(store, { window: WINDOW, ahead: AHEAD });
			await store.mangle(HEADER + 3 * STRIDE, new Uint8Array(STRIDE));
			await store.begin();
			const { recovery, size } = await store.paged();
			assert.equal(recovery.cut, "hole");
			assert.equal(size, 3 * PAGE_SIZE);
			assert.equal(recovery.reserved, AHEAD);
		},
	);

	onStore(
		"a page whose first write was torn over zeros ahead is a torn tail, at each byte",
		async (store) => {
			await crashWithZeros(store, 3);
			const whole = (await store.bytes()).slice(0, fileSize(3));
			for (let kept = 1; kept < PAGE_SIZE + 6; kept += 1) {
				const torn = new Uint8Array(fileSize(2) + AHEAD);
				torn.set(whole.subarray(0, fileSize(2) + kept));
				await writeRaw(store.host, PATH, torn);
				await setMarker(store, { window: 8 * 1024 * 1024, ahead: AHEAD });
				await store.begin();
				const { recovery, size } = await store.paged();
				assert.equal(size, 2 * PAGE_SIZE, `${kept} bytes`);
				assert.equal(recovery.cut, "torn-tail");
				assert.isUndefined(recovery.damagedPages, `${kept} bytes`);
				await store.end();
			}
		},
	);

	onStore(
		"a marker that stays for blobs that were not opened still says how many zeros they end with",
		async (store) => {
			await crashWithZeros(store, 2);
			const storage = await store.begin({ ahead: 0 });
			await storage.close();
			assert.isTrue(await existsRaw(store.host, MARKER));
			await store.begin({ ahead: 0 });
			await store.end();
			await store.begin({ ahead: 0 });
			assert.equal((await store.paged()).recovery.reserved, AHEAD);
		},
	);

	onStore(
		"dualslot.open says how many zeros there may be before the first are written",
		async (store) => {
			await store.begin();
			const text = new TextDecoder().decode(await readRaw(store.host, MARKER));
			assert.equal(JSON.parse(text).ahead, AHEAD);
		},
	);
}

async function crashWithZeros(store: ZerosStore, pages: number): Promise<void> {
	await store.begin();
	const paged = await store.paged();
	await syncedPages(paged, pages - 1);
	await filled(store, 1, pages - 1);
	await syncedPages(paged, 1);
	await store.end();
	const bytes = await store.bytes();
	const exact = new Uint8Array(fileSize(pages) + AHEAD);
	exact.set(bytes.subarray(0, fileSize(pages)));
	await writeRaw(store.host, PATH, exact);
}

/** As a writer leaves it that is at work, with all blobs owed a look. */
async function setMarker(
	store: ZerosStore,
	content: { readonly window: number; readonly ahead: number },
): Promise<void> {
	await writeRaw(store.host, MARKER, sealed(3, { ...content, owed: "all" }));
}
