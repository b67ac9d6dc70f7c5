import { DIRECT_ALIGNMENT, FRAME_SIZE } from "../../assembly/format.ts";
import { failingAs, StorageError } from "../errors.ts";
import { Frame } from "./frame.ts";
import { FRAMES_PATH } from "./frame-file.ts";
import type { PackedParts } from "./packed-parts.ts";
import { runsOf, type SlotWrite } from "./slot-writes.ts";

type TransferParts = Pick<
	PackedParts,
	"frames" | "pool" | "poison" | "checksums"
>;

/** By slot, where checksums are kept. */
export type SlotChecksums = ReadonlyMap<number, number>;

/**
 * Moves frames between the disk and linear memory. A frame of the pool goes as it is; a caller's own bytes are copied to or from
 * one, which is leased for that.
 */
export class FrameTransfers {
	readonly #parts: TransferParts;

	constructor(parts: TransferParts) {
		this.#parts = parts;
	}

	/** Makes room, then writes run by run. When it rejects, any part of any of them may be on the disk. */
	async write(writes: readonly SlotWrite[]): Promise<SlotChecksums> {
		const { frames, pool } = this.#parts;
		const last = writes.reduce((most, { slot }) => Math.max(most, slot), 0);
		await failingAs(
			"ERR_WRITE_FAILED",
			`no room for slot ${last} of ${FRAMES_PATH}`,
			{ path: FRAMES_PATH, slot: BigInt(last) },
			() => frames.reserve(last + 1),
		);
		const checksums = new Map<number, number>();
		for (const run of runsOf(writes)) {
			for (const piece of piecesOf(run, pool.size)) {
				await this.#writePiece(piece, checksums);
			}
		}
		return checksums;
	}

	/** Reads a frame. Throws ERR_FRAME_CORRUPT where it is not what was written. */
	async read(slot: number, target: Frame | Uint8Array): Promise<void> {
		if (target instanceof Frame) {
			await this.#readWhole(slot, target);
			return;
		}
		await this.readRange(slot, 0, target, true);
	}

	/**
	 * Direct I/O moves whole blocks: those that the range touches are read, and the range is copied out of them. To be checked, all
	 * of the frame is read.
	 */
	async readRange(
		slot: number,
		offset: number,
		target: Uint8Array,
		isChecked: boolean,
	): Promise<void> {
		const isWhole = isChecked && this.#parts.checksums !== undefined;
		const start = isWhole ? 0 : offset - (offset % DIRECT_ALIGNMENT);
		const end = offset + target.length;
		const length =
			Math.ceil((end - start) / DIRECT_ALIGNMENT) * DIRECT_ALIGNMENT;
		const frame = await this.#parts.pool.leaseOne();
		try {
			await (isWhole
				? this.#readWhole(slot, frame)
				: this.#readInto(slot, start, frame, length));
			target.set(frame.bytes.subarray(offset - start, end - start));
		} finally {
			frame.release();
		}
	}

	/** The checksum of what a slot holds. */
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
	async sync(): Promise<void> {
		const { frames, poison } = this.#parts;
		await poison.latching(`sync of ${FRAMES_PATH}`, () =>
			failingAs(
				"ERR_BLOB_SYNC_FAILED",
				`sync failed: ${FRAMES_PATH}`,
				{ path: FRAMES_PATH },
				() => frames.sync(),
			),
		);
	}

	async #readWhole(slot: number, frame: Frame): Promise<void> {
		const { checksums } = this.#parts;
		const expected = checksums?.expected(slot);
		await this.#readInto(slot, 0, frame, FRAME_SIZE);
		if (checksums === undefined || expected === undefined) {
			return;
		}
		const found = frame.checksum;
		if (found !== expected) {
			throw new StorageError(
				"ERR_FRAME_CORRUPT",
				`the frame in slot ${slot} of ${FRAMES_PATH} is not what was written: its checksum is ${found}, and was ${expected}`,
				{ path: FRAMES_PATH, slot: BigInt(slot), expected, found },
			);
		}
	}

	async #readInto(
		slot: number,
		offset: number,
		frame: Frame,
		length: number,
	): Promise<void> {
		const place = { path: FRAMES_PATH, slot: BigInt(slot), offset };
		await failingAs(
			"ERR_READ_FAILED",
			`read failed: slot ${slot} of ${FRAMES_PATH}`,
			place,
			() =>
				frame.during(() =>
					this.#parts.frames.read(
						slot,
						offset,
						frame.bytes.subarray(0, length),
					),
				),
		);
	}

	/** Neighbouring slots, of which no more hold a caller's own bytes than the pool has frames. */
	async #writePiece(
		piece: readonly SlotWrite[],
		checksums: Map<number, number>,
	): Promise<void> {
		const copies = await this.#copiesOf(piece);
		try {
			const frames = piece.map(({ source }) =>
				source instanceof Frame ? source : (copies.get(source) ?? source),
			);
			const slot = piece[0]?.slot ?? 0;
			const writing = this.#writeFrames(slot, frames.filter(isFrame));
			// Meanwhile the disk works.
			if (this.#parts.checksums !== undefined) {
				for (const [index, frame] of frames.filter(isFrame).entries()) {
					checksums.set(slot + index, frame.checksum);
				}
			}
			await writing;
		} finally {
			for (const frame of copies.values()) {
				frame.release();
			}
		}
	}

	async #copiesOf(
		piece: readonly SlotWrite[],
	): Promise<Map<Uint8Array, Frame>> {
		const sources = new Set(
			piece.map(({ source }) => source).filter((source) => !isFrame(source)),
		);
		const leased =
			sources.size === 0 ? [] : await this.#parts.pool.lease(sources.size);
		const copies = new Map<Uint8Array, Frame>();
		for (const source of sources) {
			const frame = leased[copies.size];
			if (frame !== undefined && !isFrame(source)) {
				frame.bytes.set(source);
				copies.set(source, frame);
			}
		}
		return copies;
	}

	async #writeFrames(slot: number, frames: readonly Frame[]): Promise<void> {
		const place = { path: FRAMES_PATH, slot: BigInt(slot) };
		const parts = frames.map(({ bytes }) => bytes);
		const write = () => this.#parts.frames.write(slot, parts);
		const held = frames.reduce(
			(transfer, frame) => () => frame.during(transfer),
			write,
		);
		await failingAs(
			"ERR_WRITE_FAILED",
			`write failed: slot ${slot} of ${FRAMES_PATH}`,
			place,
			held,
		);
	}
}

function isFrame(source: Frame | Uint8Array): source is Frame {
	return source instanceof Frame;
}

function piecesOf(run: readonly SlotWrite[], most: number): SlotWrite[][] {
	const pieces: SlotWrite[][] = [[]];
	let copies = 0;
	for (const write of run) {
		copies += isFrame(write.source) ? 0 : 1;
		if (copies > most) {
			pieces.push([]);
			copies = 1;
		}
		pieces.at(-1)?.push(write);
	}
	return pieces;
}
