import type { SyncMode } from "../../hosts/posix/syncs.ts";
import { PageCache } from "../../src/paged/cache.ts";
import { PagedBlob } from "../../src/paged/paged-blob.ts";
import type { Storage } from "../../src/storage/storage.ts";
import { contextOf } from "../../src/storage/storage.ts";
import type { Awaitable } from "../../src/turns/awaitable.ts";

/** A store of its own for one measure: opened as often as that needs, and gone afterwards. */
export interface StorageLease {
	open(): Promise<Storage>;
}

/** What one run of a measure gave, in nanoseconds, by the name of its row. */
export type Figures = Readonly<Record<string, number>>;

export interface Measure {
	readonly run: (lease: StorageLease) => Promise<Figures>;
	/** How the host syncs where it can do it in either way. */
	readonly sync: SyncMode;
}

const ENTRY_SIZE = 256;
const PAGE_SIZE = 4096;
const MIB = 2 ** 20;

const BULK_ENTRIES = 100_000;
const DURABLE_ENTRIES = 300;
const WRITERS = 64;
const ROUNDS_OF_WRITERS = 30;
const HOT_ENTRIES = 4096;
const HOT_READS = 200_000;
const CHECKSUMS = 200_000;
const OPENED_BYTES = 64 * MIB;

/** The rows of the bench, without its peers, in whatever runtime this is. */
export const MEASURES: Readonly<Record<string, Measure>> = {
	"bulk and replay": { run: bulkAndReplay, sync: "async" },
	durable: { run: durable, sync: "blocking" },
	writers: { run: writers, sync: "async" },
	"hot reads": { run: hotReads, sync: "async" },
	checksums: { run: checksums, sync: "async" },
	opening: { run: opening, sync: "async" },
};

async function bulkAndReplay(lease: StorageLease): Promise<Figures> {
	return withBlob(lease, async (paged) => {
		const bulk = await timed(async () => {
			for (let index = 0; index < BULK_ENTRIES; index += 1) {
				await paged.append(entryAt(index));
			}
			await paged.sync();
		});
		const replay = await timed(() => replayed(paged, BULK_ENTRIES));
		return {
			"bulk append, one sync, per entry": bulk / BULK_ENTRIES,
			"verified replay, per entry": replay / BULK_ENTRIES,
		};
	});
}

async function durable(lease: StorageLease): Promise<Figures> {
	return withBlob(lease, async (paged) => {
		const samples: number[] = [];
		for (let index = 0; index < DURABLE_ENTRIES; index += 1) {
			const elapsed = await timed(async () => {
				await paged.append(entryAt(index));
				await paged.sync();
			});
			samples.push(elapsed);
		}
		await replayed(paged, DURABLE_ENTRIES);
		samples.sort((left, right) => left - right);
		return {
			"one append and one sync, median": quantile(samples, 0.5),
			"one append and one sync, 99th percentile": quantile(samples, 0.99),
		};
	});
}

async function writers(lease: StorageLease): Promise<Figures> {
	return withBlob(lease, async (paged) => {
		let index = 0;
		const writer = async () => {
			for (let round = 0; round < ROUNDS_OF_WRITERS; round += 1) {
				const entry = entryAt(index);
				index += 1;
				await paged.append(entry);
				await paged.sync();
			}
		};
		const elapsed = await timed(() =>
			Promise.all(Array.from({ length: WRITERS }, writer)),
		);
		await replayed(paged, index);
		return { "64 writers, each append and sync, per entry": elapsed / index };
	});
}

async function hotReads(lease: StorageLease): Promise<Figures> {
	return withBlob(lease, async (paged) => {
		for (let index = 0; index < HOT_ENTRIES; index += 1) {
			await paged.append(entryAt(index));
		}
		await paged.sync();
		const offsetOf = (count: number) =>
			(Math.imul(count + 1, 7919) % HOT_ENTRIES) * ENTRY_SIZE;
		const awaited = await timed(async () => {
			for (let count = 0; count < HOT_READS; count += 1) {
				await paged.read(offsetOf(count), ENTRY_SIZE);
			}
		});
		const target = new Uint8Array(ENTRY_SIZE);
		const tried = await timed(() => {
			for (let count = 0; count < HOT_READS; count += 1) {
				if (!paged.tryRead(offsetOf(count), target)) {
					throw new Error("a hot page was not in memory");
				}
			}
		});
		return {
			"await read of 256 bytes in memory": awaited / HOT_READS,
			"tryRead of 256 bytes in memory": tried / HOT_READS,
		};
	});
}

async function checksums(lease: StorageLease): Promise<Figures> {
	const storage = await lease.open();
	const { arena, core } = contextOf(storage);
	const address = arena.allocate(PAGE_SIZE);
	core.write(address, new Uint8Array(PAGE_SIZE).fill(7));
	const castagnoli = await timed(() => {
		for (let count = 0; count < CHECKSUMS; count += 1) {
			core.checksums.crc32c(address, PAGE_SIZE);
		}
	});
	await storage.close();
	return { "CRC-32C of 4 KiB in place": castagnoli / CHECKSUMS };
}

async function opening(lease: StorageLease): Promise<Figures> {
	const entries = OPENED_BYTES / ENTRY_SIZE;
	const filled = await opened(await lease.open());
	for (let index = 0; index < entries; index += 1) {
		await filled.paged.append(entryAt(index));
	}
	await filled.paged.sync();
	await filled.storage.close();
	const open = async (end: "close" | "drop") => {
		let found: Opened | undefined;
		const elapsed = await timed(async () => {
			found = await opened(await lease.open());
		});
		if (found?.paged.size !== OPENED_BYTES) {
			throw new Error("a store was not opened whole");
		}
		await found.storage[end]();
		return elapsed;
	};
	return {
		"open 64 MiB after a clean close": await open("drop"),
		"open 64 MiB after a crash": await open("close"),
	};
}

interface Opened {
	readonly storage: Storage;
	readonly paged: PagedBlob;
}

async function withBlob(
	lease: StorageLease,
	body: (paged: PagedBlob) => Promise<Figures>,
): Promise<Figures> {
	const { storage, paged } = await opened(await lease.open());
	try {
		return await body(paged);
	} finally {
		await storage.close();
	}
}

async function opened(storage: Storage): Promise<Opened> {
	const blob = await storage.open("entries", "all");
	const cache = new PageCache(storage, { pageSize: PAGE_SIZE, pages: 1024 });
	return { storage, paged: await PagedBlob.open(blob, { cache }) };
}

/** Reads all entries back, and throws at the first that is not what was appended. */
async function replayed(paged: PagedBlob, entries: number): Promise<void> {
	let index = 0;
	for await (const chunk of paged.replay()) {
		for (let at = 0; at < chunk.length; at += ENTRY_SIZE) {
			if (chunk[at] !== firstByteAt(index) || chunk[at + 255] !== index % 256) {
				throw new Error(`entry ${index} is wrong`);
			}
			index += 1;
		}
	}
	if (index !== entries) {
		throw new Error(`${index} entries were found, not ${entries}`);
	}
}

const POOL = Array.from({ length: 1024 }, (_, index) => {
	const entry = new Uint8Array(ENTRY_SIZE).fill(index * 31);
	entry[0] = firstByteAt(index);
	entry[255] = index;
	return entry;
});

function entryAt(index: number): Uint8Array {
	return POOL[index % POOL.length] ?? new Uint8Array();
}

function firstByteAt(index: number): number {
	return ((index % 1024) * 7) % 256;
}

async function timed(call: () => Awaitable<unknown>): Promise<number> {
	const start = performance.now();
	await call();
	return (performance.now() - start) * 1e6;
}

function quantile(sorted: readonly number[], share: number): number {
	return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
}
