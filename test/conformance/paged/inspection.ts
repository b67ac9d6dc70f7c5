import { assert } from "chai";
import type { PageInspection } from "../../../src/paged/inspection.ts";
import type { PagedBlob } from "../../../src/paged/paged-blob.ts";
import { crc32c } from "../../support/oracles/crc32c.ts";
import { filled, pattern } from "../../support/runs/bytes.ts";
import type { Suite } from "../../support/runs/suite.ts";
import { pagedTest } from "../../support/stores/paged-store.ts";

const EMPTY = { state: "empty", length: 0, crc: 0 } as const;

export function inspectionRows(suite: Suite): void {
	const test = pagedTest(suite);

	test("pages shows each page on disk, with its slots and what they make of it", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(309));
		await paged.append(pattern(20, 309));
		await paged.sync();
		await paged.append(pattern(5, 329));
		await paged.sync();
		await store.mangle(115 + 50, filled(1, 0xff));
		const [first, second, , last] = await inspect(paged);
		const full = crc32c(pattern(103));
		assert.deepEqual(first, {
			page: 0,
			physicalOffset: 0,
			verdict: "full",
			slot: 1,
			length: 103,
			first: { state: "valid", length: 103, crc: full },
			second: EMPTY,
		});
		assert.deepEqual(second, {
			page: 1,
			physicalOffset: 115,
			verdict: "invalid",
			slot: 0,
			length: 0,
			first: {
				state: "mismatch",
				length: 103,
				crc: crc32c(pattern(103, 103)),
			},
			second: EMPTY,
		});
		assert.deepEqual(last, {
			page: 3,
			physicalOffset: 345,
			verdict: "partial",
			slot: 2,
			length: 25,
			first: { state: "valid", length: 20, crc: crc32c(pattern(20, 309)) },
			second: { state: "valid", length: 25, crc: crc32c(pattern(25, 309)) },
		});
	});

	test("pages sees nothing of what is only buffered, and changes nothing", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(50));
		assert.deepEqual(await inspect(paged), []);
		assert.lengthOf(await store.physical(), 0);
	});

	test("pages shows thousands of pages, in order", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(103 * 3000));
		await paged.sync();
		const pages = await inspect(paged);
		assert.lengthOf(pages, 3000);
		assert.isTrue(
			pages.every(({ page, verdict }, at) => page === at && verdict === "full"),
		);
	});
}

async function inspect(paged: PagedBlob): Promise<PageInspection[]> {
	const pages: PageInspection[] = [];
	for await (const page of paged.pages()) {
		pages.push(page);
	}
	return pages;
}
