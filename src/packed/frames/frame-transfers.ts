import { DIRECT_ALIGNMENT, FRAME_SIZE } from "../../../assembly/format.ts";
import { failingAs, StorageError } from "../../errors.ts";
import { fanOut, NOTHING, type Rest } from "../../turns/fan-out.ts";
import { guidText } from "../guid.ts";
import type { SharedParts } from "../parts.ts";
import { FRAMES_PATH } from "./frame-file.ts";
import { type FrameBytes, FrameLease } from "./frame-lease.ts";
import { lastOfEachSlot, runsOf, type SlotWrite } from "./slot-writes.ts";

type TransferParts = Pick<
	SharedParts,
	"frames" | "pool" | "poison" | "checksums"
>;

/** Where a GUID's frame lies. */
export interface FramePlace {
	readonly guid: Uint8Array;
	readonly slot: number;
}

/** By slot; empty where none are kept. */
export type SlotChecksums = ReadonlyMap<number, number>;

/**
 * Moves frames between the disk and linear memory. A frame of the pool moves without a copy; a
 * caller's own bytes are copied to or from a frame leased for that.
 */
export class FrameTransfers {
	readonly #parts: TransferParts;

	constructor(parts: TransferParts) {
		this.#parts = parts;
	}

	/** How many reads of a batch are worth having under way at once. */
	readDepth(count: number): number {
		const { checksums, frames } = this.#parts;
		return frames.readDepth(count, checksums !== undefined);
	}

	/** Makes room for the writes. When it rejects, nothing was written. */
	reserve(writes: readonly SlotWrite[]): Promise<void> {
		const last = writes.reduce((most, { slot }) => Math.max(most, slot), 0);
		return failingAs(
			"ERR_WRITE_FAILED",
			`no room for slot ${last} of ${FRAMES_PATH}`,
			{ path: FRAMES_PATH, slot: BigInt(last) },
			() => this.#parts.frames.reserve(last + 1),
		);
	}

	/**
	 * Writes run by run, after `reserve`. When it rejects, any part of any write may be on the disk.
	 */
	async write(writes: readonly SlotWrite[]): Promise<SlotChecksums> {
		const checksums = new Map<number, number>();
		const { writeDepth } = this.#parts.frames;
		const runs = runsOf(writeDepth > 1 ? lastOfEachSlot(writes) : writes);
		let hasFailed = false;
		await fanOut(runs, writeDepth, async (run) => {
			let rest: readonly SlotWrite[] = run;
			while (rest.length > 0 && !hasFailed) {
				rest = await this.#writeFirst(rest, checksums).catch((error) => {
					hasFailed = true;
					throw error;
				});
			}
			return NOTHING;
		});
		return checksums;
	}

	/** Reads a frame. The returned rest throws ERR_FRAME_CORRUPT where it is not what was written. */
	read(place: FramePlace, target: FrameBytes): Promise<Rest> {
		return target instanceof FrameLease
			? this.#readWhole(place, target)
			: this.readRange(place, 0, target, true);
	}

	/**
	 * Direct I/O moves whole blocks: the blocks that the range touches are read, and the returned
	 * rest copies the range out of them. For a check all of the frame is read.
	 */
	async readRange(
		place: FramePlace,
		offset: number,
		target: Uint8Array,
		isChecked: boolean,
	): Promise<Rest> {
		const isWhole = isChecked && this.#parts.checksums !== undefined;
		const start = isWhole ? 0 : offset - (offset % DIRECT_ALIGNMENT);
		const end = offset + target.length;
		const length =
			Math.ceil((end - start) / DIRECT_ALIGNMENT) * DIRECT_ALIGNMENT;
		const frame = await this.#parts.pool.leaseOne();
		try {
			const check = isWhole
				? await this.#readWhole(place, frame)
				: await this.#readPart(place, start, frame, length);
			return () => {
				try {
					check();
					target.set(frame.memory.subarray(offset - start, end - start));
				} finally {
					frame.release();
				}
			};
		} catch (error) {
			frame.release();
			throw error;
		}
	}

	/** The checksum of a slot's bytes. */
	async checksumIn(slot: number): Promise<number> {
		const frame = await this.#parts.pool.leaseOne();
		try {
			await this.#readInto(slot, 0, frame, FRAME_SIZE);
			return frame.checksum;
		} finally {
			frame.release();
		}
	}

	/** Throws ERR_BLOB_SYNC_FAILED, and latches the store. */
	sync(): Promise<void> {
		const { frames, poison } = this.#parts;
		return poison.latching(`sync of ${FRAMES_PATH}`, () =>
			failingAs(
				"ERR_BLOB_SYNC_FAILED",
				`sync failed: ${FRAMES_PATH}`,
				{ path: FRAMES_PATH },
				() => frames.sync(),
			),
		);
	}

	async #readWhole(place: FramePlace, frame: FrameLease): Promise<Rest> {
		const { slot } = place;
		const expected = this.#parts.checksums?.expected(slot);
		await this.#readInto(slot, 0, frame, FRAME_SIZE);
		return expected === undefined
			? NOTHING
			: () => requireChecksum(place, expected, frame.checksum);
	}

	/** Reads too little for a check. */
	async #readPart(
		{ slot }: FramePlace,
		offset: number,
		frame: FrameLease,
		length: number,
	): Promise<Rest> {
		await this.#readInto(slot, offset, frame, length);
		return NOTHING;
	}

	#readInto(
		slot: number,
		offset: number,
		frame: FrameLease,
		length: number,
	): Promise<void> {
		const place = { path: FRAMES_PATH, slot: BigInt(slot), offset };
		return failingAs(
			"ERR_READ_FAILED",
			`read failed: slot ${slot} of ${FRAMES_PATH}`,
			place,
			() =>
				this.#parts.frames.read(slot, offset, frame.memory.subarray(0, length)),
		);
	}

	/**
	 * Writes the first of neighbouring slots, as many as there are frames for copies. Returns the
	 * others.
	 */
	async #writeFirst(
		run: readonly SlotWrite[],
		checksums: Map<number, number>,
	): Promise<readonly SlotWrite[]> {
		const sources = run.map(({ source }) => source);
		const copied = new Set(sources.filter((source) => !isFrame(source)));
		const leased =
			copied.size === 0 ? [] : await this.#parts.pool.lease(copied.size);
		try {
			const frames = framesOf(sources, leased);
			const slot = run[0]?.slot ?? 0;
			const writing = this.#writeFrames(slot, frames);
			// Only now has a host that submits all calls of a turn together submitted these. Meanwhile
			// the disk works.
			await undefined;
			if (this.#parts.checksums !== undefined) {
				for (const [index, frame] of frames.entries()) {
					checksums.set(slot + index, frame.checksum);
				}
			}
			await writing;
			return run.slice(frames.length);
		} finally {
			for (const frame of leased) {
				frame.release();
			}
		}
	}

	#writeFrames(slot: number, frames: readonly FrameLease[]): Promise<void> {
		const parts = frames.map(({ memory }) => memory);
		return failingAs(
			"ERR_WRITE_FAILED",
			`write failed: slot ${slot} of ${FRAMES_PATH}`,
			{ path: FRAMES_PATH, slot: BigInt(slot) },
			() => this.#parts.frames.write(slot, parts),
		);
	}
}

function requireChecksum(
	{ guid, slot }: FramePlace,
	expected: number,
	found: number,
): void {
	if (found !== expected) {
		const text = guidText(guid);
		throw new StorageError(
			"ERR_FRAME_CORRUPT",
			`frame ${text}, in slot ${slot} of ${FRAMES_PATH}, is not what was written: its checksum is ${found}, and was ${expected}`,
			{
				path: FRAMES_PATH,
				guid: text,
				slot: BigInt(slot),
				expected,
				found,
			},
		);
	}
}

/** The first sources as frames. Bytes are copied to a leased frame each, as far as those go. */
function framesOf(
	sources: readonly FrameBytes[],
	leased: readonly FrameLease[],
): FrameLease[] {
	const copies = new Map<Uint8Array, FrameLease>();
	const frames: FrameLease[] = [];
	for (const source of sources) {
		const copy = isFrame(source) ? source : copies.get(source);
		const frame = copy ?? leased[copies.size];
		if (frame === undefined) {
			break;
		}
		if (!isFrame(source) && copy === undefined) {
			frame.memory.set(source);
			copies.set(source, frame);
		}
		frames.push(frame);
	}
	return frames;
}

function isFrame(source: FrameBytes): source is FrameLease {
	return source instanceof FrameLease;
}
