import { assert } from "chai";
import type { Storage } from "../../../src/storage/storage.ts";
import { InterceptedHost } from "../../support/hosts/intercepted-host.ts";
import { namesIn, writeRaw } from "../../support/hosts/raw-file.ts";
import { bytesOf, textOf } from "../../support/runs/bytes.ts";
import { assertFails } from "../../support/runs/failure.ts";
import {
	hostTest,
	type Suite,
	storageTest,
	withStorage,
} from "../../support/runs/suite.ts";

export function removalRows(suite: Suite): void {
	scanRows(suite);
	removeRows(suite);
	readAfterRemoveRows(suite);
}

function scanRows(suite: Suite): void {
	const test = storageTest(suite);
	const onHost = hostTest(suite);

	test("a scan finds exactly the blobs there are, in ascending order [test_scan]", async (storage) => {
		await storage.open("partition", "blob2");
		await storage.open("partition", "blob1");
		await storage.open("other", "blob3");
		assert.deepEqual(await scan(storage), ["blob1", "blob2"]);
	});

	test("a scan of a missing partition fails, and makes none", async (storage) => {
		const error = await assertFails("ERR_PARTITION_MISSING", () =>
			storage.scan("missing"),
		);
		assert.equal(error.message, "partition missing: missing");
		assert.equal(error.place.partition, "missing");
		assert.isUndefined(await storage.host.list("missing"));
	});

	test("a scan refuses a directory in a partition [test_scan_rejects_non_file_entries]", async (storage) => {
		await storage.open("partition", "blob");
		await storage.host.makeDirectory("partition/00");
		const error = await assertFails("ERR_PARTITION_CORRUPT", () =>
			storage.scan("partition"),
		);
		assert.include(error.message, "partition corrupt: partition");
	});

	test("a scan refuses a file whose name is not hex [test_scan_rejects_non_hex_file_names]", async (storage) => {
		for (const name of ["nothex", "6", "626", "zz", ".tmp"]) {
			await writeRaw(storage.host, `partition/${name}`, bytesOf("x"));
			const error = await assertFails("ERR_PARTITION_CORRUPT", () =>
				storage.scan("partition"),
			);
			assert.equal(error.place.found, name);
			await storage.host.remove(`partition/${name}`);
		}
		assert.deepEqual(await storage.scan("partition"), []);
	});

	test("a scan refuses hex that is not canonical [test_scan_rejects_non_canonical_hex_file_names]", async (storage) => {
		for (const name of ["0x626c6f62", "0X626C6F62", " 626c6f62", "626C6F62"]) {
			await writeRaw(storage.host, `partition/${name}`, bytesOf("x"));
			await assertFails("ERR_PARTITION_CORRUPT", () =>
				storage.scan("partition"),
			);
			await storage.host.remove(`partition/${name}`);
		}
	});

	onHost(
		"a scan passes over a name that is not UTF-8 [test_scan_ignores_non_utf8_file_names]",
		async (host) => {
			const strange = new InterceptedHost(host, {
				list: async (_directory, call) => {
					const entries = (await call()) ?? [];
					return [...entries, { name: undefined, kind: "file" }];
				},
			});
			await withStorage(strange, async (storage) => {
				await storage.open("partition", "blob");
				assert.deepEqual(await scan(storage), ["blob"]);
			});
		},
	);
}

function removeRows(suite: Suite): void {
	const test = storageTest(suite);

	test("a removed blob is not scanned any more [test_remove]", async (storage) => {
		const blob = await storage.open("partition", "blob");
		await blob.close();
		await storage.remove("partition", "blob");
		assert.deepEqual(await storage.scan("partition"), []);
	});

	test("a removed partition is gone with its blobs, and leaves the others", async (storage) => {
		await storage.open("partition", "blob");
		await storage.open("other", "blob");
		await storage.remove("partition");
		await assertFails("ERR_PARTITION_MISSING", () => scan(storage));
		assert.deepEqual(await namesIn(storage.host), ["dualslot.open", "other"]);
	});

	test("removing what is missing fails and names it [test_remove_reports_missing_targets]", async (storage) => {
		const partition = await assertFails("ERR_PARTITION_MISSING", () =>
			storage.remove("missing"),
		);
		assert.equal(partition.message, "partition missing: missing");
		await storage.open("partition", "name");
		for (const of of ["partition", "missing"]) {
			const blob = await assertFails("ERR_BLOB_MISSING", () =>
				storage.remove(of, "missing"),
			);
			assert.equal(blob.message, `blob missing: ${of}/6d697373696e67`);
		}
		assert.deepEqual(await scan(storage), ["name"]);
	});
}

function readAfterRemoveRows(suite: Suite): void {
	const test = storageTest(suite);
	const removals = {
		blob: (storage: Storage) => storage.remove("partition", "name"),
		partition: (storage: Storage) => storage.remove("partition"),
	};

	for (const [what, remove] of Object.entries(removals)) {
		const row = (test: string) => `[test_read_after_remove_${what}${test}]`;

		test(`an open handle reads on after its ${what} is removed ${row("")}`, async (storage) => {
			const blob = await written(storage, "durable");
			await blob.sync();
			await remove(storage);
			assert.equal(blob.size, 7);
			assert.equal(textOf(await blob.read(0, 7)), "durable");
		});

		test(`what was not synced is read on after its ${what} is removed ${row("_unsynced")}`, async (storage) => {
			const blob = await written(storage, "unsynced");
			await remove(storage);
			assert.equal(textOf(await blob.read(0, 8)), "unsynced");
		});

		test(`every handle reads on after the ${what} is removed, whichever closes first ${row("_handle_clones")}`, async (storage) => {
			const first = await written(storage, "shared");
			const second = await storage.open("partition", "name");
			await remove(storage);
			await first.drop();
			assert.equal(textOf(await second.read(0, 6)), "shared");
		});

		test(`a new blob of the name is empty after its ${what} was removed, and apart from the old one [test_recreate_after_remove]`, async (storage) => {
			const old = await written(storage, "old");
			await remove(storage);
			const fresh = await storage.open("partition", "name");
			assert.equal(fresh.size, 0);
			await fresh.write(0, bytesOf("fresh"));
			assert.equal(textOf(await old.read(0, 3)), "old");
			await old.drop();
			assert.equal(textOf(await fresh.read(0, 5)), "fresh");
			const again = await storage.open("partition", "name");
			assert.equal(textOf(await again.read(0, 5)), "fresh");
		});
	}

	test("every blob of a removed partition is read on [test_read_after_remove_partition_multi]", async (storage) => {
		const names = ["a", "b", "c"];
		const blobs = await Promise.all(
			names.map((name) => written(storage, `of ${name}`, name)),
		);
		await storage.remove("partition");
		for (const [index, blob] of blobs.entries()) {
			assert.equal(textOf(await blob.read(0, 4)), `of ${names[index]}`);
		}
	});

	test("each generation of a blob keeps its own bytes [test_recreate_generations]", async (storage) => {
		const generations = [];
		for (let index = 0; index < 4; index += 1) {
			const blob = await written(storage, `generation ${index}`);
			await blob.sync();
			generations.push(blob);
			await storage.remove("partition", "name");
		}
		for (const [index, blob] of generations.entries()) {
			assert.equal(textOf(await blob.read(0, 12)), `generation ${index}`);
		}
		assert.deepEqual(await storage.scan("partition"), []);
	});
}

async function written(storage: Storage, text: string, name = "name") {
	const blob = await storage.open("partition", name);
	await blob.write(0, bytesOf(text));
	return blob;
}

async function scan(storage: Storage): Promise<string[]> {
	return (await storage.scan("partition")).map(textOf);
}
