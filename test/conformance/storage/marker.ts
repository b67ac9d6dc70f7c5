import { assert } from "chai";
import type { Host } from "../../../src/host/host.ts";
import { PageCache } from "../../../src/paged/cache.ts";
import { PagedBlob } from "../../../src/paged/paged-blob.ts";
import { Storage } from "../../../src/storage/storage.ts";
import { InterceptedHost } from "../../support/hosts/intercepted-host.ts";
import { existsRaw, writeRaw } from "../../support/hosts/raw-file.ts";
import { bytesOf, fromHex } from "../../support/runs/bytes.ts";
import {
	hostTest,
	MEMORY,
	type Suite,
	withStorage,
} from "../../support/runs/suite.ts";

const MARKER = "dualslot.open";

export function markerRows(suite: Suite): void {
	const onHost = hostTest(suite);

	onHost(
		"dualslot.open is there while a writer is, and gone after a clean close",
		async (host) => {
			const storage = await Storage.open(host, { memory: MEMORY });
			assert.isFalse(storage.recovery.foundCrash);
			assert.isTrue(await existsRaw(host, MARKER));
			await storage.close();
			assert.isFalse(await existsRaw(host, MARKER));
		},
	);

	onHost(
		"dualslot.open is durable before the first mutation of a store",
		async (host) => {
			const watched = new InterceptedHost(host);
			const events: string[] = [];
			watched.hooks = {
				makeDirectory: (path, call) => {
					events.push(`make '${path}'`);
					return call();
				},
				syncDirectory: async (path, call) => {
					await call();
					const isThere = await existsRaw(host, MARKER);
					events.push(`sync '${path}' ${isThere ? "with" : "without"} it`);
				},
			};
			await withStorage(watched, async (storage) => {
				await storage.open("partition", "name");
			});
			assert.deepEqual(events, [
				"make ''",
				"sync '' with it",
				"make 'partition'",
				"sync 'partition' with it",
				"sync '' with it",
			]);
		},
	);

	onHost(
		"dualslot.open is left by a drop, and tells the next owner",
		async (host) => {
			const storage = await Storage.open(host, { memory: MEMORY });
			await storage.drop();
			assert.isTrue(await existsRaw(host, MARKER));
			await withStorage(host, async (next) => {
				assert.isTrue(next.recovery.foundCrash);
				await next.close();
			});
			assert.isFalse(await existsRaw(host, MARKER));
		},
	);

	onHost(
		"dualslot.open is neither made nor removed by a reader",
		async (host) => {
			const storage = await Storage.open(host, { memory: MEMORY });
			await storage.drop();
			const reader = await Storage.open(host, { readOnly: true });
			assert.isTrue(reader.recovery.foundCrash);
			await reader.close();
			assert.isTrue(await existsRaw(host, MARKER));
		},
	);

	onHost(
		"dualslot.open that cannot be read still says that a writer crashed",
		async (host) => {
			for (const damaged of [
				"",
				"{",
				"null",
				'"text"',
				"[1]",
				"7",
				'{"owed":7}',
			]) {
				await writeRaw(host, MARKER, bytesOf(damaged));
				await withStorage(host, async (storage) => {
					assert.isTrue(storage.recovery.foundCrash, damaged);
					await storage.close();
				});
			}
			await writeRaw(host, MARKER, fromHex("ff fe 00"));
			await withStorage(host, async (storage) => {
				assert.isTrue(storage.recovery.foundCrash);
			});
		},
	);

	onHost(
		"a crash owes each paged blob one look, even past a clean close that did not open it",
		async (host) => {
			await withStorage(host, async (storage) => {
				await touch(storage, "first");
				await touch(storage, "second");
			});
			await session(host, async (storage) => {
				assert.isTrue(storage.recovery.foundCrash);
				assert.isTrue(await touch(storage, "first"));
			});
			await session(host, async (storage) => {
				assert.isTrue(storage.recovery.foundCrash);
				assert.isFalse(await touch(storage, "first"));
				assert.isTrue(await touch(storage, "second"));
			});
			assert.isFalse(await existsRaw(host, MARKER));
			await session(host, async (storage) => {
				assert.isFalse(storage.recovery.foundCrash);
				assert.isFalse(await touch(storage, "second"));
			});
		},
	);

	onHost("a blob that was removed is owed no look", async (host) => {
		await withStorage(host, async (storage) => {
			await touch(storage, "first");
		});
		await session(host, async (storage) => {
			await storage.remove("pages", "first");
		});
		assert.isFalse(await existsRaw(host, MARKER));
	});

	onHost(
		"a blob that was dropped with unsynced bytes is owed a look, though the store is closed clean",
		async (host) => {
			await session(host, async (storage) => {
				await touch(storage, "first");
				const paged = await open(storage, "first");
				assert.isFalse(paged.recovery.foundCrash);
				await paged.append(new Uint8Array(100_000));
				await paged.drop();
				await touch(storage, "second");
			});
			await session(host, async (storage) => {
				assert.isFalse(await touch(storage, "second"));
				assert.isTrue(await touch(storage, "first"));
			});
			assert.isFalse(await existsRaw(host, MARKER));
		},
	);

	onHost(
		"a blob that was dropped with unsynced bytes is looked into, and made durable, by the next to close it",
		async (host) => {
			await session(host, async (storage) => {
				const paged = await open(storage, "first");
				await paged.append(new Uint8Array(100_000));
				await paged.drop();
				const again = await open(storage, "first");
				assert.isTrue(again.recovery.foundCrash);
				await again.close();
			});
			assert.isFalse(await existsRaw(host, MARKER));
		},
	);

	onHost(
		"a blob that was opened and dropped is still owed its look",
		async (host) => {
			await withStorage(host, async (storage) => {
				await touch(storage, "first");
			});
			await session(host, async (storage) => {
				const paged = await open(storage, "first");
				assert.isTrue(paged.recovery.foundCrash);
				await paged.drop();
			});
			await session(host, async (storage) => {
				assert.isTrue(await touch(storage, "first"));
			});
			assert.isFalse(await existsRaw(host, MARKER));
		},
	);
}

/** A session that ends with a clean close. */
async function session(
	host: Host,
	body: (storage: Storage) => Promise<void>,
): Promise<void> {
	await withStorage(host, async (storage) => {
		await body(storage);
		await storage.close();
	});
}

/** Appends to a paged blob and closes it; returns whether it was owed a look. */
async function touch(storage: Storage, name: string): Promise<boolean> {
	const paged = await open(storage, name);
	await paged.append(bytesOf("x"));
	await paged.close();
	return paged.recovery.foundCrash;
}

async function open(storage: Storage, name: string): Promise<PagedBlob> {
	const cache = new PageCache(storage, { pageSize: 64, pages: 1 });
	return PagedBlob.open(await storage.open("pages", name), { cache });
}
