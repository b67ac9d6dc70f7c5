import { StorageError } from "../errors.ts";
import { yieldIfDue } from "../turns/event-loop.ts";
import { fanOut, fanOutSettling, type Rest } from "../turns/fan-out.ts";
import { slotNumber } from "./frames/frame-file.ts";
import { type FrameBytes, keeping } from "./frames/frame-lease.ts";
import type { FramePlace, FrameTransfers } from "./frames/frame-transfers.ts";
import type { SlotReaders } from "./frames/slot-readers.ts";
import { guidText } from "./guid.ts";
import type { Manifest } from "./manifest/manifest.ts";

/** A GUID whose frame is read, and the target. */
export interface FrameRead {
	readonly guid: Uint8Array;
	readonly target: FrameBytes;
}

/** The reads of a packed store. Each keeps its slot from reuse, and closing waits for it. */
export class FrameReads {
	readonly #manifest: Manifest;
	readonly #transfers: FrameTransfers;
	readonly #readers: SlotReaders;
	readonly #underWay = new Set<Promise<unknown>>();

	constructor(
		manifest: Manifest,
		transfers: FrameTransfers,
		readers: SlotReaders,
	) {
		this.#manifest = manifest;
		this.#transfers = transfers;
		this.#readers = readers;
	}

	/** Throws ERR_FRAME_MISSING. */
	async read({ guid, target }: FrameRead): Promise<void> {
		const read = () =>
			this.#readingAll(guid, (place) => this.#transfers.read(place, target));
		await this.#untilRead(keeping([target], read));
	}

	/** When all have ended, throws the first failure in their order. */
	async readMany(reads: readonly FrameRead[]): Promise<void> {
		await this.#many(reads, fanOut);
	}

	/** The result of each, in their order. */
	async settleMany(
		reads: readonly FrameRead[],
	): Promise<PromiseSettledResult<void>[]> {
		const failures = await this.#many(reads, fanOutSettling);
		return reads.map((_, index) =>
			failures.has(index)
				? { status: "rejected", reason: failures.get(index) }
				: { status: "fulfilled", value: undefined },
		);
	}

	/** Throws ERR_FRAME_MISSING. */
	async readRange(
		guid: Uint8Array,
		offset: number,
		target: Uint8Array,
		isChecked: boolean,
	): Promise<void> {
		await this.#untilRead(
			this.#readingAll(guid, (place) =>
				this.#transfers.readRange(place, offset, target, isChecked),
			),
		);
	}

	/** Settles when the reads under way have ended, even in failure. */
	async ended(): Promise<void> {
		await Promise.allSettled(this.#underWay);
	}

	#many<T>(
		reads: readonly FrameRead[],
		run: (
			items: readonly FrameRead[],
			depth: number,
			step: (read: FrameRead) => Promise<Rest>,
		) => Promise<T>,
	): Promise<T> {
		const targets = reads.map(({ target }) => target);
		const depth = this.#transfers.readDepth(reads.length);
		const readAll = () =>
			run(reads, depth, ({ guid, target }) =>
				this.#reading(guid, (place) => this.#transfers.read(place, target)),
			);
		return this.#untilRead(keeping(targets, readAll));
	}

	/** Makes closing wait for a read. */
	async #untilRead<T>(read: Promise<T>): Promise<T> {
		this.#underWay.add(read);
		try {
			const answer = await read;
			await yieldIfDue();
			return answer;
		} finally {
			this.#underWay.delete(read);
		}
	}

	/** As reading, and runs the rest. */
	async #readingAll(
		guid: Uint8Array,
		read: (place: FramePlace) => Promise<Rest>,
	): Promise<void> {
		const rest = await this.#reading(guid, read);
		rest();
	}

	/** Keeps the slot of a GUID while it is read. Throws ERR_FRAME_MISSING at once. */
	#reading<T>(
		guid: Uint8Array,
		read: (place: FramePlace) => Promise<T>,
	): Promise<T> {
		const slot = this.#manifest.find(guid);
		if (slot === undefined) {
			const text = guidText(guid);
			throw new StorageError(
				"ERR_FRAME_MISSING",
				`frame ${text} is not in the manifest`,
				{ guid: text },
			);
		}
		return this.#readers.during(slot, () =>
			read({ guid, slot: slotNumber(slot) }),
		);
	}
}
