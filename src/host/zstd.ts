/**
 * What the headers of a zstd frame and of its blocks say (RFC 8878, 3.1.1), without decompression.
 */
export interface ZstdFrame {
	/** The whole frame. */
	readonly bytes: Uint8Array;
	/** Bytes of the frame's own header. */
	readonly headerSize: number;
	/** Bytes of the content, where the frame says so. */
	readonly contentSize: number | undefined;
	/** The least bytes that its blocks can yield. */
	readonly least: number;
	/** The most bytes that its blocks can yield. */
	readonly most: number;
	/** The most bytes that one block may hold. */
	readonly blockMax: number;
}

/** zstd of a runtime or a library: one frame a call, synchronous. */
export interface Zstd {
	/**
	 * Returns one frame, with its content size where the platform can write that. `level`: 1 to 22.
	 */
	compress(bytes: Uint8Array, level: number): Uint8Array;
	/**
	 * The content of one frame: `limit` bytes at most. Takes memory for no more than that, or than
	 * its blocks can hold. Throws for more, and for a broken frame.
	 */
	decompress(frame: ZstdFrame, limit: number): Uint8Array;
}
