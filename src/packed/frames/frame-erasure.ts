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
 * In a store that erases: slots that no mapping names any more, durably, and that nobody reads.
 * They are free for another frame once they hold nothing of the one that they had.
 *
 *    log durable → last reader ended → zeros durable → frames.crc forgets it, durably → free
 */
export class FrameErasure {
	readonly #parts: ErasureParts;
	readonly #transfers: FrameTransfers;
	/** A frame of zeros, in parts: one piece of memory, as often as it takes. */
	readonly #zeros: readonly Uint8Array[];
	#waiting: readonly bigint[] = [];

	/** `zeros` are aligned for direct I/O, and a frame has room for them a number of times. */
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
	 * Slots that are free but for what they hold. In one that lies past what can be counted nothing
	 * was ever written.
	 */
	add(slots: readonly bigint[]): void {
		this.#waiting = this.#waiting.concat(slots.filter(canBeRead));
		this.#parts.free.giveBack(slots.filter((slot) => !canBeRead(slot)));
	}

	/**
	 * Erases what waits, and frees it. Where it fails nothing of that is free, and the next call
	 * tries again. Throws ERR_WRITE_FAILED, ERR_BLOB_SYNC_FAILED.
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
