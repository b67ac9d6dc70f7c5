import { assert, test } from "vitest";
import { memoryHost } from "../../hosts/memory.ts";
import { PageCache } from "../../src/paged/cache.ts";
import { PagedBlob } from "../../src/paged/paged-blob.ts";
import { Storage } from "../../src/storage/storage.ts";
import { CrashLog } from "../support/disks/crash-log.ts";

// A power cut may undo the truncation, and keep some of the pages that were written after it: whole pages of two writers.
test("a blob that a writer emptied before it crashed is synced before it is written to again", async () => {
	const log = new CrashLog(memoryHost());
	const first = await opened(log);
	await first.paged.append(new Uint8Array(200).fill(1));
	await first.paged.sync();
	await first.paged.resize(0);
	await first.storage.drop();
	const second = await opened(log);
	const before = log.steps.length;
	await second.paged.append(new Uint8Array(200).fill(2));
	await second.paged.sync();
	const kinds = log.steps.slice(before).map(({ kind }) => kind);
	assert.deepEqual(kinds, ["sync", "write", "sync"]);
	await second.storage.close();
});

async function opened(
	host: CrashLog,
): Promise<{ storage: Storage; paged: PagedBlob }> {
	const storage = await Storage.open(host);
	const cache = new PageCache(storage, { pageSize: 61, pages: 4 });
	const blob = await storage.open("log", "blob");
	const paged = await PagedBlob.open(blob, { cache, writeBuffer: 1024 });
	return { storage, paged };
}
