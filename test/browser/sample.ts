import { PageCache } from "../../src/paged/cache.ts";
import { PagedBlob } from "../../src/paged/paged-blob.ts";
import type { Storage } from "../../src/storage/storage.ts";
import { bytesOf, pattern } from "../support/runs/bytes.ts";

const PAGE_SIZE = 100;

/** One and the same store, wherever it is written: every kind of file that a store has, and then a crash. */
export async function writeSample(storage: Storage): Promise<void> {
	const plain = await storage.open("plain", "name", { versions: [1, 7] });
	await plain.write(3, [bytesOf("some"), bytesOf("bytes")]);
	await plain.sync();
	await storage.open("plain", Uint8Array.of(0, 0xff));
	await storage.open("plain", "removed");
	await storage.remove("plain", "removed");
	const cache = new PageCache(storage, { pageSize: PAGE_SIZE, pages: 4 });
	const blob = await storage.open("pages", "snow ❄");
	const paged = await PagedBlob.open(blob, { cache, writeBuffer: 150 });
	for (let length = 1; length < 60; length += 7) {
		await paged.append(pattern(length));
		await paged.sync();
	}
	await paged.resize(120);
	await paged.append(bytesOf("after the cut"));
	await paged.sync();
	await storage.drop();
}
