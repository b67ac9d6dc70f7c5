import type { Mutex } from "../../turns/mutex.ts";
import type {
	ManifestChanges,
	Placed,
	Written,
} from "../manifest/manifest-changes.ts";
import type { SharedParts } from "../parts.ts";
import { slotNumber } from "./frame-file.ts";
import type { FrameBytes } from "./frame-lease.ts";
import type { FrameTransfers } from "./frame-transfers.ts";

/** A GUID and its new frame. */
export type FrameWrite = Omit<Placed<FrameBytes>, "slot">;

type WriteParts = Pick<SharedParts, "manifest" | "free" | "poison">;

/** The result of moving frames to their slots. */
interface Moved {
	readonly written: readonly Written[];
	readonly error: unknown;
	/** Whether a slot may hold part of a frame. */
	readonly hasBegun: boolean;
}

/**
 * Writes frames, and then points their GUIDs at them. Shadow writes move their bytes to free slots
 * side by side, and change the manifest in their turn. In-place writes overwrite a GUID's frame, so
 * their bytes wait for their turn too.
 */
export class FrameWrites {
	readonly #parts: WriteParts;
	readonly #transfers: FrameTransfers;
	readonly #changes: ManifestChanges;
	readonly #turn: Mutex;
	readonly #isInPlace: boolean;
	/** Counts of writes: begun; moved, counted when their turn has come; covered by a sync. */
	#begun = 0;
	#moved = 0;
	#synced = 0;
	/** GUIDs of writes under way. */
	#arriving = 0;

	constructor(
		parts: WriteParts,
		transfers: FrameTransfers,
		changes: ManifestChanges,
		turn: Mutex,
		isInPlace: boolean,
	) {
		this.#parts = parts;
		this.#transfers = transfers;
		this.#changes = changes;
		this.#turn = turn;
		this.#isInPlace = isInPlace;
	}

	/** Whether no sync has covered some write yet, failed ones included. */
	get arePending(): boolean {
		return this.#begun > this.#synced;
	}

	/** When it rejects, no GUID has changed. */
	async write(writes: readonly FrameWrite[], isSynced: boolean): Promise<void> {
		this.#parts.manifest.makeRoom(this.#arriving + writes.length);
		this.#arriving += writes.length;
		this.#begun += 1;
		try {
			await (this.#isInPlace
				? this.#writeInPlace(writes, isSynced)
				: this.#writeShadow(writes, isSynced));
		} finally {
			this.#arriving -= writes.length;
		}
	}

	/** Called in its turn: makes all moved bytes durable. */
	async sync(): Promise<void> {
		if (this.#synced < this.#moved) {
			const covered = this.#moved;
			await this.#transfers.sync();
			this.#synced = covered;
		}
	}

	async #writeShadow(
		writes: readonly FrameWrite[],
		isSynced: boolean,
	): Promise<void> {
		const { free, poison } = this.#parts;
		const placed = writes.map((write) => ({ ...write, slot: free.take() }));
		const moving = this.#move(placed);
		await this.#turn.run(async () => {
			const { written, error } = await moving;
			this.#moved += 1;
			const failure = poison.failed ?? error;
			if (failure !== undefined) {
				free.rollBack(placed.map(({ slot }) => slot));
				throw failure;
			}
			await this.#finish(written, isSynced);
		});
	}

	async #writeInPlace(
		writes: readonly FrameWrite[],
		isSynced: boolean,
	): Promise<void> {
		const { free, poison } = this.#parts;
		await this.#turn.run(async () => {
			poison.refuse();
			const { placed, taken } = this.#changes.placeInPlace(writes);
			const { written, error, hasBegun } = await this.#move(placed);
			this.#moved += 1;
			if (error !== undefined) {
				free.rollBack(taken);
				if (hasBegun && placed.some(({ slot }) => !taken.includes(slot))) {
					poison.latch("write over a frame", error);
				}
				throw error;
			}
			await this.#finish(written, isSynced);
		});
	}

	async #finish(written: readonly Written[], isSynced: boolean): Promise<void> {
		if (isSynced) {
			await this.sync();
		}
		this.#changes.put(written);
	}

	/** Moves frames to their slots. Never rejects: the turn of a shadow write comes later. */
	async #move(placed: readonly Placed<FrameBytes>[]): Promise<Moved> {
		let hasBegun = false;
		try {
			const writes = placed.map(({ slot, source }) => ({
				slot: slotNumber(slot),
				source,
			}));
			await this.#transfers.reserve(writes);
			hasBegun = true;
			const checksums = await this.#transfers.write(writes);
			const written = placed.map(({ guid, slot }) => ({
				guid,
				slot,
				crc: checksums.get(Number(slot)),
			}));
			return { written, error: undefined, hasBegun };
		} catch (error) {
			return { written: [], error, hasBegun };
		}
	}
}
