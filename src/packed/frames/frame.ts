// Whoever is compiled without these types still gets ours, which name them.
/// <reference lib="esnext.disposable" preserve="true" />
import type { FrameBytes, FrameLease } from "./frame-lease.ts";

/** A frame, or 524288 bytes, which cost a copy. */
export type FrameSource = Frame | Uint8Array;

/** A lease as a user holds it. */
export let frameOver: (lease: FrameLease) => Frame;
let leaseOf: (frame: Frame) => FrameLease;

/**
 * 512 KiB of linear memory, aligned for direct I/O: leased until it is released, and back in its
 * pool when the last call that was given it has ended too.
 */
export class Frame implements Disposable {
	readonly #lease: FrameLease;

	private constructor(lease: FrameLease) {
		this.#lease = lease;
	}

	/**
	 * The frame's 524288 bytes. A view that was asked for before the release is of whatever frame of
	 * the store comes there, and of nothing once the store is closed.
	 *
	 * @throws {TypeError} once the frame is released: the memory may be another's.
	 */
	get bytes(): Uint8Array<ArrayBuffer> {
		return this.#lease.bytes;
	}

	/** Gives the frame back. May be called again, and does nothing then. */
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

/** The lease of a frame, or the bytes that were given in its place. */
export function bytesBehind(source: FrameSource): FrameBytes {
	return source instanceof Frame ? leaseOf(source) : source;
}
