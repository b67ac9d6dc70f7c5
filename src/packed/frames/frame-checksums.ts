import {
	GUID_SIZE,
	LOG_DELETE_SIZE,
	LOG_RECORD_MAX,
	STAMPS,
} from "../../../assembly/format.ts";
import type { FrameRecord } from "../../core/manifest-answers.ts";
import { type Fingerprint, NO_FILE } from "../fingerprint.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { Delta } from "../manifest/manifest-log.ts";
import { SLOT_LIMIT } from "./frame-file.ts";
import { type FrameRecords, recordOf, recordsIn } from "./frame-records.ts";

/** How far frames.crc covers the frames. */
export interface ChecksumCoverage {
	/** Frames whose checksum is known. */
	readonly covered: number;
	/** Frames that are read unchecked until `coverFrames`. */
	readonly uncovered: number;
}

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
	readonly #crcs = new Map<number, number>();
	/** Slots whose record is of another frame. */
	readonly #stale = new Set<number>();
	#generation: Generation;

	constructor(records: FrameRecords, generation: Generation) {
		this.#records = records;
		this.#generation = generation;
	}

	get coverage(): ChecksumCoverage {
		return { covered: this.#crcs.size, uncovered: this.#stale.size };
	}

	/** Whether the frame in a slot is read unchecked. */
	isMissing(slot: number): boolean {
		return this.#stale.has(slot);
	}

	/**
	 * Reads the record of every frame in the manifest that can be reached. Blanks the records of a
	 * flush that the log, of `logSize` bytes, has lost: log records by others may come to the same
	 * positions.
	 */
	async load(manifest: Manifest, logSize: number): Promise<void> {
		const size = await this.#records.bound(manifest.nextSlot);
		const bytes = await this.#records.read(size);
		const lost = this.#lostIn(bytes, logSize);
		if (lost.length > 0) {
			await this.forgetDurably(lost);
		}
		for (const guid of manifest.list()) {
			const slot = Number(manifest.find(guid) ?? SLOT_LIMIT);
			if (slot >= SLOT_LIMIT) {
				continue;
			}
			const said = this.#records.parse(recordOf(bytes, slot), slot, guid);
			if (said !== undefined && this.#isIts(said, manifest.positionOf(guid))) {
				this.#crcs.set(slot, said.crc);
			} else {
				this.#stale.add(slot);
			}
		}
	}

	/** The checksum that a slot's frame must have; undefined where unknown. */
	expected(slot: number): number | undefined {
		return this.#crcs.get(slot);
	}

	/** A slot has a new frame. */
	set(slot: number, crc: number): void {
		this.#crcs.set(slot, crc);
		this.#stale.delete(slot);
	}

	/** A slot has no frame any more. */
	forget(slot: number): void {
		this.#crcs.delete(slot);
		this.#stale.delete(slot);
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

	/** Slots with a record, but without a GUID: their old frame may still be there. */
	async formerSlots(manifest: Manifest): Promise<number[]> {
		const bytes = await this.#records.read();
		const named = new Set(
			manifest.list().map((guid) => Number(manifest.find(guid))),
		);
		return [...recordsIn(bytes)].flatMap(([slot, record]) =>
			!named.has(slot) && record.some((byte) => byte !== 0) ? slot : [],
		);
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
		await this.#records.blank([...this.#stale]);
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

	/**
	 * Whether a record is of the frame that got the slot by the log's record at `position`, or by the
	 * snapshot.
	 */
	#isIts(
		{ generation, position: of }: FrameRecord,
		position?: number,
	): boolean {
		const { log, snapshot } = this.#generation;
		return position === undefined
			? generation < snapshot
			: generation === log && of === position;
	}

	/** Slots whose records name positions past the log's end. */
	#lostIn(bytes: Uint8Array, logSize: number): number[] {
		return [...recordsIn(bytes)].flatMap(([slot, record]) => {
			const guid = record.subarray(0, GUID_SIZE);
			const said = this.#records.parse(record, slot, guid);
			const isLost =
				said !== undefined &&
				said.generation === this.#generation.log &&
				said.position >= logSize;
			return isLost ? slot : [];
		});
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
