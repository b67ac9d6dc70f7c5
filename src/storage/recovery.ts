import type { OutsideChange } from "./own-files/outside-change.ts";

/** What opening a store found; the same in every host. */
export interface StorageRecovery {
	/** Whether a writer ended without a clean close, and a blob may not have been checked since. */
	readonly foundCrash: boolean;
	/**
	 * Whether a record of the files by the last clean close was found: else nothing is compared.
	 * There is none after a later crash, or where the disk had no room for it.
	 */
	readonly foundRecord: boolean;
	/**
	 * Changes by others since the last clean close, in the order in which they were found. A blob is
	 * compared at its first open, names when their partition is first listed. After a crash nothing
	 * is compared.
	 */
	readonly changedOutside: readonly OutsideChange[];
}
