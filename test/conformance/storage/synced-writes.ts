import { assert } from "chai";
import {
	DelegatingFile,
	DelegatingHost,
} from "../../../src/host/delegating.ts";
import type {
	HostFile,
	HostOpenOptions,
	OpenMode,
} from "../../../src/host/host.ts";
import { deferred } from "../../../src/turns/deferred.ts";
import { InterceptedHost } from "../../support/hosts/intercepted-host.ts";
import { assertSame, pattern } from "../../support/runs/bytes.ts";
import {
	assertFails,
	DISK_FULL,
	failureOf,
	KERNEL_ERROR,
} from "../../support/runs/failure.ts";
import { hostTest, type Suite, withStorage } from "../../support/runs/suite.ts";

/** Blobs over a host that writes and syncs in one call. */
export function syncedBlobRows(suite: Suite): void {
	const test = hostTest(suite);

	test("a synced write that finds the disk full is undone where all before it is durable", async (host) => {
		const syncing = new InterceptedHost(new SyncingHost(host), {}, true);
		await withStorage(syncing, async (storage) => {
			const blob = await storage.open("partition", "name");
			await blob.write(0, pattern(10));
			await blob.sync();
			await blob.writeSync(10, pattern(10, 10));
			fillDisk(syncing);
			await assertFails("ERR_NO_SPACE", () => blob.writeSync(20, pattern(5)));
			syncing.hooks = {};
			assert.isUndefined(blob.failure);
			await blob.writeSync(20, pattern(10, 20));
			assertSame(await blob.read(0, blob.size), pattern(30));
		});
	});

	test("a synced write that finds the disk full behind one that no sync has covered is not undone: the blob is poisoned", async (host) => {
		const syncing = new InterceptedHost(new SyncingHost(host), {}, true);
		await withStorage(syncing, async (storage) => {
			const blob = await storage.open("partition", "name");
			await blob.sync();
			await blob.write(0, pattern(10));
			fillDisk(syncing);
			await assertFails("ERR_NO_SPACE", () => blob.writeSync(10, pattern(5)));
			syncing.hooks = {};
			await assertFails("ERR_POISONED", () => blob.sync());
			assertSame(await blob.read(0, 10), pattern(10));
			await assertFails("ERR_POISONED", () => blob.close());
		});
	});

	test("a synced write that finds the disk full behind bytes that an earlier handle left unsynced is not undone", async (host) => {
		const syncing = new InterceptedHost(new SyncingHost(host), {}, true);
		await withStorage(syncing, async (storage) => {
			const dropped = await storage.open("partition", "name");
			await dropped.write(0, pattern(10));
			await dropped.drop();
			const blob = await storage.open("partition", "name");
			fillDisk(syncing);
			await assertFails("ERR_NO_SPACE", () => blob.writeSync(10, pattern(5)));
			syncing.hooks = {};
			await assertFails("ERR_POISONED", () => blob.sync());
		});
	});

	test("a sync waits for a synced write that was called before it, and rejects with what that one failed with", async (host) => {
		const syncing = new InterceptedHost(new SyncingHost(host), {}, true);
		await withStorage(syncing, async (storage) => {
			const blob = await storage.open("partition", "name");
			await blob.sync();
			const answer = deferred();
			syncing.hooks = {
				write: async (_path, { synced }, call) => {
					await (synced ? answer.promise : undefined);
					return call();
				},
			};
			const writing = failureOf(() => blob.writeSync(0, pattern(10)));
			const syncingBlob = failureOf(() => blob.sync());
			answer.reject(KERNEL_ERROR);
			const [written, synced] = await Promise.all([writing, syncingBlob]);
			assert.propertyVal(written, "code", "ERR_WRITE_FAILED");
			assert.equal(synced, written);
		});
	});
}

class SyncingFile extends DelegatingFile {
	override readonly traits = { alignment: 1, depth: 1, syncsWrites: true };
}

class SyncingHost extends DelegatingHost {
	override async open(
		path: string,
		mode: OpenMode,
		options?: HostOpenOptions,
	): Promise<HostFile | undefined> {
		const file = await super.open(path, mode, options);
		return file && new SyncingFile(file);
	}
}

function fillDisk(host: InterceptedHost): void {
	host.hooks = {
		write: (_path, { synced }, call) => {
			if (synced) {
				throw DISK_FULL;
			}
			return call();
		},
	};
}
