import { FRAME_SIZE } from "../../../assembly/format.ts";
import type { Core } from "../../core/core.ts";

/** A leased frame, or 524288 bytes, which cost a copy. */
export type FrameBytes = FrameLease | Uint8Array;

/**
 * 512 KiB of linear memory, aligned for direct I/O. It is back in its pool once it is released and
 * the last call that uses it has ended.
 */
export class FrameLease {
	readonly address: number;
	readonly #core: Core;
	readonly #giveBack: (address: number) => void;
	#isReleased = false;
	#keepers = 0;

	constructor(
		core: Core,
		address: number,
		giveBack: (address: number) => void,
	) {
		this.#core = core;
		this.address = address;
		this.#giveBack = giveBack;
	}

	/**
	 * The frame's bytes. Throws TypeError once it is released: the memory may be another lease's. An
	 * older view then shows any frame of the store that comes there, and nothing once the store is
	 * closed.
	 */
	get bytes(): Uint8Array<ArrayBuffer> {
		if (this.#isReleased) {
			throw released();
		}
		return this.memory;
	}

	/** The frame's bytes, for callers of `keep`. */
	get memory(): Uint8Array<ArrayBuffer> {
		this.#refuseIfBack();
		return this.#core.bytes(this.address, FRAME_SIZE);
	}

	/** CRC-32C of the frame's bytes, for callers of `keep`. */
	get checksum(): number {
		this.#refuseIfBack();
		return this.#core.checksums.crc32c(this.address, FRAME_SIZE);
	}

	/** Whether it lies in this core's memory. */
	isOf(core: Core): boolean {
		return core === this.#core;
	}

	/** A second call does nothing. */
	release(): void {
		if (!this.#isReleased) {
			this.#isReleased = true;
			this.#giveBackIfIdle();
		}
	}

	/** Prevents a new lease of the memory before `letGo`, if it is not released yet. */
	keep(): void {
		this.#keepers += 1;
	}

	letGo(): void {
		this.#keepers -= 1;
		this.#giveBackIfIdle();
	}

	#giveBackIfIdle(): void {
		if (this.#isBack) {
			this.#giveBack(this.address);
		}
	}

	get #isBack(): boolean {
		return this.#isReleased && this.#keepers === 0;
	}

	#refuseIfBack(): void {
		if (this.#isBack) {
			throw released();
		}
	}
}

function released(): TypeError {
	return new TypeError("the frame was released");
}

/**
 * Keeps the sources that are frames until a call has ended, even if they are released meanwhile.
 */
export async function keeping<T>(
	sources: readonly FrameBytes[],
	call: () => Promise<T>,
): Promise<T> {
	const frames = sources.filter((source) => source instanceof FrameLease);
	for (const frame of frames) {
		frame.keep();
	}
	try {
		return await call();
	} finally {
		for (const frame of frames) {
			frame.letGo();
		}
	}
}
