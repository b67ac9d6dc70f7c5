import { constants } from "node:os";
import {
	ENTRIES_MAPPING,
	layoutOf,
	type RingLayout,
	SUBMISSION_SIZE,
} from "../../../hosts/node/io-uring/abi.ts";
import type {
	Mapping,
	RingKernel,
} from "../../../hosts/node/io-uring/kernel.ts";
import type { Random } from "../runs/prng.ts";

/** How many of a thousand entries, or calls. */
export interface Rates {
	readonly short: number;
	readonly error: number;
	readonly refusal: number;
}

const NO_FILE = -1;
const FILE_AT = 4;
const LENGTH_AT = 24;
const REFUSALS = ["EINTR", "EAGAIN", "EBUSY"] as const;

/**
 * The kernel of this machine. It gets entries changed to fewer bytes or vectors, or to a missing
 * file; its answers and transfers are its own. Some calls fail before they reach it.
 */
export class InjectingKernel implements RingKernel {
	readonly addressOf: RingKernel["addressOf"];
	readonly register: RingKernel["register"];
	readonly close: RingKernel["close"];
	readonly counts = { short: 0, error: 0, refusal: 0 };
	readonly #kernel: RingKernel;
	readonly #random: Random;
	readonly #rates: Rates;
	#layout: RingLayout | undefined;
	#queues = new Int32Array();
	#entries = new DataView(new ArrayBuffer(0));
	/** How far entries were inspected. */
	#seen = 0;

	constructor(kernel: RingKernel, random: Random, rates: Rates) {
		this.#kernel = kernel;
		this.#random = random;
		this.#rates = rates;
		this.addressOf = kernel.addressOf;
		this.register = kernel.register;
		this.close = kernel.close;
	}

	setup(entries: number, parameters: Uint8Array): number {
		const fd = this.#kernel.setup(entries, parameters);
		this.#layout = layoutOf(parameters);
		return fd;
	}

	map(ring: number, offset: number, length: number): Mapping | undefined {
		const mapping = this.#kernel.map(ring, offset, length);
		if (mapping !== undefined && offset === ENTRIES_MAPPING) {
			this.#entries = new DataView(mapping.memory);
		} else if (mapping !== undefined) {
			this.#queues = new Int32Array(mapping.memory);
		}
		return mapping;
	}

	enter(ring: number, submit: number, complete: number): number {
		if (this.#isStruck("refusal")) {
			return -constants.errno[this.#random.pick(REFUSALS)];
		}
		this.#changeEntries();
		return this.#kernel.enter(ring, submit, complete);
	}

	enterInThread(
		ring: number,
		submit: number,
		complete: number,
	): Promise<number | undefined> {
		return this.#kernel.enterInThread(ring, submit, complete);
	}

	#changeEntries(): void {
		const layout = this.#layout;
		if (layout === undefined) {
			return;
		}
		const tail = this.#queues[layout.submission.tail / 4] ?? 0;
		for (; this.#seen !== tail; this.#seen = (this.#seen + 1) | 0) {
			const index = this.#seen & (layout.submissions - 1);
			this.#change(index * SUBMISSION_SIZE);
		}
	}

	#change(at: number): void {
		const length = this.#entries.getUint32(at + LENGTH_AT, true);
		if (this.#isStruck("error")) {
			this.#entries.setInt32(at + FILE_AT, NO_FILE, true);
		} else if (length > 1 && this.#isStruck("short")) {
			const less = this.#random.integer(1, length);
			this.#entries.setUint32(at + LENGTH_AT, less, true);
		}
	}

	#isStruck(what: keyof Rates): boolean {
		const isStruck = this.#random.integer(0, 1000) < this.#rates[what];
		this.counts[what] += isStruck ? 1 : 0;
		return isStruck;
	}
}
