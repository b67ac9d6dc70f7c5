import { assert } from "chai";
import {
	DelegatingFile,
	DelegatingHost,
} from "../../../src/host/delegating.ts";
import { FaultyHost } from "../../../src/host/faulty.ts";
import type { HostFile } from "../../../src/host/host.ts";
import { MeteredHost } from "../../../src/host/metering.ts";
import type { StorageStats } from "../../../src/host/storage-stats.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import { InterceptedHost } from "../../support/hosts/intercepted-host.ts";
import { opened, writeRaw } from "../../support/hosts/raw-file.ts";
import { pattern } from "../../support/runs/bytes.ts";
import { failureOf, KERNEL_ERROR } from "../../support/runs/failure.ts";
import {
	hostTest,
	type Suite,
	storageTest,
	withStorage,
} from "../../support/runs/suite.ts";

const NOTHING: StorageStats = {
	openFiles: 0,
	reads: 0,
	readBytes: 0,
	writes: 0,
	writeBytes: 0,
	syncs: 0,
	resizes: 0,
};

/** One file, by whatever path. */
class FewFiles extends DelegatingHost {
	override async open(): Promise<HostFile | undefined> {
		await super.makeDirectory("");
		return super.open("file", "create");
	}
}

export function meteringRows(suite: Suite): void {
	hostRows(suite);
	storageRows(suite);
}

function hostRows(suite: Suite): void {
	const test = hostTest(suite);

	test("a thousand directories have counts of their own, and the rest have theirs together", async (host) => {
		const metered = new MeteredHost(new FewFiles(host));
		for (let index = 0; index < 1003; index += 1) {
			const file = await opened(metered, `partition-${index}/file`, "write");
			await file.write([pattern(1)], 0);
			await file.close();
		}
		const labelled = metered.labelled();
		assert.lengthOf(labelled, 1001);
		assert.include(labelled[999], { label: "partition-999", writes: 1 });
		assert.include(labelled[1000], { label: "(others)", writes: 3 });
		assert.equal(metered.stats().writes, 1003);
	});

	test("calls of files are counted with the bytes that they moved, and nothing else is", async (host) => {
		const metered = new MeteredHost(host);
		await metered.makeDirectory("");
		const lock = await metered.lock();
		const file = await opened(metered, "file", "replace");
		await file.write([pattern(10), pattern(0), pattern(5)], 0);
		await file.write([], 0);
		assert.equal(await file.read([new Uint8Array(20)], 4), 11);
		assert.equal(await file.read([new Uint8Array(3)], 0), 3);
		await file.read([new Uint8Array(3)], 100);
		await file.truncate(7);
		await file.truncate(70);
		await file.sync();
		await file.size();
		await metered.syncDirectory("");
		await metered.list("");
		assert.deepEqual(metered.stats(), {
			openFiles: 1,
			reads: 3,
			readBytes: 14,
			writes: 2,
			writeBytes: 15,
			syncs: 1,
			resizes: 2,
		});
		await file.close();
		const { openFiles, ...counted } = metered.stats();
		assert.equal(openFiles, 0);
		await metered.rename("file", "renamed");
		await metered.remove("renamed");
		await lock?.release();
		assert.deepEqual(metered.stats(), { openFiles, ...counted });
	});

	test("a call that fails is not counted, nor is a file that was not opened", async (host) => {
		await writeRaw(host, "file", pattern(10));
		const faulty = new FaultyHost(host, 1);
		const metered = new MeteredHost(faulty);
		const file = await opened(metered, "file", "write");
		assert.isUndefined(await metered.open("missing", "write"));
		faulty.rates = { open: 1, read: 1, write: 1, sync: 1, resize: 1 };
		for (const call of [
			() => metered.open("file", "read"),
			() => metered.open("new", "replace"),
			() => file.read([new Uint8Array(5)], 0),
			() => file.write([pattern(5)], 0),
			() => file.truncate(3),
			() => file.sync(),
		]) {
			await failureOf(call);
		}
		assert.deepEqual(metered.stats(), { ...NOTHING, openFiles: 1 });
		await file.close();
		assert.deepEqual(metered.stats(), NOTHING);
	});

	test("the counters that were given out stay as they are", async (host) => {
		const metered = new MeteredHost(host);
		const before = metered.stats();
		await metered.makeDirectory("");
		const file = await opened(metered, "file", "replace");
		await file.sync();
		assert.deepEqual(before, NOTHING);
		assert.deepEqual(metered.stats(), { ...NOTHING, openFiles: 1, syncs: 1 });
		await file.close();
	});
}

/** A store's counts of all its files, without the durations. */
function countsIn(storage: Storage): StorageStats {
	const { openFiles, reads, readBytes, ...rest } = storage.stats();
	const { writes, writeBytes, syncs, resizes } = rest;
	return { openFiles, reads, readBytes, writes, writeBytes, syncs, resizes };
}

function storageRows(suite: Suite): void {
	const test = storageTest(suite);

	test("a store counts what its blobs ask of their files, headers included", async (storage) => {
		const blob = await storage.open("partition", "name");
		let before = countsIn(storage);
		const assertCounted = (expected: Partial<StorageStats>) => {
			const after = countsIn(storage);
			assert.deepEqual(after, added(before, expected));
			before = after;
		};
		await blob.write(0, [pattern(10), pattern(20)]);
		assertCounted({ writes: 1, writeBytes: 30 });
		await blob.read(5, 7);
		assertCounted({ reads: 1, readBytes: 7 });
		await blob.resize(12);
		assertCounted({ resizes: 1 });
		await blob.sync();
		assertCounted({ syncs: 1 });
		const again = await storage.open("partition", "name");
		assertCounted({ reads: 1, readBytes: 8 });
		await again.drop();
		await blob.close();
		// Nobody has read or written the bytes that the last resize left.
		assertCounted({ openFiles: -1, reads: 1, readBytes: 12 });
	});

	test("two handles of one blob share one open file, and what is opened is closed again", async (storage) => {
		const open = (name: string) => storage.open("partition", name);
		const openFiles = () => storage.stats().openFiles;
		assert.equal(openFiles(), 0);
		const handles = [await open("name"), await open("name")];
		assert.equal(openFiles(), 1);
		handles.push(await open("another"));
		assert.equal(openFiles(), 2);
		for (const left of [2, 1, 0]) {
			await handles[2 - left]?.close();
			assert.equal(openFiles(), left === 0 ? 0 : left);
		}
	});

	test("a store that is closed has no file open, and its counters still", async (storage) => {
		const blob = await storage.open("partition", "name");
		await blob.write(0, pattern(10));
		await storage.close();
		const { openFiles, writeBytes } = storage.stats();
		assert.equal(openFiles, 0);
		assert.isAtLeast(writeBytes, 10);
	});

	hostTest(suite)(
		"a blob that could not be opened leaves no file open",
		async (host) => {
			const faulty = new FaultyHost(host, 1);
			await withStorage(faulty, async (storage) => {
				await (await storage.open("partition", "name")).close();
				for (const rates of [{ open: 1 }, { read: 1 }]) {
					faulty.rates = rates;
					await failureOf(() => storage.open("partition", "name"));
					await failureOf(() => storage.open("partition", "new"));
					faulty.rates = {};
					assert.equal(storage.stats().openFiles, 0);
				}
				await assertOneFile(storage);
			});
		},
	);

	hostTest(suite)(
		"a file that cannot say how long it is is closed again",
		async (host) => {
			const intercepted = new InterceptedHost(host);
			await withStorage(intercepted, async (storage) => {
				await (await storage.open("partition", "name")).close();
				intercepted.hooks.open = async (_path, _mode, call) => {
					const file = await call();
					return file && new UnmeasurableFile(file);
				};
				await failureOf(() => storage.open("partition", "name"));
				assert.equal(storage.stats().openFiles, 0);
				intercepted.hooks = {};
				await assertOneFile(storage);
			});
		},
	);
}

class UnmeasurableFile extends DelegatingFile {
	override size(): never {
		throw KERNEL_ERROR;
	}
}

async function assertOneFile(storage: Storage): Promise<void> {
	const blob = await storage.open("partition", "name");
	assert.equal(storage.stats().openFiles, 1);
	await blob.close();
}

function added(stats: StorageStats, more: Partial<StorageStats>): StorageStats {
	const sums = Object.entries({ ...NOTHING, ...more }).map(
		([name, count]) =>
			[name, count + Number(Reflect.get(stats, name))] as const,
	);
	return { ...NOTHING, ...Object.fromEntries(sums) };
}
