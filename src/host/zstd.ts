/**
 * What the headers of a zstd frame and of its blocks say (RFC 8878, 3.1.1); nothing of it is
 * decompressed.
 */
export interface ZstdFrame {
	/** All of the frame. */
	readonly bytes: Uint8Array;
	/** Bytes of the frame's own header. */
	readonly headerSize: number;
	/** Bytes of what was compressed, where the frame says so. */
	readonly contentSize: number | undefined;
	/** Bytes that come out of its blocks: no fewer, and no more. */
	readonly least: number;
	/** The other bound of that, in bytes. */
	readonly most: number;
	/** Bytes that a block of it may hold. */
	readonly blockMax: number;
}

/** zstd, of a runtime or of a library: a frame at a time, at once. */
export interface Zstd {
	/**
	 * One frame, which says how many bytes it holds where the platform can have it say so. `level`: 1
	 * to 22.
	 */
	compress(bytes: Uint8Array, level: number): Uint8Array;
	/**
	 * What one frame holds: `limit` bytes at most. No more than that, or than its blocks can hold, is
	 * ever taken for it. Throws for what cannot be decompressed, and for more.
	 */
	decompress(frame: ZstdFrame, limit: number): Uint8Array;
}
