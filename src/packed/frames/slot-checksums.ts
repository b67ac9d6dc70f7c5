/** How far frames.crc covers the frames. */
export interface ChecksumCoverage {
	/** Frames whose checksum is known. */
	readonly covered: number;
	/** Frames that are read unchecked until `coverFrames`. */
	readonly uncovered: number;
}

/** What a slot has: no frame, one whose checksum is known, or one that is read unchecked. */
const NONE = 0;
const KNOWN = 1;
const MISSING = 2;

/** Slots of which one in so many has a frame are near each other. */
const NEAR = 8;
const NEAR_MIN = 1024;

interface FarSlot {
	readonly state: number;
	readonly crc: number;
}

/**
 * The checksum of the frame in each slot. Near slots have their places in arrays, five bytes each;
 * a manifest that names few slots far from each other has the others in a map.
 */
export class SlotChecksums {
	#states: Uint8Array;
	#crcs: Uint32Array;
	readonly #far = new Map<number, FarSlot>();
	#known = 0;
	#missing = 0;

	/** `slots`, no two the same, have frames whose checksums are not known. */
	constructor(slots: Float64Array) {
		const near = NEAR * slots.length + NEAR_MIN;
		const states = new Uint8Array(behindLast(slots, near));
		for (const slot of slots) {
			if (slot < states.length) {
				states[slot] = MISSING;
			} else {
				this.#far.set(slot, { state: MISSING, crc: 0 });
			}
		}
		this.#states = states;
		this.#crcs = new Uint32Array(states.length);
		this.#missing = slots.length;
	}

	get coverage(): ChecksumCoverage {
		return { covered: this.#known, uncovered: this.#missing };
	}

	/** Undefined where it is not known. */
	expected(slot: number): number | undefined {
		if (this.#stateOf(slot) !== KNOWN) {
			return undefined;
		}
		return slot < this.#crcs.length
			? this.#crcs[slot]
			: this.#far.get(slot)?.crc;
	}

	/** Whether there is a frame in the slot. */
	hasFrame(slot: number): boolean {
		return this.#stateOf(slot) !== NONE;
	}

	/** Whether the slot has a frame whose checksum is not known. */
	isMissing(slot: number): boolean {
		return this.#stateOf(slot) === MISSING;
	}

	/** In ascending order. */
	get missing(): number[] {
		const far = [...this.#far.keys()].filter((slot) => this.isMissing(slot));
		const near: number[] = [];
		for (
			let slot = this.#states.indexOf(MISSING);
			slot >= 0;
			slot = this.#states.indexOf(MISSING, slot + 1)
		) {
			near.push(slot);
		}
		return near.concat(far.sort((one, other) => one - other));
	}

	set(slot: number, crc: number): void {
		this.#put(slot, KNOWN, crc);
	}

	/** The slot has no frame any more. */
	forget(slot: number): void {
		this.#put(slot, NONE, 0);
	}

	#stateOf(slot: number): number {
		return slot < this.#states.length
			? (this.#states[slot] ?? NONE)
			: (this.#far.get(slot)?.state ?? NONE);
	}

	#put(slot: number, state: number, crc: number): void {
		this.#count(this.#stateOf(slot), -1);
		this.#count(state, 1);
		if (slot >= this.#states.length) {
			this.#reach(slot);
		}
		if (slot < this.#states.length) {
			this.#states[slot] = state;
			this.#crcs[slot] = crc;
		} else if (state === NONE) {
			this.#far.delete(slot);
		} else {
			this.#far.set(slot, { state, crc });
		}
	}

	#count(state: number, by: number): void {
		if (state === KNOWN) {
			this.#known += by;
		} else if (state === MISSING) {
			this.#missing += by;
		}
	}

	/** Makes the arrays longer, if the slot is near. */
	#reach(slot: number): void {
		if (slot >= NEAR * (this.#known + this.#missing) + NEAR_MIN) {
			return;
		}
		const [states, crcs] = [this.#states, this.#crcs];
		const length = Math.max(2 * states.length, slot + 1, NEAR_MIN);
		this.#states = new Uint8Array(length);
		this.#crcs = new Uint32Array(length);
		this.#states.set(states);
		this.#crcs.set(crcs);
		for (const [far, { state, crc }] of this.#far) {
			if (far < length) {
				this.#far.delete(far);
				this.#states[far] = state;
				this.#crcs[far] = crc;
			}
		}
	}
}

/** The slot behind the last one below `end`. */
function behindLast(slots: Float64Array, end: number): number {
	let behind = 0;
	for (const slot of slots) {
		if (slot >= behind && slot < end) {
			behind = slot + 1;
		}
	}
	return behind;
}
