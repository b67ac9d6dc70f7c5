import { assert } from "chai";
import { Storage } from "../../../src/storage/storage.ts";
import { InterceptedHost } from "../../support/hosts/intercepted-host.ts";
import { readRaw, writeRaw } from "../../support/hosts/raw-file.ts";
import {
	bytesOf,
	filled,
	fromHex,
	joined,
	textOf,
	toHex,
} from "../../support/runs/bytes.ts";
import {
	assertFails,
	assertRefuses,
	callUntyped,
} from "../../support/runs/failure.ts";
import {
	hostTest,
	MEMORY,
	type Suite,
	storageTest,
	withStorage,
} from "../../support/runs/suite.ts";

const HEADER = fromHex("4357494300000000");
/** The file of a blob named "blob". */
const BLOB = "partition/626c6f62";

export function openingRows(suite: Suite): void {
	headerRows(suite);
	versionRows(suite);
	failureRows(suite);
}

function headerRows(suite: Suite): void {
	const test = storageTest(suite);

	test("a file is an 8-byte header and then the content [test_blob_header_handling]", async (storage) => {
		const { host } = storage;
		const blob = await storage.open("partition", "blob");
		assert.equal(toHex(await readRaw(host, BLOB)), toHex(HEADER));
		await blob.write(0, bytesOf("hello world"));
		await blob.sync();
		assert.deepEqual(
			await readRaw(host, BLOB),
			joined(HEADER, bytesOf("hello world")),
		);
		await blob.resize(5);
		await blob.sync();
		assert.lengthOf(await readRaw(host, BLOB), 13);
		await blob.resize(0);
		await blob.sync();
		assert.lengthOf(await readRaw(host, BLOB), 8);
		await blob.write(0, bytesOf("test data"));
		await blob.sync();
		await blob.drop();
		assert.equal((await storage.open("partition", "blob")).size, 9);
	});

	test("a file shorter than a header is a torn creation, and is made anew [test_blob_header_handling]", async (storage) => {
		for (let length = 0; length < 8; length += 1) {
			await writeRaw(storage.host, BLOB, filled(length, 0x43));
			const blob = await storage.open("partition", "blob");
			assert.equal(blob.size, 0);
			assert.deepEqual(await readRaw(storage.host, BLOB), HEADER);
			await blob.drop();
		}
	});

	test("eight zero bytes are a foreign file, and stay as they are [test_blob_magic_mismatch]", async (storage) => {
		await writeRaw(storage.host, BLOB, filled(8, 0));
		const error = await assertFails("ERR_BLOB_CORRUPT", () =>
			storage.open("partition", "blob"),
		);
		assert.include(
			error.message,
			`blob corrupt: ${BLOB} reason: invalid magic`,
		);
		assert.include(error.place, { partition: "partition", blob: "626c6f62" });
		assert.include(error.place, { expected: "43574943", found: "00000000" });
		assert.deepEqual(await readRaw(storage.host, BLOB), filled(8, 0));
	});

	test("a header of a later runtime version is refused by name", async (storage) => {
		await writeRaw(storage.host, BLOB, fromHex("4357494300630000"));
		const error = await assertFails("ERR_BLOB_CORRUPT", () =>
			storage.open("partition", "blob"),
		);
		assert.equal(
			error.message,
			`blob corrupt: ${BLOB} reason: unsupported runtime version: expected 0, found 99`,
		);
		assert.include(error.place, { expected: 0, found: 99 });
	});

	test("a blob that another handle has open is never made anew", async (storage) => {
		const first = await storage.open("partition", "blob");
		await first.write(0, bytesOf("kept"));
		const second = await storage.open("partition", "blob");
		assert.equal(textOf(await second.read(0, 4)), "kept");
	});
}

function versionRows(suite: Suite): void {
	const test = storageTest(suite);

	test("a blob keeps the version it was made with, and is refused outside the range [test_blob_version_mismatch]", async (storage) => {
		const open = (lowest: number, highest: number) =>
			storage.open("partition", "blob", { versions: [lowest, highest] });
		assert.equal((await open(1, 1)).version, 1);
		assert.equal((await open(0, 2)).version, 1);
		const error = await assertFails("ERR_BLOB_VERSION_MISMATCH", () =>
			open(2, 3),
		);
		assert.include(error.message, "blob version mismatch");
		assert.include(error.message, "expected one of 2..=3, found 1");
		assert.include(error.place, { expected: "2..=3", found: 1 });
	});

	test("a new blob gets the highest version of the range", async (storage) => {
		const blob = await storage.open("partition", "blob", {
			versions: [3, 0x1234],
		});
		assert.equal(blob.version, 0x1234);
		const header = await readRaw(storage.host, BLOB);
		assert.equal(toHex(header), "4357494300001234");
	});

	test("what is no range of versions is refused before any I/O", async (storage) => {
		for (const versions of [
			[1, 0],
			[-1, 0],
			[0, 65536],
			[0, 0.5],
		] as const) {
			await assertRefuses(RangeError, () =>
				storage.open("partition", "blob", { versions }),
			);
		}
		assert.isUndefined(await storage.host.list("partition"));
	});
}

function failureRows(suite: Suite): void {
	const test = storageTest(suite);
	const onHost = hostTest(suite);

	test("a file in a partition's place is a partition that cannot be made [test_open_reports_partition_creation_failure]", async (storage) => {
		await writeRaw(storage.host, "partition", bytesOf("a file"));
		await assertFails("ERR_PARTITION_CREATION_FAILED", () =>
			storage.open("partition", "blob"),
		);
		assert.equal(textOf(await readRaw(storage.host, "partition")), "a file");
	});

	test("a directory in a blob's place cannot be opened [test_open_reports_blob_open_failure_for_directory_path]", async (storage) => {
		await storage.host.makeDirectory("partition");
		await storage.host.makeDirectory(BLOB);
		const error = await assertFails("ERR_BLOB_OPEN_FAILED", () =>
			storage.open("partition", "blob"),
		);
		assert.include(error.message, `blob open failed: ${BLOB}`);
		assert.instanceOf(error.cause, Error);
	});

	onHost(
		"a creation whose directory cannot be synced fails, and can be tried again [test_sync_dir_reports_missing_directory]",
		async (host) => {
			const faulty = new InterceptedHost(host);
			await withStorage(faulty, async (storage) => {
				const cause = new Error("no such directory");
				faulty.hooks.syncDirectory = () => {
					throw cause;
				};
				const error = await assertFails("ERR_BLOB_OPEN_FAILED", () =>
					storage.open("partition", "blob"),
				);
				assert.equal(error.cause, cause);
				faulty.hooks = {};
				assert.equal((await storage.open("partition", "blob")).size, 0);
			});
		},
	);

	onHost(
		"a creation that fails at any write leaves no part of a blob",
		async (host) => {
			const faulty = new InterceptedHost(host);
			await withStorage(faulty, async (storage) => {
				for (let kept = 0; kept < 8; kept += 1) {
					faulty.hooks.write = async (_path, { parts, offset, file }) => {
						const [first = new Uint8Array()] = parts;
						await file.write([first.subarray(0, kept)], offset);
						throw new Error("torn");
					};
					await assertFails("ERR_BLOB_OPEN_FAILED", () =>
						storage.open("partition", "blob"),
					);
					assert.deepEqual(await storage.scan("partition"), []);
				}
				faulty.hooks = {};
				assert.equal((await storage.open("partition", "blob")).size, 0);
			});
		},
	);

	onHost(
		"what are no options of a store is refused before any I/O",
		async (host) => {
			const wrong = [
				[RangeError, { memory: -1 }],
				[RangeError, { memory: 0.5 }],
				[RangeError, { wait: -1 }],
				[TypeError, { wait: "soon" }],
				[TypeError, null],
			] as const;
			for (const [kind, options] of wrong) {
				await assertRefuses(kind, () =>
					callUntyped(Storage, "open", host, options),
				);
			}
			assert.isUndefined(await host.list(""));
		},
	);

	onHost(
		"a store has one writer; the next waits, or is refused with the store's name",
		async (host) => {
			const first = await Storage.open(host, { memory: MEMORY });
			const error = await assertFails("ERR_LOCKED", () =>
				Storage.open(host, { memory: MEMORY }),
			);
			assert.include(error.message, host.location);
			assert.include(error.message, "not waited for");
			const waited = await assertFails("ERR_LOCKED", () =>
				Storage.open(host, { memory: MEMORY, wait: 1 }),
			);
			assert.match(waited.message, /waited for \d+ ms/);
			const reason = new Error("given up");
			const aborted = await assertFails("ERR_LOCKED", () =>
				Storage.open(host, { memory: MEMORY, wait: AbortSignal.abort(reason) }),
			);
			assert.equal(aborted.cause, reason);
			const second = Storage.open(host, { memory: MEMORY, wait: 60_000 });
			await first.close();
			await (await second).close();
		},
	);
}
