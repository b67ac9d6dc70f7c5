// Whoever is compiled without these types still gets ours, which name them.
/// <reference lib="esnext.disposable" preserve="true" />
import { FRAME_SIZE } from "../../assembly/format.ts";
import type { Core } from "../core.ts";

/**
 * 512 KiB of linear memory, aligned for direct I/O: leased until it is released, and back in its pool when the last transfer that
 * uses it has ended too.
 */
export class Frame implements Disposable {
	readonly address: number;
	readonly #core: Core;
	readonly #giveBack: (address: number) => void;
	#isReleased = false;
	#transfers = 0;

	constructor(
		core: Core,
		address: number,
		giveBack: (address: number) => void,
	) {
		this.#core = core;
		this.address = address;
		this.#giveBack = giveBack;
	}

	/** What it holds. Throws TypeError once it is released: the memory may be somebody else's. */
	get bytes(): Uint8Array<ArrayBuffer> {
		if (this.#isReleased) {
			throw new TypeError("the frame was released");
		}
		return this.#core.bytes(this.address, FRAME_SIZE);
	}

	/** CRC-32C of what it holds. */
	get checksum(): number {
		return this.#core.crc32c(this.address, FRAME_SIZE);
	}

	/** Engine's use: whether it lies in that memory. */
	isOf(core: Core): boolean {
		return core === this.#core;
	}

	/** May be called again, and does nothing then. */
	release(): void {
		if (!this.#isReleased) {
			this.#isReleased = true;
			this.#giveBackIfIdle();
		}
	}

	[Symbol.dispose](): void {
		this.release();
	}

	/** Engine's use: keeps the memory from being leased again while a transfer reads or fills it. */
	async during<T>(transfer: () => T | Promise<T>): Promise<T> {
		this.#transfers += 1;
		try {
			return await transfer();
		} finally {
			this.#transfers -= 1;
			this.#giveBackIfIdle();
		}
	}

	#giveBackIfIdle(): void {
		if (this.#isReleased && this.#transfers === 0) {
			this.#giveBack(this.address);
		}
	}
}
