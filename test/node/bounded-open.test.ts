import { mkdtempSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { afterEach, beforeEach, test } from "vitest";
import {
	HEADER_SIZE,
	PAGE_SIZE_MAX,
	RECORD_SIZE,
} from "../../assembly/format.ts";
import { nodeHost } from "../../hosts/node.ts";
import { PageCache } from "../../src/paged/cache.ts";
import { PagedBlob } from "../../src/paged/paged-blob.ts";
import { Storage } from "../../src/storage/storage.ts";
import { UNSYNCED_WINDOW } from "../../src/storage/unsynced-window.ts";
import { InterceptedHost } from "../support/hosts/intercepted-host.ts";
import { assertFails } from "../support/runs/failure.ts";

const MIB = 1024 * 1024;
const SIZES = [
	["1 MiB", MIB],
	["1 GiB", 1024 * MIB],
] as const;
const PAGE_SIZE = 4096;
const STRIDE = PAGE_SIZE + RECORD_SIZE;
/** As many pages as 128 KiB hold. */
const RUN = 31 * STRIDE;
const PATH = "p/62";

interface Reads {
	calls: number;
	bytes: number;
}

let directory: string;

beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), "dualslot-"));
});

afterEach(() => rmSync(directory, { recursive: true }));

test.each(SIZES)(
	"opening %s reads its last page after a clean close, and no more than the unsynced window after a crash",
	async (_, size) => {
		await write(size);
		const clean = await openCounting();
		assert.equal(clean.paged.size, size + 1);
		const reads = { calls: 2, bytes: HEADER_SIZE + STRIDE };
		assert.deepEqual(clean.reads, reads);

		// What was just opened ended without a close.
		const crashed = await openCounting();
		assert.equal(crashed.paged.size, size + 1);
		assert.isTrue(crashed.paged.recovery.foundCrash);
		assertWithin(crashed.reads, Math.min(size, UNSYNCED_WINDOW));

		const torn = Math.min(size, UNSYNCED_WINDOW) / 2;
		await zeroTail(torn);
		const cut = await openCounting();
		assert.equal(cut.paged.recovery.cut, "torn-tail");
		assert.isAtLeast(cut.paged.size, size - torn - PAGE_SIZE);
		assertWithin(cut.reads, 2 * UNSYNCED_WINDOW);
	},
);

test("opening a blob that has no page for two windows reads one window, and the first page's surroundings, to refuse it", async () => {
	const size = 4 * UNSYNCED_WINDOW;
	await write(size);
	await zeroTail(2 * UNSYNCED_WINDOW);
	const reads: Reads = { calls: 0, bytes: 0 };
	await assertFails("ERR_PAGE_SIZE", () => openCounting(reads));
	assert.isAtLeast(reads.bytes, UNSYNCED_WINDOW);
	assertWithin(reads, UNSYNCED_WINDOW + PAGE_SIZE_MAX);
});

/** A scan reads whole runs, and so goes past the window by one at most. */
function assertWithin({ calls, bytes }: Reads, window: number): void {
	assert.isAtMost(bytes, HEADER_SIZE + window + RUN);
	assert.isAtMost(calls, 6 + window / RUN);
}

/** Closed clean, and one byte more than `size`, so that the last page is partial. */
async function write(size: number): Promise<void> {
	const storage = await Storage.open(nodeHost(directory));
	const paged = await openPaged(storage);
	const chunk = new Uint8Array(MIB).fill(7);
	for (let written = 0; written < size; written += MIB) {
		await paged.append(chunk);
	}
	await paged.append(chunk.subarray(0, 1));
	await storage.close();
}

async function zeroTail(length: number): Promise<void> {
	const path = join(directory, PATH);
	const file = await open(path, "r+");
	const at = statSync(path).size - length;
	await file.write(new Uint8Array(length), 0, length, at);
	await file.close();
}

async function openCounting(
	reads: Reads = { calls: 0, bytes: 0 },
): Promise<{ reads: Reads; paged: PagedBlob }> {
	const host = new InterceptedHost(nodeHost(directory), {
		read: async (path, call) => {
			const count = await call();
			reads.calls += path === PATH ? 1 : 0;
			reads.bytes += path === PATH ? count : 0;
			return count;
		},
	});
	const storage = await Storage.open(host);
	try {
		return { reads, paged: await openPaged(storage) };
	} finally {
		await storage.drop();
	}
}

async function openPaged(storage: Storage): Promise<PagedBlob> {
	const cache = new PageCache(storage, { pageSize: PAGE_SIZE, pages: 8 });
	return PagedBlob.open(await storage.open("p", "b"), { cache });
}
