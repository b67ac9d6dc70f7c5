/**
 * A difference in a store from what the last clean close left, which no session of dualslot made.
 */
export interface OutsideChange {
	/** The file's path in the store. */
	readonly path: string;
	/**
	 * 'size': it is longer or shorter. 'content': its last 12 bytes differ, or the other known value
	 * of a packed store's file. 'missing': it was there. 'new': it was not.
	 */
	readonly what: "size" | "content" | "missing" | "new";
}

/** Outside changes in a report. */
export interface OutsideReport {
	/** Changes by others since the last clean close; absent where none are known. */
	readonly changedOutside?: readonly OutsideChange[];
}
