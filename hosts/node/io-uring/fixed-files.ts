import { REGISTER } from "./abi.ts";
import type { RingKernel } from "./kernel.ts";
import type { RingTarget } from "./operation.ts";

/**
 * Files that one ring knows by an index, which saves the kernel a lookup. Further files are known
 * by their descriptors.
 */
const MOST = 64;
const NO_FILE = -1;
/** struct io_uring_files_update: an index, zeros, and the address of a descriptor. */
const UPDATE_SIZE = 16;

/** Files that are registered with a ring. */
export class FixedFiles {
	readonly #kernel: RingKernel;
	readonly #ring: number;
	readonly #free: number[];
	/** The kernel reads a descriptor from here: it must outlive the call. */
	readonly #descriptor = new Int32Array(1);

	constructor(kernel: RingKernel, ring: number) {
		this.#kernel = kernel;
		this.#ring = ring;
		const none = new Uint8Array(new Int32Array(MOST).fill(NO_FILE).buffer);
		const isTaken = kernel.register(ring, REGISTER.files, none, MOST) >= 0;
		const count = isTaken ? MOST : 0;
		this.#free = Array.from({ length: count }, (_, index) => count - 1 - index);
	}

	add(fd: number): RingTarget {
		const index = this.#free.pop();
		if (index === undefined) {
			return { fd, index };
		}
		if (this.#update(index, fd)) {
			return { fd, index };
		}
		this.#free.push(index);
		return { fd, index: undefined };
	}

	/**
	 * Before its descriptor is closed, with nothing of it in flight: the kernel would keep the file
	 * open.
	 */
	remove({ index }: RingTarget): void {
		if (index !== undefined && this.#update(index, NO_FILE)) {
			this.#free.push(index);
		}
	}

	#update(index: number, fd: number): boolean {
		this.#descriptor[0] = fd;
		const argument = new Uint8Array(UPDATE_SIZE);
		const view = new DataView(argument.buffer);
		const address = this.#kernel.addressOf(this.#descriptor.buffer);
		view.setUint32(0, index, true);
		view.setBigUint64(8, BigInt(address), true);
		const { filesUpdate } = REGISTER;
		return this.#kernel.register(this.#ring, filesUpdate, argument, 1) >= 0;
	}
}
