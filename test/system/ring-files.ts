import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { openStorage } from "../../hosts/node.ts";
import { FixedJournal } from "../../src/journal/entries/fixed-journal.ts";
import { PageCache } from "../../src/paged/cache.ts";
import { assertSame, filled, joined } from "../support/runs/bytes.ts";
import { FRAME_SIZE } from "../support/stores/packed-files.ts";

/** Of a blob's file, before the bytes that it was given. */
const HEADER_SIZE = 8;
const ENTRIES = 2000;

/** Finds what ring-transfers.mjs wrote, in the files and by calls. */
export async function assertMoved(
	kind: "storage" | "packed",
	directory: string,
): Promise<void> {
	if (kind === "packed") {
		assertFrames(directory);
		return;
	}
	const raw = readFileSync(join(directory, "raw/62")).subarray(HEADER_SIZE);
	assertSame(raw, joined(filled(5000, 1), filled(5000, 2)));
	await assertEntries(directory);
}

async function assertEntries(directory: string): Promise<void> {
	const storage = await openStorage(directory, { readOnly: true });
	const journal = await FixedJournal.open(storage, {
		...{ partition: "journal", entry: { size: 32 } },
		cache: new PageCache(storage, { pageSize: 4096, pages: 8 }),
	});
	let position = 0;
	for await (const { entry } of journal.replay()) {
		assertSame(entry, filled(32, position));
		position += 1;
	}
	assert.equal(position, ENTRIES);
	await storage.close();
}

/** The frame that was rewritten lies in a slot of its own. */
function assertFrames(directory: string): void {
	const bytes = readFileSync(join(directory, "blobs.dat"));
	const values = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 99];
	for (const [slot, value] of values.entries()) {
		const frame = bytes.subarray(slot * FRAME_SIZE, (slot + 1) * FRAME_SIZE);
		assertSame(frame, filled(FRAME_SIZE, value));
	}
}
