import {
	FRAME_RECORD_SIZE,
	GUID_SIZE,
	LOG_DELETE_SIZE,
	LOG_RECORD_MAX,
	STAMPS,
} from "../../../assembly/format.ts";
import { newBytes } from "../../bytes.ts";
import type { Arena } from "../../core/arena.ts";
import type { Core } from "../../core/core.ts";
import type { FrameRecord } from "../../core/manifest-answers.ts";
import { failingAs } from "../../errors.ts";
import type { HostFile } from "../../host/host.ts";
import { readWhole } from "../../host/whole-read.ts";
import { type Fingerprint, NO_FILE } from "../fingerprint.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { Delta } from "../manifest/manifest-log.ts";
import type { Poison } from "../poison.ts";
import { SLOT_LIMIT } from "./frame-file.ts";

export const CHECKSUMS_PATH = "frames.crc";

/** What an open found of frames.crc. */
export interface ChecksumCoverage {
	/** Frames whose checksum is known. */
	readonly covered: number;
	/** Frames that are read unchecked until `coverFrames`. */
	readonly uncovered: number;
}

/** What frames.crc's records are told apart by. */
export interface Generation {
	/** Of the snapshot that is there. */
	readonly snapshot: number;
	/**
	 * Of the log: that before, where the crash came between the snapshot and the end of the log that
	 * it folds up.
	 */
	readonly log: number;
	/** Which of the stamps says so: it stays until the next snapshot is in place. */
	readonly stamp: number;
}

const RECORDS_START = STAMPS * FRAME_RECORD_SIZE;

/**
 * frames.crc, a checksum for each frame, which holt's files have no room for. It is durable before
 * the log names the frame. What it says of frames that somebody else has written is recognised as
 * stale: those are read unchecked, and the recovery says how many.
 */
export class FrameChecksums {
	readonly #core: Core;
	readonly #file: HostFile;
	readonly #poison: Poison;
	/** One record, and before it a GUID. */
	readonly #record: number;
	readonly #crcs = new Map<number, number>();
	/** Slots of frames whose records are not theirs. */
	readonly #stale = new Set<number>();
	#generation: Generation;

	constructor(
		core: Core,
		arena: Arena,
		file: HostFile,
		poison: Poison,
		generation: Generation,
	) {
		this.#core = core;
		this.#file = file;
		this.#poison = poison;
		this.#record = arena.allocate(GUID_SIZE + FRAME_RECORD_SIZE) + GUID_SIZE;
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
	 * Looks at the record of every frame that the manifest has, and that can be reached; and blanks
	 * those of a flush whose records the log has lost, of `logSize` bytes: somebody else's may come
	 * to lie at the same places.
	 */
	async load(manifest: Manifest, logSize: number): Promise<void> {
		const bytes = newBytes(await this.#bound(manifest.nextSlot));
		await readWhole(this.#file, CHECKSUMS_PATH, bytes, 0);
		const lost = this.#lostIn(bytes, logSize);
		if (lost.length > 0) {
			await this.#blank(lost);
			await this.sync();
		}
		for (const guid of manifest.list()) {
			const slot = Number(manifest.find(guid) ?? SLOT_LIMIT);
			if (slot >= SLOT_LIMIT) {
				continue;
			}
			const start = RECORDS_START + slot * FRAME_RECORD_SIZE;
			const record = bytes.subarray(start, start + FRAME_RECORD_SIZE);
			const said = this.#parse(record, slot, guid);
			if (said !== undefined && this.#isIts(said, manifest.positionOf(guid))) {
				this.#crcs.set(slot, said.crc);
			} else {
				this.#stale.add(slot);
			}
		}
	}

	/**
	 * Cuts what lies behind the records of slots that were ever given out: it is of no frame. Answers
	 * the bytes that are left.
	 */
	async #bound(slots: bigint): Promise<number> {
		const size = await this.#file.size();
		const end = RECORDS_START + Number(slots) * FRAME_RECORD_SIZE;
		if (size <= end) {
			return size;
		}
		await this.#file.truncate(end);
		await this.sync();
		return end;
	}

	/** What the frame in a slot has to have; undefined where that is not known. */
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
	 * Writes the records of frames to which a log of `logSize` bytes is about to give their slots: of
	 * those too that lose them again further on, since a crash may leave any of the log's records,
	 * from the first on.
	 */
	async write(deltas: readonly Delta[], logSize: number): Promise<void> {
		const records = new Map<number, Uint8Array>();
		let position = logSize;
		for (const { guid, slot, crc } of deltas) {
			if (slot !== undefined && crc !== undefined) {
				const generation = this.#generation.log;
				const record = { crc, generation, position };
				records.set(Number(slot), this.#encode(Number(slot), guid, record));
			}
			position += slot === undefined ? LOG_DELETE_SIZE : LOG_RECORD_MAX;
		}
		await this.#put(records);
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
		await this.#put(new Map([[slot, this.#encode(slot, guid, record)]]));
		this.set(slot, crc);
	}

	/** Says nothing any more, durably, of the frames that slots had. */
	async forgetDurably(slots: readonly number[]): Promise<void> {
		await this.#blank(slots);
		await this.sync();
	}

	/** Slots of which a record tells a frame that no GUID has there: it may still be. */
	async formerSlots(manifest: Manifest): Promise<number[]> {
		const bytes = newBytes(await this.#file.size());
		await readWhole(this.#file, CHECKSUMS_PATH, bytes, 0);
		const named = new Set(
			manifest.list().map((guid) => Number(manifest.find(guid))),
		);
		return [...recordsIn(bytes)].flatMap(([slot, record]) =>
			!named.has(slot) && record.some((byte) => byte !== 0) ? slot : [],
		);
	}

	/** Throws ERR_BLOB_SYNC_FAILED, and latches the store. */
	sync(): Promise<void> {
		return this.#poison.latching(`sync of ${CHECKSUMS_PATH}`, () =>
			failingAs(
				"ERR_BLOB_SYNC_FAILED",
				`sync failed: ${CHECKSUMS_PATH}`,
				{ path: CHECKSUMS_PATH },
				() => this.#file.sync(),
			),
		);
	}

	/**
	 * Before a snapshot takes the place of the one before and the log is emptied: what is no frame's
	 * record must not pass for one of an earlier generation, and the stamp says which snapshot begins
	 * the next.
	 */
	async beforeSnapshot(snapshot: Fingerprint, log: Fingerprint): Promise<void> {
		await this.#blank([...this.#stale]);
		await this.#stamp(this.#next, snapshot, log);
		await this.sync();
	}

	/** The snapshot is in place, and the log empty. */
	afterSnapshot(): void {
		this.#generation = this.#next;
	}

	/** Begins frames.crc anew: every frame that there is goes unchecked. */
	async restart(snapshot: Fingerprint): Promise<void> {
		await this.#file.truncate(0);
		// No record of before may count under the stamp that follows.
		await this.sync();
		await this.#stamp(this.#generation, snapshot, NO_FILE);
		await this.sync();
	}

	async close(): Promise<void> {
		await this.#file.close();
	}

	/**
	 * It begins where the log does whose records there are: a log that two snapshots fold up is still
	 * one.
	 */
	get #next(): Generation {
		const { log, stamp } = this.#generation;
		return { snapshot: log + 1, log: log + 1, stamp: (stamp + 1) % STAMPS };
	}

	/**
	 * Whether what a record says is of the frame to which the log's record at `position` gave the
	 * slot, or the snapshot.
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

	#parse(
		bytes: Uint8Array,
		slot: number,
		guid: Uint8Array,
	): FrameRecord | undefined {
		if (bytes.length < FRAME_RECORD_SIZE) {
			return undefined;
		}
		const guidAt = this.#record - GUID_SIZE;
		this.#core.write(guidAt, guid);
		this.#core.write(this.#record, bytes);
		return this.#core.manifest.parseFrameRecord(this.#record, slot, guidAt);
	}

	#encode(slot: number, guid: Uint8Array, record: FrameRecord): Uint8Array {
		const guidAt = this.#record - GUID_SIZE;
		this.#core.write(guidAt, guid);
		this.#core.manifest.encodeFrameRecord(this.#record, slot, guidAt, record);
		return this.#core.bytes(this.#record, FRAME_RECORD_SIZE).slice();
	}

	/** Slots whose records name places past the end of the log. */
	#lostIn(bytes: Uint8Array, logSize: number): number[] {
		return [...recordsIn(bytes)].flatMap(([slot, record]) => {
			const said = this.#parse(record, slot, record.subarray(0, GUID_SIZE));
			const isLost =
				said !== undefined &&
				said.generation === this.#generation.log &&
				said.position >= logSize;
			return isLost ? slot : [];
		});
	}

	async #blank(slots: readonly number[]): Promise<void> {
		const blank = new Uint8Array(FRAME_RECORD_SIZE);
		await this.#put(new Map(slots.map((slot) => [slot, blank])));
	}

	/** Writes records, those of neighbouring slots together. */
	async #put(records: ReadonlyMap<number, Uint8Array>): Promise<void> {
		const slots = [...records.keys()].sort((one, other) => one - other);
		let parts: Uint8Array[] = [];
		for (const [index, slot] of slots.entries()) {
			parts.push(records.get(slot) ?? new Uint8Array(FRAME_RECORD_SIZE));
			if (slots[index + 1] !== slot + 1) {
				const first = slot + 1 - parts.length;
				await this.#write(parts, RECORDS_START + first * FRAME_RECORD_SIZE);
				parts = [];
			}
		}
	}

	/** Blanks stamps. */
	async dropStamps(stamps: readonly number[]): Promise<void> {
		for (const stamp of stamps) {
			const blank = new Uint8Array(FRAME_RECORD_SIZE);
			await this.#write([blank], stamp * FRAME_RECORD_SIZE);
		}
		if (stamps.length > 0) {
			await this.sync();
		}
	}

	/** The two stamps take turns: one stays whole whatever becomes of the other. */
	async #stamp(
		{ snapshot: generation, stamp }: Generation,
		snapshot: Fingerprint,
		log: Fingerprint,
	): Promise<void> {
		this.#core.manifest.encodeStamp(this.#record, {
			generation,
			...{ snapshotCrc: snapshot.crc, snapshotSize: snapshot.size },
			...{ logCrc: log.crc, logSize: log.size },
		});
		const bytes = this.#core.bytes(this.#record, FRAME_RECORD_SIZE).slice();
		await this.#write([bytes], stamp * FRAME_RECORD_SIZE);
	}

	#write(parts: readonly Uint8Array[], offset: number): Promise<void> {
		return failingAs(
			"ERR_WRITE_FAILED",
			`write failed: ${CHECKSUMS_PATH}`,
			{ path: CHECKSUMS_PATH, offset },
			() => this.#file.write(parts, offset),
		);
	}
}

/** The records in frames.crc's bytes, each with its slot. */
function* recordsIn(bytes: Uint8Array): Generator<[number, Uint8Array]> {
	for (
		let start = RECORDS_START;
		start + FRAME_RECORD_SIZE <= bytes.length;
		start += FRAME_RECORD_SIZE
	) {
		const slot = (start - RECORDS_START) / FRAME_RECORD_SIZE;
		yield [slot, bytes.subarray(start, start + FRAME_RECORD_SIZE)];
	}
}
