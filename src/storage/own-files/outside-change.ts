/**
 * Something of a store that is not as the last clean close left it, and that no session of dualslot
 * has changed since.
 */
export interface OutsideChange {
	/** Where the file lies in the store. */
	readonly path: string;
	/**
	 * 'size', it is longer or shorter; 'content', its last 12 bytes are others, or what else is known
	 * of a file of a packed store; 'missing', it was there; 'new', it was not.
	 */
	readonly what: "size" | "content" | "missing" | "new";
}

/** What a report says of that. */
export interface OutsideReport {
	/**
	 * What somebody else has changed since the last clean close; absent where nothing is known of
	 * that.
	 */
	readonly changedOutside?: readonly OutsideChange[];
}
