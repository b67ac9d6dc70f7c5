import type { OutsideChange } from "./own-files/outside-change.ts";

/** The session that has a store to write, as who reads beside it knows. */
export type StoreOwner = "live" | "none" | "unknown";

/** What opening a store found; the same in every host. */
export interface StorageRecovery {
	/**
	 * Whether a writer left without a clean close, and a blob of it may not have been looked into
	 * since. Never beside a live owner, who has the marker of a crash lie there as well.
	 */
	readonly foundCrash: boolean;
	/**
	 * Whether another session had the store, to write, when this one opened it to read: 'unknown'
	 * where the host cannot tell. A session that writes is its only owner: 'none'.
	 */
	readonly owner: StoreOwner;
	/**
	 * Whether the last clean close has left word of its files: else nothing is compared. It has not
	 * where a crash came after it, or the disk had no room for that.
	 */
	readonly foundRecord: boolean;
	/**
	 * Changes by others since the last clean close, in the order in which they were found. A blob is
	 * compared at its first open, names when their partition is first listed. After a crash nothing
	 * is compared.
	 */
	readonly changedOutside: readonly OutsideChange[];
}
