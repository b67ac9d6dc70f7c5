import { assert } from "chai";
import { PageCache } from "../../../src/paged/cache.ts";
import { PagedBlob } from "../../../src/paged/paged-blob.ts";
import { contextOf, Storage } from "../../../src/storage/storage.ts";
import { InterceptedHost } from "../../support/hosts/intercepted-host.ts";
import { bytesOf, textOf } from "../../support/runs/bytes.ts";
import { assertFails } from "../../support/runs/failure.ts";
import {
	hostTest,
	MEMORY,
	type Suite,
	storageTest,
	withStorage,
} from "../../support/runs/suite.ts";
import { ownerRows } from "./owners.ts";

export function lifecycleRows(suite: Suite): void {
	storageEnds(suite);
	blobEnds(suite);
	pagedEnds(suite);
	memoryRows(suite);
	ownerRows(suite);
}

function storageEnds(suite: Suite): void {
	const onHost = hostTest(suite);

	onHost(
		"a closed store refuses every call, and may be closed again",
		async (host) => {
			const storage = await Storage.open(host, { memory: MEMORY });
			await storage.close();
			await storage.close();
			await storage.drop();
			for (const call of [
				() => storage.open("partition", "name"),
				() => storage.scan("partition"),
				() => storage.remove("partition"),
				() => storage.remove("partition", "name"),
			]) {
				await assertFails("ERR_CLOSED", call);
			}
			assert.isUndefined(await host.list("partition"));
		},
	);

	onHost(
		"closing a store closes what was opened of it, and what was written is found again",
		async (host) => {
			const storage = await Storage.open(host, { memory: MEMORY });
			const blob = await storage.open("partition", "name");
			await blob.write(0, bytesOf("kept"));
			const cache = new PageCache(storage, { pageSize: 64, pages: 2 });
			const paged = await PagedBlob.open(await storage.open("pages", "name"), {
				cache,
			});
			await paged.append(bytesOf("appended"));
			await storage.close();
			await assertFails("ERR_CLOSED", () => blob.read(0, 1));
			await assertFails("ERR_CLOSED", () => paged.read(0, 1));
			await withStorage(host, async (again) => {
				const kept = await again.open("partition", "name");
				assert.equal(textOf(await kept.read(0, 4)), "kept");
				const reopened = await PagedBlob.open(
					await again.open("pages", "name"),
					{
						cache: new PageCache(again, { pageSize: 64, pages: 2 }),
					},
				);
				assert.equal(textOf(await reopened.read(0, 8)), "appended");
			});
		},
	);

	onHost(
		"a store is closed by leaving its scope, and free for the next owner",
		async (host) => {
			const storage = await Storage.open(host, { memory: MEMORY });
			await storage[Symbol.asyncDispose]();
			await assertFails("ERR_CLOSED", () => storage.scan("partition"));
			await withStorage(host, async () => undefined);
		},
	);

	onHost(
		"a store that could not sync says so when it is closed, and is free all the same",
		async (host) => {
			const faulty = new InterceptedHost(host);
			const storage = await Storage.open(faulty, { memory: MEMORY });
			const blob = await storage.open("partition", "name");
			await blob.write(0, bytesOf("lost"));
			faulty.hooks.sync = () => {
				throw new Error("no sync");
			};
			await assertFails("ERR_BLOB_SYNC_FAILED", () => storage.close());
			faulty.hooks = {};
			await withStorage(host, async (again) => {
				assert.isTrue(again.recovery.foundCrash);
			});
		},
	);

	onHost("a dropped store syncs nothing and frees the lock", async (host) => {
		const watched = new InterceptedHost(host);
		const storage = await Storage.open(watched, { memory: MEMORY });
		const blob = await storage.open("partition", "name");
		await blob.write(0, bytesOf("unsynced"));
		let syncs = 0;
		watched.hooks.sync = (_path, call) => {
			syncs += 1;
			return call();
		};
		await storage.drop();
		assert.equal(syncs, 0);
		await assertFails("ERR_CLOSED", () => blob.sync());
		await withStorage(host, async () => undefined);
	});
}

function blobEnds(suite: Suite): void {
	const test = storageTest(suite);
	const onHost = hostTest(suite);

	for (const end of ["close", "drop"] as const) {
		test(`a blob refuses every call after ${end}, and may be ended again [test_read_and_write_report_handle_disconnect, test_blob_sync_reports_handle_disconnect]`, async (storage) => {
			const blob = await storage.open("partition", "name");
			await blob.write(0, bytesOf("hello"));
			await blob[end]();
			await blob[end]();
			await blob[Symbol.asyncDispose]();
			for (const call of [
				() => blob.read(0, 5),
				() => blob.read(0, 6),
				() => blob.read(0, 0),
				() => blob.readInto(0, new Uint8Array(5)),
				() => blob.write(0, bytesOf("late")),
				() => blob.writeSync(0, bytesOf("late")),
				() => blob.resize(0),
				() => blob.sync(),
			]) {
				const error = await assertFails("ERR_CLOSED", call);
				assert.include(error.place, {
					partition: "partition",
					blob: "6e616d65",
				});
			}
		});
	}

	onHost(
		"closing a blob syncs what is not durable, and only that",
		async (host) => {
			const watched = new InterceptedHost(host);
			await withStorage(watched, async (storage) => {
				const blob = await storage.open("partition", "name");
				const clean = await storage.open("partition", "clean");
				await blob.write(0, bytesOf("written"));
				const syncs: string[] = [];
				watched.hooks.sync = (path, call) => {
					syncs.push(path);
					return call();
				};
				await clean.close();
				await blob.close();
				assert.deepEqual(syncs, ["partition/6e616d65"]);
			});
		},
	);

	onHost(
		"a blob that cannot sync says so when it is closed, and is let go all the same",
		async (host) => {
			const faulty = new InterceptedHost(host);
			await withStorage(faulty, async (storage) => {
				const blob = await storage.open("partition", "name");
				await blob.write(0, bytesOf("written"));
				faulty.hooks.sync = () => {
					throw new Error("no sync");
				};
				await assertFails("ERR_BLOB_SYNC_FAILED", () => blob.close());
				await assertFails("ERR_CLOSED", () => blob.read(0, 1));
				faulty.hooks = {};
				const again = await storage.open("partition", "name");
				await again.write(0, bytesOf("anew"));
				await again.close();
			});
		},
	);
}

function pagedEnds(suite: Suite): void {
	const test = storageTest(suite);

	for (const end of ["close", "drop"] as const) {
		test(`a paged blob refuses every call after ${end}, and may be ended again`, async (storage) => {
			const cache = new PageCache(storage, { pageSize: 64, pages: 2 });
			const blob = await storage.open("pages", "name");
			const paged = await PagedBlob.open(blob, { cache });
			await paged.append(bytesOf("hello"));
			await paged.sync();
			const replay = paged.replay();
			const pages = paged.pages();
			await paged[end]();
			await paged[end]();
			await paged[Symbol.asyncDispose]();
			for (const call of [
				() => paged.append(bytesOf("late")),
				() => paged.sync(),
				() => paged.resize(0),
				() => paged.read(0, 1),
				() => paged.read(0, 99),
				() => paged.readUpTo(0, 1),
				() => paged.readMany([0], 1),
				() => paged.tryRead(0, new Uint8Array(1)),
				() => paged.replay(),
				() => paged.pages(),
				() => replay.ensure(1),
				() => pages.next(),
				() => blob.sync(),
			]) {
				await assertFails("ERR_CLOSED", call);
			}
		});
	}

	test("a paged blob is closed by two callers at once", async (storage) => {
		const cache = new PageCache(storage, { pageSize: 64, pages: 2 });
		const blob = await storage.open("pages", "name");
		const paged = await PagedBlob.open(blob, { cache });
		await paged.append(bytesOf("hello"));
		await Promise.all([paged.close(), paged.close()]);
		const again = await PagedBlob.open(await storage.open("pages", "name"), {
			cache,
		});
		assert.equal(textOf(await again.read(0, 5)), "hello");
	});

	test("a closed page cache refuses the blobs that use it, and may be closed again", async (storage) => {
		const cache = new PageCache(storage, { pageSize: 64, pages: 2 });
		const blob = await storage.open("pages", "name");
		const paged = await PagedBlob.open(blob, { cache });
		await paged.append(new Uint8Array(128));
		await paged.sync();
		cache.close();
		cache.close();
		await assertFails("ERR_CLOSED", () => paged.read(0, 1));
		const other = await storage.open("pages", "other");
		await assertFails("ERR_CLOSED", () => PagedBlob.open(other, { cache }));
	});
}

function memoryRows(suite: Suite): void {
	const test = storageTest(suite);

	test("a store whose memory is full says so, and how much is free", async (storage) => {
		const free = contextOf(storage).arena.freeBytes;
		const error = await assertFails("ERR_MEMORY", () => {
			return new PageCache(storage, { pageSize: 4096, pages: 1000 });
		});
		assert.include(error.place, { expected: 4096 * 1000, found: free });
		assert.equal(contextOf(storage).arena.freeBytes, free);
	});

	test("a paged blob for which there is no memory is not opened, and takes none", async (storage) => {
		const cache = new PageCache(storage, { pageSize: 64, pages: 2 });
		const blob = await storage.open("pages", "name");
		const free = contextOf(storage).arena.freeBytes;
		await assertFails("ERR_MEMORY", () =>
			PagedBlob.open(blob, { cache, writeBuffer: MEMORY }),
		);
		assert.equal(contextOf(storage).arena.freeBytes, free);
		const paged = await PagedBlob.open(blob, { cache, writeBuffer: 128 });
		await paged.append(bytesOf("fits"));
		await paged.close();
		assert.equal(contextOf(storage).arena.freeBytes, free);
	});
}
