import {
	FRAME_RECORD_SIZE,
	LOG_DELETE_SIZE,
	LOG_RECORD_MAX,
	RECORD_COUNTS,
	RECORD_LOST,
	STAMPS,
} from "../../../assembly/format.ts";
import { yieldIfDue } from "../../turns/event-loop.ts";
import { type Fingerprint, NO_FILE } from "../fingerprint.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { Delta } from "../manifest/manifest-log.ts";
import type { PieceBuffer } from "../piece-buffer.ts";
import { SLOT_LIMIT } from "./frame-file.ts";
import {
	type FrameRecords,
	type JudgedRecords,
	recordsIn,
} from "./frame-records.ts";
import { type ChecksumCoverage, SlotChecksums } from "./slot-checksums.ts";

/** Tells frames.crc's records apart. */
export interface Generation {
	/** The present snapshot's. */
	readonly snapshot: number;
	/** The log's: one less where a crash came between the snapshot and the emptying of the log. */
	readonly log: number;
	/** The index of this stamp, which stays until the next snapshot is in place. */
	readonly stamp: number;
}

/**
 * frames.crc: a checksum for each frame, which holt's files have no room for. It is durable before
 * the log names the frame. Its records of frames that others have overwritten are recognised as
 * stale. Such frames are read unchecked, and the recovery says how many.
 */
export class FrameChecksums {
	readonly #records: FrameRecords;
	#slots = new SlotChecksums(new Float64Array(0));
	#generation: Generation;

	constructor(records: FrameRecords, generation: Generation) {
		this.#records = records;
		this.#generation = generation;
	}

	get coverage(): ChecksumCoverage {
		return this.#slots.coverage;
	}

	/** Whether the frame in a slot is read unchecked. */
	isMissing(slot: number): boolean {
		return this.#slots.isMissing(slot);
	}

	/**
	 * Reads the record of every frame in the manifest that can be reached. Blanks the records of a
	 * flush that the log, of `logSize` bytes, has lost: log records by others may come to the same
	 * positions.
	 */
	async load(
		manifest: Manifest,
		logSize: number,
		buffer: PieceBuffer,
	): Promise<void> {
		const size = await this.#records.bound(manifest.nextSlot);
		const reached = manifest.slots().filter((slot) => slot < SLOT_LIMIT);
		this.#slots = new SlotChecksums(reached);
		await yieldIfDue();
		const { log, snapshot } = this.#generation;
		const lost: number[] = [];
		for await (const piece of this.#records.judged(
			manifest,
			{ log, snapshot, logSize },
			size,
			buffer,
		)) {
			this.#take(piece, lost);
		}
		if (lost.length > 0) {
			await this.forgetDurably(lost);
		}
	}

	/** The checksum that a slot's frame must have; undefined where unknown. */
	expected(slot: number): number | undefined {
		return this.#slots.expected(slot);
	}

	/** A slot has a new frame. */
	set(slot: number, crc: number): void {
		this.#slots.set(slot, crc);
	}

	/** A slot has no frame any more. */
	forget(slot: number): void {
		this.#slots.forget(slot);
	}

	/**
	 * Writes the records of frames to which the log, of `logSize` bytes, will give slots. Frames that
	 * lose them again later in `deltas` are included: a crash may keep only the first of the log's
	 * records.
	 */
	async write(deltas: readonly Delta[], logSize: number): Promise<void> {
		const records = new Map<number, Uint8Array>();
		let position = logSize;
		for (const { guid, slot, crc } of deltas) {
			if (slot !== undefined && crc !== undefined) {
				const generation = this.#generation.log;
				const record = { crc, generation, position };
				const number = Number(slot);
				records.set(number, this.#records.encode(number, guid, record));
			}
			position += slot === undefined ? LOG_DELETE_SIZE : LOG_RECORD_MAX;
		}
		await this.#records.put(records);
	}

	/** Covers a frame that was found without a checksum. */
	async cover(
		slot: number,
		guid: Uint8Array,
		crc: number,
		position: number | undefined,
	): Promise<void> {
		const { log, snapshot } = this.#generation;
		const record =
			position === undefined
				? { crc, generation: snapshot - 1, position: 0 }
				: { crc, generation: log, position };
		const bytes = this.#records.encode(slot, guid, record);
		await this.#records.put(new Map([[slot, bytes]]));
		this.set(slot, crc);
	}

	/** Blanks the records of slots, durably. */
	async forgetDurably(slots: readonly number[]): Promise<void> {
		await this.#records.blank(slots);
		await this.#records.sync();
	}

	/**
	 * Slots with a record, but without a GUID: their old frame may still be there. To be called right
	 * after load.
	 */
	async formerSlots(): Promise<number[]> {
		const former: number[] = [];
		for (const [slot, record] of recordsIn(await this.#records.read())) {
			if (!this.#slots.hasFrame(slot) && record.some((byte) => byte !== 0)) {
				former.push(slot);
			}
			const turn = yieldIfDue();
			if (turn !== undefined) {
				await turn;
			}
		}
		return former;
	}

	/** Throws ERR_BLOB_SYNC_FAILED, and latches the store. */
	sync(): Promise<void> {
		return this.#records.sync();
	}

	/**
	 * Called before a snapshot replaces the last one and the log is emptied. Stale records are
	 * blanked, or they could pass for those of an earlier generation. The stamp names the snapshot
	 * that begins the next.
	 */
	async beforeSnapshot(snapshot: Fingerprint, log: Fingerprint): Promise<void> {
		await this.#records.blank(this.#slots.missing);
		await this.#stamp(this.#next, snapshot, log);
		await this.sync();
	}

	/** The snapshot is in place, and the log empty. */
	afterSnapshot(): void {
		this.#generation = this.#next;
	}

	/** Begins frames.crc anew: all present frames are read unchecked. */
	async restart(snapshot: Fingerprint): Promise<void> {
		await this.#records.clear();
		await this.#stamp(this.#generation, snapshot, NO_FILE);
		await this.sync();
	}

	async close(): Promise<void> {
		await this.#records.close();
	}

	/** Counts from the log's generation: a log that two snapshots fold up is still one. */
	get #next(): Generation {
		const { log, stamp } = this.#generation;
		return { snapshot: log + 1, log: log + 1, stamp: (stamp + 1) % STAMPS };
	}

	/** Keeps the checksums of present frames, and adds the slots of lost records to `lost`. */
	#take({ first, count, verdicts }: JudgedRecords, lost: number[]): void {
		for (let index = 0; index < count; index += 1) {
			const at = index * FRAME_RECORD_SIZE;
			const verdict = verdicts.getUint32(at, true);
			if ((verdict & RECORD_COUNTS) !== 0) {
				this.#slots.set(first + index, verdicts.getUint32(at + 4, true));
			}
			if ((verdict & RECORD_LOST) !== 0) {
				lost.push(first + index);
			}
		}
	}

	/** The two stamps alternate: one stays whole if the other is torn. */
	#stamp(
		{ snapshot: generation, stamp }: Generation,
		snapshot: Fingerprint,
		log: Fingerprint,
	): Promise<void> {
		return this.#records.stamp(stamp, {
			generation,
			snapshotCrc: snapshot.crc,
			snapshotSize: snapshot.size,
			logCrc: log.crc,
			logSize: log.size,
		});
	}
}
