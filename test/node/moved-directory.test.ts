import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { afterEach, beforeEach, test } from "vitest";
import { openPackedStore, openStorage } from "../../hosts/node.ts";
import { FixedJournal } from "../../src/journal/fixed-journal.ts";
import { PageCache } from "../../src/page-cache.ts";
import type { Storage } from "../../src/storage.ts";
import { filled } from "../support/bytes.ts";
import { assertFails } from "../support/failure.ts";

let directory: string;
let path: string;
let moved: string;

beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), "dualslot-"));
	path = join(directory, "store");
	moved = join(directory, "moved");
});

afterEach(() => {
	rmSync(directory, { recursive: true });
});

test("a store whose directory is moved touches none that is made under its name, and both keep what they acknowledged", async () => {
	const old = await openStorage(path);
	const first = await journalOf(old);
	await appended(first, 1n, 1);
	renameSync(path, moved);
	const fresh = await openStorage(path);
	const second = await journalOf(fresh);
	await appended(second, 1n, 2);
	// A section that is open is written to where it lies; another one would be a name in the new store.
	await appended(first, 1n, 1);
	for (const change of [
		() => first.append(2n, filled(8, 1)),
		() => first.removeSection(1n),
		() => old.open("other", "blob"),
		() => old.scan("events"),
		() => old.close(),
	]) {
		await assertFails("ERR_MOVED", change);
	}
	await appended(second, 2n, 2);
	await fresh.close();
	assert.deepEqual(await found(path), [
		[1n, 200 * 8],
		[2n, 200 * 8],
	]);
	assert.deepEqual(await found(moved), [[1n, 400 * 8]]);
});

test("a packed store whose directory is moved makes no name in another one", async () => {
	const old = await openPackedStore(path, { directIO: "preferred" });
	renameSync(path, moved);
	const fresh = await openPackedStore(path, { directIO: "preferred" });
	await fresh.close();
	await old.close().catch(() => undefined);
	const again = await openPackedStore(path, { directIO: "preferred" });
	assert.equal(again.size, 0);
	await again.close();
});

async function journalOf(storage: Storage): Promise<FixedJournal> {
	const cache = new PageCache(storage, { pageSize: 64, pages: 4 });
	const entry = { size: 8 };
	return FixedJournal.open(storage, { partition: "events", cache, entry });
}

/** Two hundred entries that are acknowledged. */
async function appended(
	journal: FixedJournal,
	section: bigint,
	byte: number,
): Promise<void> {
	await journal.appendMany(section, filled(200 * 8, byte));
	await journal.sync(section);
}

async function found(at: string): Promise<[bigint, number][]> {
	const storage = await openStorage(at);
	const journal = await journalOf(storage);
	const sizes: [bigint, number][] = [];
	for (const section of journal.sections()) {
		sizes.push([section, await journal.size(section)]);
	}
	await storage.close();
	return sizes;
}
