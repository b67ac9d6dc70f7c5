/** Successful calls to files, and their bytes. Directories, names and locks are not counted. */
export interface StorageStats {
	/** Files that are open now. */
	readonly openFiles: number;
	/** Reads that succeeded. */
	readonly reads: number;
	/** Bytes that reads returned: fewer than requested at the end of a file. */
	readonly readBytes: number;
	/** Writes that succeeded. */
	readonly writes: number;
	/** Bytes of these writes. */
	readonly writeBytes: number;
	/** Syncs of files that succeeded. */
	readonly syncs: number;
	/** Truncations and extensions that succeeded. */
	readonly resizes: number;
}
