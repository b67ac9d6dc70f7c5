import { assert } from "chai";
import { PartialWriteBlob } from "../../support/hosts/partial-write-blob.ts";
import { assertSame, fromHex, pattern } from "../../support/runs/bytes.ts";
import { failureOf } from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	type PagedStore,
	pagedTest,
} from "../../support/stores/paged-store.ts";

const LARGE = { pageSize: 600, writeBuffer: 1200 };

interface TornShrink {
	/** The sizes that are synced before. */
	readonly sizes: readonly number[];
	readonly to: number;
	/** The write that is torn, and after how many bytes. */
	readonly tear: readonly [write: number, kept: number];
	readonly tornLength: number;
	readonly found: number;
}

/** A cut within a page is three writes. Whichever is torn, the old length or the new one counts. */
export function shrinkRows(suite: Suite): void {
	const test = pagedTest(suite);

	test("a cut whose checksum is torn leaves the old length [test_resize_same_page_shrink_survives_interrupted_crc_stage]", (store) =>
		tornShrink(store, {
			sizes: [40, 50],
			to: 45,
			tear: [1, 3],
			tornLength: 6,
			found: 50,
		}));

	test(
		"a cut whose new length is torn leaves the old length [test_resize_same_page_shrink_survives_interrupted_len_stage]",
		(store) =>
			tornShrink(store, {
				sizes: [255, 300],
				to: 257,
				tear: [2, 1],
				tornLength: 2,
				found: 300,
			}),
		LARGE,
	);

	test("a cut from a full page whose checksum is torn leaves the old length of the page that is last now [test_resize_full_page_to_partial_survives_interrupted_crc_stage]", (store) =>
		tornShrink(store, {
			sizes: [309],
			to: 148,
			tear: [1, 3],
			tornLength: 6,
			found: 206,
		}));

	test(
		"a cut whose old length is retired by half leaves the new length [test_resize_same_page_shrink_survives_interrupted_length_invalidation]",
		(store) =>
			tornShrink(store, {
				sizes: [255, 300],
				to: 40,
				tear: [3, 1],
				tornLength: 2,
				found: 40,
			}),
		LARGE,
	);

	test("a cut never writes over the slot that a fallback counts on [test_resize_same_page_shrink_preserves_validated_fallback_slot]", async (store) => {
		const torn: PartialWriteBlob[] = [];
		let paged = await store.open((blob) => {
			torn.push(new PartialWriteBlob(blob, 5, 3));
			return torn[0] ?? blob;
		});
		for (const [size, writes] of [
			[48, 1],
			[50, 3],
			[52, 4],
		] as const) {
			await paged.append(pattern(size - paged.size, paged.size));
			await paged.sync();
			assert.equal(torn[0]?.writes, writes);
		}
		await store.mangle(103, fromHex("0000 deadbeef"));
		await failureOf(() => paged.resize(45));
		assert.equal(torn[0]?.writes, 5);
		assert.equal(torn[0]?.tornLength, 6);
		paged = await store.reopen(paged);
		assert.equal(paged.size, 50);
		assertSame(await paged.read(0, 50), pattern(50));
	});

	for (const [write, length] of [
		[1, 6],
		[2, 2],
		[3, 2],
	] as const) {
		for (let kept = 0; kept <= length; kept += 1) {
			test(
				`a cut torn after ${kept} bytes of its write ${write} leaves the old length or the new one`,
				async (store) => {
					await write300(store, [255, 300]);
					let paged = await store.open(
						(blob) => new PartialWriteBlob(blob, write, kept),
					);
					await failureOf(() => paged.resize(257));
					paged = await store.reopen(paged);
					assert.include([257, 300], paged.size);
					assertSame(await paged.read(0, paged.size), pattern(paged.size));
				},
				LARGE,
			);
		}
	}
}

async function tornShrink(
	store: PagedStore,
	{ sizes, to, tear, tornLength, found }: TornShrink,
): Promise<void> {
	await write300(store, sizes);
	const torn: PartialWriteBlob[] = [];
	let paged = await store.open((blob) => {
		torn.push(new PartialWriteBlob(blob, ...tear));
		return torn[0] ?? blob;
	});
	const error = await failureOf(() => paged.resize(to));
	assert.propertyVal(error, "message", "torn write");
	assert.equal(torn[0]?.writes, tear[0]);
	assert.equal(torn[0]?.tornLength, tornLength);
	paged = await store.reopen(paged);
	assert.equal(paged.size, found);
	assertSame(await paged.read(0, found), pattern(found));
}

async function write300(
	store: PagedStore,
	sizes: readonly number[],
): Promise<void> {
	const paged = await store.open();
	for (const size of sizes) {
		await paged.append(pattern(size - paged.size, paged.size));
		await paged.sync();
	}
	await paged.drop();
}
