// Our types name these: this brings them to projects that are compiled without.
/// <reference lib="esnext.disposable" preserve="true" />
import type { FrameBytes, FrameLease } from "./frame-lease.ts";

/** A frame, or 524288 bytes, which cost a copy. */
export type FrameSource = Frame | Uint8Array;

/** A lease as a user holds it. */
export let frameOver: (lease: FrameLease) => Frame;
let leaseOf: (frame: Frame) => FrameLease;

/**
 * 512 KiB of linear memory, aligned for direct I/O. It is back in its pool once it is released and
 * the last call that uses it has ended.
 */
export class Frame implements Disposable {
	readonly #lease: FrameLease;

	private constructor(lease: FrameLease) {
		this.#lease = lease;
	}

	/**
	 * The frame's 524288 bytes. After the release an older view shows any frame of the store that
	 * comes there, and nothing once the store is closed.
	 *
	 * @throws {TypeError} once the frame is released: the memory may be another's.
	 */
	get bytes(): Uint8Array<ArrayBuffer> {
		return this.#lease.bytes;
	}

	/** Gives the frame back. A second call does nothing. */
	release(): void {
		this.#lease.release();
	}

	[Symbol.dispose](): void {
		this.release();
	}

	static {
		frameOver = (lease) => new Frame(lease);
		leaseOf = (frame) => frame.#lease;
	}
}

/** The lease of a frame, or the bytes given in its place. */
export function bytesBehind(source: FrameSource): FrameBytes {
	return source instanceof Frame ? leaseOf(source) : source;
}
