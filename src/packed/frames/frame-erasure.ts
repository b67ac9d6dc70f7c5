import { FRAME_SIZE } from "../../../assembly/format.ts";
import { failingAs } from "../../errors.ts";
import { fanOut, NOTHING } from "../../turns/fan-out.ts";
import type { SharedParts } from "../parts.ts";
import { FRAMES_PATH, SLOT_LIMIT, slotNumber } from "./frame-file.ts";
import { FrameTransfers } from "./frame-transfers.ts";

type ErasureParts = Pick<
	SharedParts,
	"frames" | "pool" | "poison" | "checksums" | "free"
>;

/**
 * Erases, in a store opened with `erase`, slots that no durable mapping names and nobody reads.
 * They are free for another frame once nothing of the old one is left.
 *
 *    log durable → last reader ended → zeros durable → frames.crc forgets it, durably → free
 */
export class FrameErasure {
	readonly #parts: ErasureParts;
	readonly #transfers: FrameTransfers;
	/** A frame of zeros: the same piece of memory, repeated. */
	readonly #zeros: readonly Uint8Array[];
	#waiting: readonly bigint[] = [];

	/** `zeros` are aligned for direct I/O; their length divides that of a frame. */
	constructor(parts: ErasureParts, zeros: Uint8Array) {
		this.#parts = parts;
		this.#transfers = new FrameTransfers(parts);
		this.#zeros = new Array(FRAME_SIZE / zeros.length).fill(zeros);
	}

	/** Whether a slot waits to be erased. */
	get isPending(): boolean {
		return this.#waiting.length > 0;
	}

	/**
	 * Adds slots that are free once they are erased. A slot past SLOT_LIMIT was never written, and is
	 * free at once.
	 */
	add(slots: readonly bigint[]): void {
		this.#waiting = this.#waiting.concat(slots.filter(canBeRead));
		this.#parts.free.giveBack(slots.filter((slot) => !canBeRead(slot)));
	}

	/**
	 * Erases the waiting slots, and frees them. Where it fails none is freed, and the next call tries
	 * again. Throws ERR_WRITE_FAILED, ERR_BLOB_SYNC_FAILED.
	 */
	async run(): Promise<void> {
		const slots = this.#waiting;
		await this.erase(slots.map(slotNumber));
		this.#waiting = this.#waiting.slice(slots.length);
		this.#parts.free.giveBack(slots);
	}

	/** Erases slots that nothing names. Throws as run. */
	async erase(slots: readonly number[]): Promise<void> {
		if (slots.length === 0) {
			return;
		}
		const { frames, checksums } = this.#parts;
		await fanOut(slots, frames.writeDepth, async (slot) => {
			await this.#zero(slot);
			return NOTHING;
		});
		await this.#transfers.sync();
		await checksums?.forgetDurably(slots);
	}

	#zero(slot: number): Promise<void> {
		return failingAs(
			"ERR_WRITE_FAILED",
			`erasing failed: slot ${slot} of ${FRAMES_PATH}`,
			{ path: FRAMES_PATH, slot: BigInt(slot) },
			() => this.#parts.frames.write(slot, this.#zeros),
		);
	}
}

function canBeRead(slot: bigint): boolean {
	return slot < SLOT_LIMIT;
}
