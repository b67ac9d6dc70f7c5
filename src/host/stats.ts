import type { Host } from "./host.ts";
import type { Histogram } from "./latency.ts";
import type { StorageStats } from "./storage-stats.ts";

/** How long the calls of files took, each kind for itself. */
export interface FileLatencies {
	/** Reads. */
	readonly read: Histogram;
	/** Writes, those that sync in the same call too. */
	readonly write: Histogram;
	/** Syncs. */
	readonly sync: Histogram;
}

/** Calls of the files of one partition, or of one file that lies in none. */
export interface LabelledStats extends StorageStats {
	/** The partition's name; the file's, of dualslot's own and of a packed store's. */
	readonly label: string;
}

/** Of one journal that is open. */
export interface JournalStats {
	/** The partition of its sections; of pairs, of the entries. */
	readonly journal: string;
	/** Sections that there are. */
	readonly tracked: number;
	/** Syncs of sections that succeeded. */
	readonly synced: number;
	/** Sections that were pruned. */
	readonly pruned: number;
}

/** What all stores count. */
interface CountedStore extends StorageStats {
	/** What a person calls the store's directory. */
	readonly store: string;
	/** Of all files. */
	readonly latencies: FileLatencies;
	/** Operations that a ring has in flight; absent where the host has no ring. */
	readonly pendingOperations?: number;
}

/** What a storage counts: of all its files, of each partition, and of each journal. */
export interface StoreStats extends CountedStore {
	/** By partition, in the order in which they were first used. */
	readonly partitions: readonly LabelledStats[];
	/** The journals that are open. */
	readonly journals: readonly JournalStats[];
}

/** What a packed store counts. */
export interface PackedStats extends CountedStore {
	/** By file. */
	readonly files: readonly LabelledStats[];
	/** GUIDs that have a frame. */
	readonly guids: number;
	/** Frames of linear memory. */
	readonly frames: number;
	/** Those of them that are leased now. */
	readonly framesInUse: number;
	/** Slots of blobs.dat that no frame has, and a write can take. */
	readonly freeSlots: number;
	/** Flushes that succeeded. */
	readonly flushes: number;
	/** Times that the log was folded up into a snapshot. */
	readonly folds: number;
	/** How long flushes took. */
	readonly flushLatency: Histogram;
}

const PENDING = new WeakMap<Host, () => number | undefined>();

/** Has a host say how many operations its ring has in flight. */
export function countsPending(
	host: Host,
	pending: () => number | undefined,
): void {
	PENDING.set(host, pending);
}

/** For the statistics of the store that was opened over a host. */
export function pendingIn(host: Host): { readonly pendingOperations?: number } {
	const pendingOperations = PENDING.get(host)?.();
	return pendingOperations === undefined ? {} : { pendingOperations };
}
