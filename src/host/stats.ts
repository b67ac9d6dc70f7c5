import type { Host } from "./host.ts";
import type { Histogram } from "./latency.ts";
import type { StorageStats } from "./storage-stats.ts";

/** How long calls to files took, by kind of call. */
export interface FileLatencies {
	/** Reads. */
	readonly read: Histogram;
	/** Writes, including synced writes. */
	readonly write: Histogram;
	/** Syncs. */
	readonly sync: Histogram;
}

/** Calls to the files of one partition, or to one file in no partition. */
export interface LabelledStats extends StorageStats {
	/**
	 * The partition's name; for dualslot's own files and a packed store's, the file's; "(others)" for
	 * all but the first 1,000.
	 */
	readonly label: string;
}

/** Statistics of one open journal. */
export interface JournalStats {
	/** The partition of its sections; for pairs, that of the entries. */
	readonly journal: string;
	/** Sections that exist. */
	readonly tracked: number;
	/** Syncs of sections that succeeded. */
	readonly synced: number;
	/** Sections that were pruned. */
	readonly pruned: number;
}

/** The statistics of every store. */
interface CountedStore extends StorageStats {
	/** The store's directory as a person names it. */
	readonly store: string;
	/** Over all files. */
	readonly latencies: FileLatencies;
	/** Operations that the ring has in flight; absent where the host has no ring. */
	readonly pendingOperations?: number;
}

/** A storage's statistics: of all its files, of each partition and of each journal. */
export interface StoreStats extends CountedStore {
	/** By partition, in the order in which they were first used. */
	readonly partitions: readonly LabelledStats[];
	/** The journals that are open. */
	readonly journals: readonly JournalStats[];
	/**
	 * Bytes of zeros that files end with now, written ahead of appends; absent where the store writes
	 * none.
	 */
	readonly reservedBytes?: number;
}

/** A packed store's statistics. */
export interface PackedStats extends CountedStore {
	/** By file. */
	readonly files: readonly LabelledStats[];
	/** GUIDs that have a frame. */
	readonly guids: number;
	/** Frames of linear memory. */
	readonly frames: number;
	/** Frames that are leased now. */
	readonly framesInUse: number;
	/** Free slots of blobs.dat, which a write can take. */
	readonly freeSlots: number;
	/** Flushes that succeeded. */
	readonly flushes: number;
	/** How often the log was folded up into a snapshot. */
	readonly folds: number;
	/** How long flushes took. */
	readonly flushLatency: Histogram;
}

const PENDING = new WeakMap<Host, () => number | undefined>();

/** Sets how to count the operations that a host's ring has in flight. */
export function countsPending(
	host: Host,
	pending: () => number | undefined,
): void {
	PENDING.set(host, pending);
}

/** For the statistics of a store opened over the host. */
export function pendingIn(host: Host): { readonly pendingOperations?: number } {
	const pendingOperations = PENDING.get(host)?.();
	return pendingOperations === undefined ? {} : { pendingOperations };
}
