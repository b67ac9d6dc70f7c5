import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { afterEach, beforeEach, describe, test } from "vitest";
import { type NodeStorageOptions, openStorage } from "../../hosts/node.ts";
import { filled } from "../support/runs/bytes.ts";
import { assertFails } from "../support/runs/failure.ts";
import {
	appended,
	found,
	journalOf,
	PARTITION,
} from "../support/stores/eight-byte-journal.ts";

let directory: string;
let store: string;
/** Of the store, or what the link in its place leads to. */
let partition: string;
/** Another store's partition of the same name, which it closed clean. */
let other: string;
let aside: string;

beforeEach(async () => {
	directory = mkdtempSync(join(tmpdir(), "dualslot-"));
	store = join(directory, "store");
	partition = join(store, PARTITION);
	other = join(directory, "other", PARTITION);
	aside = join(directory, "aside");
	const made = await openStorage(join(directory, "other"));
	await appended(await journalOf(made), 1n, 2);
	await made.close();
});

afterEach(() => {
	rmSync(directory, { recursive: true });
});

describe.each<[string, NodeStorageOptions, () => void]>([
	["a directory", {}, () => undefined],
	["a link that is followed", { links: "follow" }, linkElsewhere],
])("a partition that is %s", (_, options, prepare) => {
	beforeEach(prepare);

	test("and has another one in its place is neither looked into nor changed, and the store is not closed clean", async () => {
		const storage = await openStorage(store, options);
		const journal = await journalOf(storage);
		await appended(journal, 1n, 1);
		replace();
		const kept = contentsOf(partition);
		// A section that is open is written to where it lies; another one would be a name in the other directory.
		await appended(journal, 1n, 1);
		for (const change of [
			() => journal.append(2n, filled(8, 1)),
			() => journal.removeSection(1n),
			() => storage.scan(PARTITION),
			() => storage.close(),
		]) {
			await assertFails("ERR_MOVED", change);
		}
		assert.deepEqual(contentsOf(partition), kept);
		assert.include(readdirSync(store), "dualslot.open");
		assert.deepEqual(await found(store, options), [[1n, 200 * 8]]);
		putBack();
		assert.deepEqual(await found(store, options), [[1n, 400 * 8]]);
	});

	test("is not made anew where it was moved away", async () => {
		const storage = await openStorage(store, options);
		const journal = await journalOf(storage);
		await appended(journal, 1n, 1);
		renameSync(partition, aside);
		await assertFails("ERR_MOVED", () => journal.append(2n, filled(8, 1)));
		await assertFails("ERR_MOVED", () => storage.close());
		assert.isFalse(existsSync(partition));
		renameSync(aside, partition);
		assert.deepEqual(await found(store, options), [[1n, 200 * 8]]);
	});

	test("and is put back while the store is open goes on", async () => {
		const storage = await openStorage(store, options);
		const journal = await journalOf(storage);
		await appended(journal, 1n, 1);
		replace();
		await assertFails("ERR_MOVED", () => journal.append(2n, filled(8, 1)));
		putBack();
		await appended(journal, 2n, 1);
		await storage.close();
		assert.deepEqual(await found(store, options), [
			[1n, 200 * 8],
			[2n, 200 * 8],
		]);
	});

	test("and is removed by the store, and made anew, is the store's", async () => {
		const storage = await openStorage(store, options);
		for (let time = 0; time < 3; time += 1) {
			const journal = await journalOf(storage);
			await appended(journal, 1n, time);
			await journal.close();
			await storage.remove(PARTITION);
		}
		await appended(await journalOf(storage), 3n, 3);
		await storage.close();
		assert.deepEqual(await found(store, options), [[3n, 200 * 8]]);
	});
});

test("a store that is closed clean leaves the partitions free to be moved before it is opened again", async () => {
	const storage = await openStorage(store);
	await appended(await journalOf(storage), 1n, 1);
	await appended(await journalOf(storage, "more"), 1n, 1);
	await storage.close();
	replace();
	assert.deepEqual(await found(store), [[1n, 200 * 8]]);
});

function replace(): void {
	renameSync(partition, aside);
	renameSync(other, partition);
}

function putBack(): void {
	renameSync(partition, other);
	renameSync(aside, partition);
}

function linkElsewhere(): void {
	const link = partition;
	partition = join(directory, "elsewhere");
	mkdirSync(partition);
	mkdirSync(store);
	symlinkSync(partition, link);
}

function contentsOf(path: string): [string, string][] {
	return readdirSync(path).map((name) => {
		return [name, readFileSync(join(path, name), "hex")];
	});
}
