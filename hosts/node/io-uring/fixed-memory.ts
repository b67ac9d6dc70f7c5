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

/** Memory that is pinned at most, as many frames as holt's. */
const PINNED_MAX = 16 * 1024 * 1024;

interface Region {
	readonly address: number;
	readonly length: number;
}

/**
 * Where views of memory lie, and which lie in memory that is registered with a ring: the kernel has
 * mapped that once and for all.
 */
export class FixedMemory {
	/** Whether one operation moves many pieces of a region. */
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
	 * Has the first of some memory mapped, 16 MiB at most: nobody else can have what is pinned.
	 * Answers false, and goes on without, where the kernel refuses: a user may pin little memory, or
	 * a ring has been given some.
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
	 * Nothing goes by what was registered from then on: who had it registered may let the memory go,
	 * and other memory get its addresses, while the kernel, until the ring is closed, keeps what lay
	 * there.
	 */
	forget(): void {
		this.#regions = [];
	}

	/**
	 * The buffer that it is a view of must live, and stay what it is, for as long as the address is
	 * used.
	 */
	addressOf(view: Uint8Array): number {
		// To ask a small array for its buffer moves its bytes, once, to where they stay.
		const { buffer, byteOffset } = view;
		const known = this.#addresses.get(buffer);
		const base = known ?? this.#kernel.addressOf(buffer);
		if (known === undefined) {
			this.#addresses.set(buffer, base);
		}
		return base + byteOffset;
	}

	/** The index of the registered region that holds it all. */
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

/** Neighbours in one, as far as a region may be large. */
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
