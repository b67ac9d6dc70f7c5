import {
	FRAME_RECORD_SIZE,
	GUID_SIZE,
	STAMPS,
} from "../../../assembly/format.ts";
import { newBytes } from "../../bytes.ts";
import type { Arena } from "../../core/arena.ts";
import type { Core } from "../../core/core.ts";
import type {
	FrameRecord,
	FrameStamp,
	RecordOrigins,
	RecordRun,
} from "../../core/manifest-answers.ts";
import { failingAs } from "../../errors.ts";
import type { HostFile } from "../../host/host.ts";
import { readWhole } from "../../host/whole-read.ts";
import { yieldIfDue } from "../../turns/event-loop.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { PieceBuffer } from "../piece-buffer.ts";
import type { Poison } from "../poison.ts";

export const CHECKSUMS_PATH = "frames.crc";

const RECORDS_START = STAMPS * FRAME_RECORD_SIZE;

/** Records of neighbouring slots that were judged. */
export interface JudgedRecords extends RecordRun {
	/** For each slot FRAME_RECORD_SIZE bytes: the verdict, then the frame's checksum, u32. */
	readonly verdicts: DataView;
}

/** Stamps and records of frames.crc, as bytes in the file. FrameChecksums knows what they mean. */
export class FrameRecords {
	readonly #core: Core;
	readonly #file: HostFile;
	readonly #poison: Poison;
	/** Room for a record, after a GUID. */
	readonly #record: number;

	constructor(core: Core, arena: Arena, file: HostFile, poison: Poison) {
		this.#core = core;
		this.#file = file;
		this.#poison = poison;
		this.#record = arena.allocate(GUID_SIZE + FRAME_RECORD_SIZE) + GUID_SIZE;
	}

	/** All of the file. */
	async read(): Promise<Uint8Array> {
		const bytes = newBytes(await this.#file.size());
		await readWhole(this.#file, CHECKSUMS_PATH, bytes, 0);
		return bytes;
	}

	/**
	 * Truncates all behind the records of slots that were ever given out: it belongs to no frame.
	 * Returns the bytes that are left.
	 */
	async bound(slots: bigint): Promise<number> {
		const size = await this.#file.size();
		const end = RECORDS_START + Number(slots) * FRAME_RECORD_SIZE;
		if (size <= end) {
			return size;
		}
		await this.#file.truncate(end);
		await this.sync();
		return end;
	}

	/** Removes all stamps and records: none may count under a stamp that follows. */
	async clear(): Promise<void> {
		await this.#file.truncate(0);
		await this.sync();
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
	 * Judges the records in the file's first `size` bytes, piece by piece. A piece's verdicts are
	 * valid until the next is asked for.
	 */
	async *judged(
		{ table }: Manifest,
		origins: RecordOrigins,
		size: number,
		{ address, length }: PieceBuffer,
	): AsyncGenerator<JudgedRecords> {
		const slots = Math.floor((size - RECORDS_START) / FRAME_RECORD_SIZE);
		const together = Math.floor(length / FRAME_RECORD_SIZE);
		for (let first = 0; first < slots; first += together) {
			const count = Math.min(together, slots - first);
			const bytes = this.#core.bytes(address, count * FRAME_RECORD_SIZE);
			const offset = RECORDS_START + first * FRAME_RECORD_SIZE;
			await readWhole(this.#file, CHECKSUMS_PATH, bytes, offset);
			const run = { first, count };
			this.#core.manifest.judgeRecords(table, address, run, origins);
			yield { ...run, verdicts: new DataView(bytes.buffer, address) };
			await yieldIfDue();
		}
	}

	encode(slot: number, guid: Uint8Array, record: FrameRecord): Uint8Array {
		const guidAt = this.#record - GUID_SIZE;
		this.#core.write(guidAt, guid);
		this.#core.manifest.encodeFrameRecord(this.#record, slot, guidAt, record);
		return this.#core.bytes(this.#record, FRAME_RECORD_SIZE).slice();
	}

	async blank(slots: readonly number[]): Promise<void> {
		const blank = new Uint8Array(FRAME_RECORD_SIZE);
		await this.put(new Map(slots.map((slot) => [slot, blank])));
	}

	/** Writes records, those of neighbouring slots together. */
	async put(records: ReadonlyMap<number, Uint8Array>): Promise<void> {
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
	async blankStamps(stamps: readonly number[]): Promise<void> {
		for (const stamp of stamps) {
			const blank = new Uint8Array(FRAME_RECORD_SIZE);
			await this.#write([blank], stamp * FRAME_RECORD_SIZE);
		}
		if (stamps.length > 0) {
			await this.sync();
		}
	}

	async stamp(
		index: number,
		stamp: Omit<FrameStamp, "version">,
	): Promise<void> {
		this.#core.manifest.encodeStamp(this.#record, stamp);
		const bytes = this.#core.bytes(this.#record, FRAME_RECORD_SIZE).slice();
		await this.#write([bytes], index * FRAME_RECORD_SIZE);
	}

	async close(): Promise<void> {
		await this.#file.close();
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
export function* recordsIn(bytes: Uint8Array): Generator<[number, Uint8Array]> {
	for (
		let start = RECORDS_START;
		start + FRAME_RECORD_SIZE <= bytes.length;
		start += FRAME_RECORD_SIZE
	) {
		const slot = (start - RECORDS_START) / FRAME_RECORD_SIZE;
		yield [slot, bytes.subarray(start, start + FRAME_RECORD_SIZE)];
	}
}
