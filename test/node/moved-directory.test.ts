import {
	existsSync,
	mkdtempSync,
	readdirSync,
	readlinkSync,
	renameSync,
	rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { afterEach, beforeEach, test } from "vitest";
import { openPackedStore, openStorage } from "../../hosts/node.ts";
import { filled } from "../support/runs/bytes.ts";
import { assertFails } from "../support/runs/failure.ts";
import { exported } from "../support/stores/archives.ts";
import {
	appended,
	found,
	journalOf,
} from "../support/stores/eight-byte-journal.ts";

const DESCRIPTORS = "/proc/self/fd";

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

test.each([
	["moved", () => renameSync(path, moved)],
	["removed", () => rmSync(path, { recursive: true })],
])(
	"a reader whose directory is %s, and another store made there, looks for nothing in that one, and reads on what it has open",
	async (_, end) => {
		await makeStore(1);
		const reader = await openStorage(path, { readOnly: true });
		const blob = await reader.open("raw", "name");
		end();
		await makeStore(2);
		for (const look of [
			() => reader.open("raw", "other"),
			() => reader.scan("raw"),
			() => journalOf(reader),
			() => exported(reader),
		]) {
			await assertFails("ERR_MOVED", look);
		}
		assert.deepEqual(await blob.read(0, 8), filled(8, 1));
		await reader.close();
		const next = await openStorage(path, { readOnly: true });
		const written = await next.open("raw", "name");
		assert.deepEqual(await written.read(0, 8), filled(8, 2));
		await next.close();
	},
);

test("a reader goes on where the owner removes a partition, and makes it anew", async () => {
	await makeStore(1);
	const reader = await openStorage(path, { readOnly: true });
	const old = await reader.open("raw", "name");
	const owner = await openStorage(path);
	await owner.remove("raw");
	const made = await owner.open("raw", "another");
	await made.writeSync(0, filled(8, 2));
	await owner.close();
	const fresh = await reader.open("raw", "another");
	assert.deepEqual(await fresh.read(0, 8), filled(8, 2));
	assert.deepEqual(await old.read(0, 8), filled(8, 1));
	await reader.close();
});

test.runIf(existsSync(DESCRIPTORS))(
	"a reader leaves no descriptor behind",
	async () => {
		await makeStore(1);
		const reader = await openStorage(path, { readOnly: true });
		assert.isNotEmpty(descriptorsOfStore());
		await reader.close();
		assert.isEmpty(descriptorsOfStore());
	},
);

/** Those of this process that lead to the store's directory, or into it. */
function descriptorsOfStore(): string[] {
	const places = readdirSync(DESCRIPTORS).flatMap((descriptor) => {
		try {
			return readlinkSync(join(DESCRIPTORS, descriptor));
		} catch {
			// The one by which they were listed.
			return [];
		}
	});
	return places.filter((place) => place.startsWith(path));
}

/** A store of two blobs, of that byte. */
async function makeStore(byte: number): Promise<void> {
	const storage = await openStorage(path);
	for (const name of ["name", "other"]) {
		const blob = await storage.open("raw", name);
		await blob.writeSync(0, filled(8, byte));
	}
	await storage.close();
}
