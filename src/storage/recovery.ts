import type { OutsideChange } from "./own-files/outside-change.ts";

/** What opening a store found; the same in every host. */
export interface StorageRecovery {
	/**
	 * Whether a writer left without a clean close, and a blob of it may not have been looked into
	 * since.
	 */
	readonly foundCrash: boolean;
	/**
	 * Whether the last clean close has left word of its files: else nothing is compared. It has not
	 * where a crash came after it, or the disk had no room for that.
	 */
	readonly foundRecord: boolean;
	/**
	 * What somebody else has changed since the last clean close, in the order in which it was found.
	 * A blob is compared when it is first opened, names when their partition is first listed; nothing
	 * is after a crash.
	 */
	readonly changedOutside: readonly OutsideChange[];
}
