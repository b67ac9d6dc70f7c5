import { FixedJournal } from "../../../src/journal/entries/fixed-journal.ts";
import { VariableJournal } from "../../../src/journal/items/variable-journal.ts";
import { OversizedJournal } from "../../../src/journal/oversized/oversized-journal.ts";
import { Glob } from "../../../src/journal/values/glob.ts";
import { PageCache } from "../../../src/paged/cache.ts";
import { PagedBlob } from "../../../src/paged/paged-blob.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import type { StorageBlob } from "../../../src/storage/storage-blob.ts";
import { filled } from "../runs/bytes.ts";

/** The common calls of every kind of owner. */
interface Owned {
	/** Appends one record of 20 bytes. */
	append(): Promise<unknown>;
	sync(): Promise<unknown>;
	/** The size in bytes. */
	size(): Promise<number>;
	close(): Promise<void>;
	drop(): Promise<void>;
}

/** A kind of object that owns a partition, or a blob in it, alone. */
export interface OwnedKind {
	/** Its name in an ERR_IN_USE's message. */
	readonly what: string;
	/** Bytes that a record of 20 takes in it. */
	readonly recordSize: number;
	open(storage: Storage, cache?: PageCache): Promise<Owned>;
}

/** The partitions of each kind, and the name of a blob. */
export const OWNED = "owned";
export const OWNED_VALUES = "owned-values";
export const OWNED_BLOB = new Uint8Array(8);

const RECORD = filled(20, 7);
const ENTRY = { size: 20, offsetAt: 0, sizeAt: 8 };

type Journal = Pick<Owned, "close" | "drop"> & {
	sync(section: bigint): Promise<void>;
	size(section: bigint): Promise<number>;
};

export const OWNED_KINDS: readonly OwnedKind[] = [
	{
		what: "a FixedJournal",
		recordSize: 20,
		open: async (storage, cache = cacheOf(storage)) => {
			const entry = { size: 20 };
			const options = { partition: OWNED, cache, entry };
			const journal = await FixedJournal.open(storage, options);
			return ofJournal(journal, () => journal.append(0n, RECORD));
		},
	},
	{
		what: "a VariableJournal",
		recordSize: 21,
		open: async (storage, cache = cacheOf(storage)) => {
			const options = { partition: OWNED, cache };
			const journal = await VariableJournal.open(storage, options);
			return ofJournal(journal, () => journal.append(0n, RECORD));
		},
	},
	{
		what: "a Glob",
		recordSize: 24,
		open: async (storage) => {
			const journal = await Glob.open(storage, { partition: OWNED });
			return ofJournal(journal, () => journal.append(0n, RECORD));
		},
	},
	{
		what: "an OversizedJournal",
		recordSize: 20,
		open: async (storage, cache = cacheOf(storage)) => {
			const places = { index: OWNED, values: OWNED_VALUES };
			const options = { ...places, cache, entry: ENTRY };
			const journal = await OversizedJournal.open(storage, options);
			return ofJournal(journal, () =>
				journal.append(0n, RECORD.slice(), RECORD),
			);
		},
	},
	{
		what: "a PagedBlob",
		recordSize: 20,
		open: async (storage, cache = cacheOf(storage)) => {
			const blob = await storage.open(OWNED, OWNED_BLOB);
			const paged = await openedOr(blob, PagedBlob.open(blob, { cache }));
			return {
				append: () => paged.append(RECORD),
				sync: () => paged.sync(),
				size: async () => paged.size,
				close: () => paged.close(),
				drop: () => paged.drop(),
			};
		},
	},
];

/** A blob's handle, which others share. */
export const HANDLE: OwnedKind = {
	what: "a blob's handle",
	recordSize: 20,
	open: async (storage) => {
		const blob = await storage.open(OWNED, OWNED_BLOB);
		let end = blob.size;
		return {
			append: () => {
				end += RECORD.length;
				return blob.write(end - RECORD.length, RECORD);
			},
			sync: () => blob.sync(),
			size: async () => blob.size,
			close: () => blob.close(),
			drop: () => blob.drop(),
		};
	},
};

/** Releases the handle that a failed open leaves. */
async function openedOr(
	blob: StorageBlob,
	opening: Promise<PagedBlob>,
): Promise<PagedBlob> {
	try {
		return await opening;
	} catch (error) {
		await blob.drop();
		throw error;
	}
}

function ofJournal(journal: Journal, append: Owned["append"]): Owned {
	return {
		append,
		sync: () => journal.sync(0n),
		size: () => journal.size(0n),
		close: () => journal.close(),
		drop: () => journal.drop(),
	};
}

function cacheOf(storage: Storage): PageCache {
	return new PageCache(storage, { pageSize: 64, pages: 4 });
}
