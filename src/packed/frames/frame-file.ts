import { FRAME_SIZE } from "../../../assembly/format.ts";
import { isPromise } from "../../checks.ts";
import { StorageError } from "../../errors.ts";
import { countRead } from "../../host/answers.ts";
import type { HostFile } from "../../host/host.ts";
import type { Observer } from "../../host/observer.ts";
import type { Awaitable } from "../../turns/awaitable.ts";
import { Mutex } from "../../turns/mutex.ts";
import { slotsToAllocate } from "./preallocation.ts";

export const FRAMES_PATH = "blobs.dat";

/** Slots below it have offsets that are safe integers. */
export const SLOT_LIMIT = 2 ** 34;

/** Reads of one batch at once, where each blocks a thread. */
const READ_DEPTH = 8;
/** Checked reads at once, 16 MiB: no disk is faster with more under way. */
const CHECKED_DEPTH = 32;

/**
 * blobs.dat: nothing but frames.
 *
 *    0              524288         1048576
 *    | slot 0       | slot 1       | slot 2 …
 *
 * A slot that no mapping names may hold anything.
 */
export class FrameFile {
	readonly #file: HostFile;
	readonly #growing = new Mutex();
	/** Slots that there is room for, as far as the platform promises room. */
	#allocated: number;
	#isAllocating = true;
	readonly #observer: Observer;

	constructor(file: HostFile, allocated: number, observer: Observer) {
		this.#file = file;
		this.#observer = observer;
		this.#allocated = allocated;
	}

	/** Calls that are under way at once: as many as the platform takes together. */
	get writeDepth(): number {
		return this.#file.traits.depth;
	}

	/**
	 * How many reads of a batch are worth having under way at once. The results of many may come all
	 * at once. So where they are checked, one half is read while the other half is checked.
	 */
	readDepth(count: number, areChecked: boolean): number {
		const { depth } = this.#file.traits;
		if (depth === 1) {
			return READ_DEPTH;
		}
		return areChecked
			? Math.min(depth, CHECKED_DEPTH, Math.ceil(count / 2))
			: depth;
	}

	/** False once the platform could not promise room for the file's growth. */
	get isAllocating(): boolean {
		return this.#isAllocating;
	}

	/** Makes room for this many slots, in chunks. */
	reserve(slots: number): Awaitable<void> {
		return slots > this.#allocated
			? this.#growing.run(() => this.#grow(slots))
			: undefined;
	}

	/** Writes frames to the slots from `slot` on, in one call. */
	write(slot: number, frames: readonly Uint8Array[]): Awaitable<void> {
		return this.#file.write(frames, slot * FRAME_SIZE);
	}

	/**
	 * Reads from within a slot. Throws ERR_BLOB_INSUFFICIENT_LENGTH where the file ends before that.
	 */
	read(slot: number, offset: number, target: Uint8Array): Awaitable<void> {
		const start = slot * FRAME_SIZE + offset;
		const expected = target.length;
		const count = this.#file.read([target], start);
		return isPromise(count)
			? count.then((found) => requireAll(slot, start, expected, found))
			: requireAll(slot, start, expected, count);
	}

	sync(): Awaitable<void> {
		return this.#file.sync();
	}

	async #grow(slots: number): Promise<void> {
		if (slots > this.#allocated) {
			const target = slotsToAllocate(slots);
			const isAllocated = await this.#file.allocate(target * FRAME_SIZE);
			if (this.#isAllocating && !isAllocated) {
				this.#observer.event({ kind: "room-refused", path: FRAMES_PATH });
			}
			this.#isAllocating &&= isAllocated;
			this.#allocated = target;
		}
	}
}

function requireAll(
	slot: number,
	offset: number,
	expected: number,
	answer: number,
): void {
	const found = countRead(answer, expected);
	if (found < expected) {
		throw new StorageError(
			"ERR_BLOB_INSUFFICIENT_LENGTH",
			`${FRAMES_PATH} ends within slot ${slot}: ${found} of ${expected} bytes at ${offset}`,
			{ path: FRAMES_PATH, slot: BigInt(slot), offset, expected, found },
		);
	}
}

/** A slot as a number. Throws ERR_OFFSET_OVERFLOW for one that lies past 2^53 bytes. */
export function slotNumber(slot: bigint): number {
	if (slot >= SLOT_LIMIT) {
		throw new StorageError(
			"ERR_OFFSET_OVERFLOW",
			`slot ${slot} lies past 2^53 bytes`,
			{ path: FRAMES_PATH, slot },
		);
	}
	return Number(slot);
}
