import {
	OPCODE,
	PROBE_SIZE,
	PROBED_FLAGS,
	PROBED_MOST,
	PROBED_SIZE,
	PROBED_SUPPORTED,
	REGION_MAX,
	REGISTER,
	vectorsOf,
} from "./abi.ts";
import type { RingKernel } from "./kernel.ts";

/** The most memory that is pinned, as many frames as holt's. */
const PINNED_MAX = 16 * 1024 * 1024;

interface Region {
	readonly address: number;
	readonly length: number;
}

/**
 * The addresses of views, and which views lie in memory that is registered with a ring: the kernel
 * has mapped it once and for all.
 */
export class FixedMemory {
	/** Whether one operation can move many pieces of a region. */
	readonly takesVectors: boolean;
	readonly #kernel: RingKernel;
	readonly #ring: number;
	readonly #addresses = new WeakMap<ArrayBufferLike, number>();
	#regions: readonly Region[] = [];

	constructor(kernel: RingKernel, ring: number) {
		this.#kernel = kernel;
		this.#ring = ring;
		const { readvFixed, writevFixed } = OPCODE;
		this.takesVectors = areSupported(kernel, ring, [readvFixed, writevFixed]);
	}

	/**
	 * Registers the first 16 MiB of some memory at most: nobody else can have pinned memory. Returns
	 * false, and goes on without, where the kernel refuses: a user may pin little memory, or a ring
	 * has been given some.
	 */
	register(views: readonly Uint8Array[]): boolean {
		const regions = joined(
			firstOf(views).map((view) => ({
				address: this.addressOf(view),
				length: view.byteLength,
			})),
		);
		const answer = this.#kernel.register(
			this.#ring,
			REGISTER.buffers,
			vectorsOf(regions),
			regions.length,
		);
		if (answer >= 0) {
			this.#regions = regions;
		}
		return answer >= 0;
	}

	/**
	 * No operation uses the registered memory from then on. Its owner may free it, and other memory
	 * may get its addresses, but until the ring is closed the kernel keeps the old memory.
	 */
	forget(): void {
		this.#regions = [];
	}

	/** The view's buffer must live, neither detached nor resized, while the address is used. */
	addressOf(view: Uint8Array): number {
		// Asking a small array for its buffer moves its bytes, once, to where they stay.
		const { buffer, byteOffset } = view;
		const known = this.#addresses.get(buffer);
		const base = known ?? this.#kernel.addressOf(buffer);
		if (known === undefined) {
			this.#addresses.set(buffer, base);
		}
		return base + byteOffset;
	}

	/** The index of the registered region that holds all of it. */
	regionOf(address: number, length: number): number | undefined {
		const index = this.#regions.findIndex(
			(region) =>
				address >= region.address &&
				address + length <= region.address + region.length,
		);
		return index < 0 ? undefined : index;
	}
}

function firstOf(views: readonly Uint8Array[]): readonly Uint8Array[] {
	let bytes = 0;
	const end = views.findIndex((view) => {
		bytes += view.byteLength;
		return bytes > PINNED_MAX;
	});
	return end < 0 ? views : views.slice(0, end);
}

function areSupported(
	kernel: RingKernel,
	ring: number,
	opcodes: readonly number[],
): boolean {
	const probe = new Uint8Array(PROBE_SIZE + PROBED_MOST * PROBED_SIZE);
	kernel.register(ring, REGISTER.probe, probe, PROBED_MOST);
	return opcodes.every((opcode) => {
		const flags = probe[PROBE_SIZE + opcode * PROBED_SIZE + PROBED_FLAGS] ?? 0;
		return (flags & PROBED_SUPPORTED) !== 0;
	});
}

/** Joins neighbours, up to the largest region. */
function joined(regions: readonly Region[]): Region[] {
	const whole: Region[] = [];
	for (const region of [...regions].sort((a, b) => a.address - b.address)) {
		const last = whole.at(-1);
		const length = (last?.length ?? 0) + region.length;
		if (
			last !== undefined &&
			last.address + last.length === region.address &&
			length <= REGION_MAX
		) {
			whole.splice(-1, 1, { address: last.address, length });
		} else {
			whole.push(region);
		}
	}
	return whole;
}
