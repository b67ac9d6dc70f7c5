import { assert } from "chai";
import type { PagedBlob } from "../../src/paged/paged-blob.ts";
import { BlobLog, TrackingBlob } from "../support/hosts/tracking-blob.ts";
import { bytesOf, fromHex, toHex } from "../support/runs/bytes.ts";
import type { Suite } from "../support/runs/suite.ts";
import { pagedTest } from "../support/stores/paged-store.ts";

interface GoldenStep {
	readonly name: string;
	readonly step: (paged: PagedBlob) => Promise<void>;
	/** The blob's calls, in order. */
	readonly calls: readonly string[];
	/** Its physical pages after them. */
	readonly pages: readonly string[];
}

const PAGE_0_OF_FOUR =
	"68656c6c6f20776f726c643031323334 000b c99465aa 0010 9a37b09c";

/**
 * The format's own vectors: one blob of 16-byte pages, from its first byte to a reopen after three
 * cuts.
 */
const STEPS: readonly GoldenStep[] = [
	{
		name: "syncing an empty blob",
		step: (paged) => paged.sync(),
		calls: ["sync"],
		pages: [],
	},
	{
		name: "the first record of a page",
		step: (paged) => appendAndSync(paged, "hello"),
		calls: ["range-sync [0,28) 68656c6c6f 00x11 0005 9a71bb4c 0000 00000000"],
		pages: ["68656c6c6f 00x11 0005 9a71bb4c 0000 00000000"],
	},
	{
		name: "the second record, around slot 1",
		step: (paged) => appendAndSync(paged, " wor"),
		calls: [
			"write [5,16) 20776f72 00x7",
			"write [22,28) 0009 f1b8ac25",
			"sync",
		],
		pages: ["68656c6c6f20776f72 00x7 0005 9a71bb4c 0009 f1b8ac25"],
	},
	{
		name: "the third record, before slot 2",
		step: (paged) => appendAndSync(paged, "ld"),
		calls: ["range-sync [9,22) 6c64 00x5 000b c99465aa"],
		pages: ["68656c6c6f20776f726c64 00x5 000b c99465aa 0009 f1b8ac25"],
	},
	{
		name: "a full page and the next",
		step: (paged) => appendAndSync(paged, "0123456789"),
		calls: [
			"write [11,16) 3031323334",
			"write [22,56) 0010 9a37b09c 3536373839 00x11 0005 83b565d8 0000 00000000",
			"sync",
		],
		pages: [PAGE_0_OF_FOUR, "3536373839 00x11 0005 83b565d8 0000 00000000"],
	},
	{
		name: "a cut within the last page",
		step: (paged) => paged.resize(18),
		calls: [
			"range-sync [50,56) 0000 fa4532a3",
			"range-sync [50,52) 0002",
			"range-sync [44,46) 0000",
		],
		pages: [PAGE_0_OF_FOUR, "3536373839 00x11 0000 83b565d8 0002 fa4532a3"],
	},
	{
		name: "an append over what was cut",
		step: (paged) => appendAndSync(paged, "ABC"),
		calls: ["range-sync [30,50) 414243 00x11 0005 1bf5ce6c"],
		pages: [PAGE_0_OF_FOUR, "3536414243 00x11 0005 1bf5ce6c 0002 fa4532a3"],
	},
	{
		name: "a cut at a page boundary",
		step: async (paged) => {
			await paged.resize(16);
			await paged.sync();
		},
		calls: ["resize 28", "sync"],
		pages: [PAGE_0_OF_FOUR],
	},
	{
		name: "a cut into a full page",
		step: (paged) => paged.resize(4),
		calls: [
			"range-sync [16,22) 0000 a099f534",
			"range-sync [16,18) 0004",
			"range-sync [22,24) 0000",
		],
		pages: ["68656c6c6f20776f726c643031323334 0004 a099f534 0000 9a37b09c"],
	},
];

export function goldenRows(suite: Suite): void {
	const test = pagedTest(suite);

	test(
		"every write of the format's vectors is made, byte for byte, and no other",
		async (store) => {
			const log = new BlobLog();
			let paged = await store.open((blob) => new TrackingBlob(blob, log));
			for (const { name, step, calls, pages } of STEPS) {
				await step(paged);
				assert.deepEqual(log.takeBytes(), calls.map(packed), name);
				const found = toHex(await store.physical());
				assert.equal(found, toHex(fromHex(pages.join(""))), name);
			}
			const before = toHex(await store.physical());
			paged = await store.reopen(paged, (blob) => new TrackingBlob(blob, log));
			assert.equal(paged.size, 4);
			await paged.sync();
			assert.deepEqual(log.takeBytes(), ["sync"]);
			assert.equal(toHex(await store.physical()), before);
		},
		{ pageSize: 16, writeBuffer: 32 },
	);
}

async function appendAndSync(paged: PagedBlob, text: string): Promise<void> {
	await paged.append(bytesOf(text));
	await paged.sync();
}

/** A call as in the log: the table writes its hex for the reader. */
function packed(call: string): string {
	const [place, hex] = call.split(/(?<=\)) /);
	return hex === undefined ? call : `${place} ${toHex(fromHex(hex))}`;
}
