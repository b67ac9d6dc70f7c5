// Whoever is compiled without these types still gets ours, which name them.
/// <reference lib="esnext.disposable" preserve="true" />
import { FRAME_SIZE } from "../../assembly/format.ts";
import { checkBytes, checkWhole } from "../arguments.ts";
import { StorageError } from "../errors.ts";
import type { Host, HostCapabilities } from "../host.ts";
import { Mutex } from "../mutex.ts";
import { Frame } from "./frame.ts";
import { slotNumber } from "./frame-file.ts";
import type { LeaseOptions } from "./frame-pool.ts";
import { FrameTransfers } from "./frame-transfers.ts";
import { type Guid, guidBytes, guidText } from "./guid.ts";
import { ManifestChanges } from "./manifest-changes.ts";
import {
	checkPackedOptions,
	type PackedStoreOptions,
} from "./packed-options.ts";
import {
	openPackedParts,
	type PackedParts,
	type PackedRecovery,
} from "./packed-parts.ts";
import { SlotReaders } from "./slot-readers.ts";

/** What the store's host can do, and what this store does with it. */
export interface PackedCapabilities extends HostCapabilities {
	/** Whether every transfer of frames goes past the operating system's cache. */
	readonly directIO: boolean;
	/** Whether there is room on the disk for all that blobs.dat has grown by; where not, a write can find the disk full later. */
	readonly allocatesRoom: boolean;
}

export interface WriteManyOptions {
	/** Makes the frames durable too, though not yet that they are the GUIDs': a flush that follows has that left to do. */
	readonly sync?: boolean;
}

/** A frame, or 524288 bytes, which cost a copy. */
export type FrameSource = Frame | Uint8Array;

/** Reads of one readMany that are under way at once. */
const READ_DEPTH = 8;

/**
 * Frames of 512 KiB in one file, each found by its GUID: holt's `FileBlobStore`, over any host. What was written before a flush
 * that resolved is found after any crash, whole. A write alone promises nothing but this: after a crash the GUID has the frame
 * that it had, or the new one.
 *
 * Writes and deletes take effect in the order in which they are called, and flushes wait for those before them.
 */
export class PackedStore implements AsyncDisposable {
	readonly host: Host;
	readonly recovery: PackedRecovery;
	readonly #parts: PackedParts;
	readonly #transfers: FrameTransfers;
	readonly #changes: ManifestChanges;
	readonly #readers: SlotReaders;
	readonly #isInPlace: boolean;
	/** The order of writes, deletes and flushes. */
	readonly #turn = new Mutex();
	/** A flush that waits for its turn, with nothing called since that it would not cover. */
	#joinable: Promise<void> | undefined;
	/** Writes that were begun; those whose frames are known to be on their way, in order; those that a sync has covered. */
	#begun = 0;
	#written = 0;
	#synced = 0;
	/** GUIDs of writes that have not taken effect. */
	#arriving = 0;
	/** Set once by close or drop. */
	#ending: Promise<void> | undefined;

	private constructor(parts: PackedParts, isInPlace: boolean) {
		this.host = parts.host;
		this.recovery = parts.recovery;
		this.#parts = parts;
		this.#isInPlace = isInPlace;
		this.#transfers = new FrameTransfers(parts);
		this.#readers = new SlotReaders((slots) => parts.free.giveBack(slots));
		this.#changes = new ManifestChanges(parts, this.#readers);
	}

	/**
	 * Opens, and makes where it is missing, the packed store that a host holds. Throws ERR_LOCKED, ERR_DIRECT_IO,
	 * ERR_MANIFEST_CORRUPT and ERR_BLOB_INSUFFICIENT_LENGTH for a manifest that is damaged, ERR_MEMORY.
	 */
	static async open(
		host: Host,
		options: PackedStoreOptions = {},
	): Promise<PackedStore> {
		const checked = checkPackedOptions(options, host.capabilities.directIO);
		const parts = await openPackedParts(host, checked);
		return new PackedStore(parts, checked.rewrite === "in-place");
	}

	get capabilities(): PackedCapabilities {
		const { isDirect, frames } = this.#parts;
		const directIO = isDirect;
		const allocatesRoom = frames.isAllocating;
		return { ...this.host.capabilities, directIO, allocatesRoom };
	}

	/** How many GUIDs have a frame, those of writes and deletes that are not flushed included. */
	get size(): number {
		return this.#parts.manifest.size;
	}

	/** Whether something was written or deleted that no flush has made durable. */
	get needsFlush(): boolean {
		return this.#begun > this.#synced || this.#changes.arePending;
	}

	/** Leases a frame of zeros, as soon as one is free. Throws ERR_CLOSED, and the signal's reason. */
	async allocateFrame(options: LeaseOptions = {}): Promise<Frame> {
		this.#refuseIfClosed();
		return this.#parts.pool.allocate(options);
	}

	/** Has a GUID's frame be this one. The bytes must not change until it resolves. */
	async write(guid: Guid, frame: FrameSource): Promise<void> {
		await this.writeMany([[guid, frame]]);
	}

	/**
	 * Writes frames in the order of their slots, and gives them to their GUIDs all together, the last one of a GUID counting. When it
	 * rejects, no GUID has changed, and the whole of it may be tried again.
	 */
	async writeMany(
		writes: readonly (readonly [guid: Guid, frame: FrameSource])[],
		{ sync = false }: WriteManyOptions = {},
	): Promise<void> {
		const checked = writes.map(([guid, frame]) => {
			checkFrame(frame);
			return { guid: guidBytes(guid), source: frame };
		});
		this.#refuseIfClosed();
		this.#parts.poison.refuse();
		if (checked.length > 0) {
			await this.#write(checked, sync);
		}
	}

	/** Reads a GUID's frame. Throws ERR_FRAME_MISSING. */
	async read(guid: Guid, target: FrameSource): Promise<void> {
		const bytes = guidBytes(guid);
		checkFrame(target);
		this.#refuseIfClosed();
		await this.#reading(bytes, (slot) => this.#transfers.read(slot, target));
	}

	/** Reads frames, several at once. When it rejects, with the first failure in their order, the others have been read. */
	async readMany(
		guids: readonly Guid[],
		targets: readonly FrameSource[],
	): Promise<void> {
		if (guids.length !== targets.length) {
			throw new RangeError(
				`${guids.length} GUIDs are read into as many frames, not ${targets.length}`,
			);
		}
		const checked = guids.map(guidBytes);
		targets.forEach(checkFrame);
		this.#refuseIfClosed();
		const reads = targets.map((target, index) => ({
			guid: checked[index] ?? new Uint8Array(),
			target,
		}));
		await settled(reads, READ_DEPTH, ({ guid, target }) =>
			this.#reading(guid, (slot) => this.#transfers.read(slot, target)),
		);
	}

	/** Reads bytes from within a GUID's frame. Throws RangeError for what lies past its end. */
	async readRange(
		guid: Guid,
		offset: number,
		target: Uint8Array,
	): Promise<void> {
		const bytes = guidBytes(guid);
		checkWhole("an offset", offset);
		checkBytes(target);
		if (offset + target.length > FRAME_SIZE) {
			throw new RangeError(
				`a frame has ${FRAME_SIZE} bytes: there are no ${target.length} at ${offset}`,
			);
		}
		this.#refuseIfClosed();
		await this.#reading(bytes, (slot) =>
			this.#transfers.readRange(slot, offset, target),
		);
	}

	/** Takes a GUID's frame away; answers whether it had one. */
	async delete(guid: Guid): Promise<boolean> {
		const bytes = guidBytes(guid);
		this.#refuseIfClosed();
		this.#joinable = undefined;
		return this.#turn.run(async () => {
			this.#parts.poison.refuse();
			return this.#changes.delete(bytes);
		});
	}

	has(guid: Guid): boolean {
		const bytes = guidBytes(guid);
		this.#refuseIfClosed();
		return this.#parts.manifest.find(bytes) !== undefined;
	}

	/** Every GUID that has a frame, in ascending order of its bytes. */
	list(): Uint8Array[] {
		this.#refuseIfClosed();
		return this.#parts.manifest.list();
	}

	/** Makes durable all that was written and deleted before the call. Those who call it before its turn comes share it. */
	async flush(): Promise<void> {
		this.#refuseIfClosed();
		await this.#flush();
	}

	/** Flushes, and lets everything go; rejects when it could not flush, and has let go even then. */
	close(): Promise<void> {
		this.#ending ??= this.#end(() => this.#flush());
		return this.#ending;
	}

	/** Lets go as a crash of this process would: what was not flushed is lost. */
	drop(): Promise<void> {
		this.#ending ??= this.#end(() => this.#turn.run(async () => undefined));
		return this.#ending;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.close();
	}

	/**
	 * Shadow writes move their bytes while others do, and change the manifest when their turn comes. In place they overwrite what
	 * a GUID has: each waits for its turn with its bytes, too.
	 */
	async #write(
		writes: readonly { guid: Uint8Array; source: FrameSource }[],
		isSynced: boolean,
	): Promise<void> {
		this.#parts.manifest.makeRoom(this.#arriving + writes.length);
		this.#arriving += writes.length;
		this.#begun += 1;
		this.#joinable = undefined;
		try {
			await (this.#isInPlace
				? this.#turn.run(() => this.#writeInPlace(writes, isSynced))
				: this.#writeShadow(writes, isSynced));
		} finally {
			this.#arriving -= writes.length;
		}
	}

	#writeShadow(
		writes: readonly { guid: Uint8Array; source: FrameSource }[],
		isSynced: boolean,
	): Promise<void> {
		const placed = writes.map((write) => ({
			...{ ...write, slot: this.#parts.free.take() },
		}));
		const slots = placed.map(({ slot }) => slot);
		const moved = this.#moved(placed);
		return this.#turn.run(async () => {
			this.#written += 1;
			const failure = (await moved) ?? this.#parts.poison.failed;
			if (failure !== undefined) {
				this.#parts.free.rollBack(slots);
				throw failure.error;
			}
			this.#changes.put(placed);
			await this.#syncIf(isSynced);
		});
	}

	async #writeInPlace(
		writes: readonly { guid: Uint8Array; source: FrameSource }[],
		isSynced: boolean,
	): Promise<void> {
		this.#written += 1;
		this.#parts.poison.refuse();
		const { placed, taken } = this.#changes.placeInPlace(writes);
		const failure = await this.#moved(placed);
		if (failure !== undefined) {
			this.#parts.free.rollBack(taken);
			if (taken.length < placed.length) {
				this.#parts.poison.latch("write over a frame", failure.error);
			}
			throw failure.error;
		}
		this.#changes.put(placed);
		await this.#syncIf(isSynced);
	}

	/** Moves frames to their slots; resolves to what that failed with. */
	async #moved(
		placed: readonly { slot: bigint; source: FrameSource }[],
	): Promise<{ error: unknown } | undefined> {
		try {
			await this.#transfers.write(
				placed.map(({ slot, source }) => ({ slot: slotNumber(slot), source })),
			);
			return undefined;
		} catch (error) {
			return { error };
		}
	}

	/** Keeps the slot of a GUID while it is read. */
	async #reading<T>(
		guid: Uint8Array,
		read: (slot: number) => Promise<T>,
	): Promise<T> {
		const slot = this.#parts.manifest.find(guid);
		if (slot === undefined) {
			const text = guidText(guid);
			throw new StorageError(
				"ERR_FRAME_MISSING",
				`frame ${text} is not in the manifest`,
				{ guid: text },
			);
		}
		return this.#readers.during(slot, () => read(slotNumber(slot)));
	}

	/** In its turn all that was called before has settled, and nothing changes the manifest meanwhile. */
	#flush(): Promise<void> {
		this.#joinable ??= this.#turn.run(async () => {
			this.#joinable = undefined;
			this.#parts.poison.refuse();
			await this.#syncIf(true);
			await this.#changes.persist();
		});
		return this.#joinable;
	}

	async #syncIf(isSynced: boolean): Promise<void> {
		if (isSynced && this.#synced < this.#written) {
			const covered = this.#written;
			await this.#transfers.sync();
			this.#synced = covered;
		}
	}

	async #end(last: () => Promise<void>): Promise<void> {
		const { pool, frames, log, locks, core } = this.#parts;
		pool.close(this.#closed());
		try {
			await last();
		} finally {
			await this.#readers.whenIdle();
			await frames.close();
			await log.close();
			for (const lock of locks) {
				await lock.release();
			}
			// Whoever still has a frame may write to it: then its memory is nobody else's.
			if (pool.isWhole) {
				core.retire();
			}
		}
	}

	#refuseIfClosed(): void {
		if (this.#ending !== undefined) {
			throw this.#closed();
		}
	}

	#closed(): StorageError {
		const path = this.host.location;
		return new StorageError("ERR_CLOSED", `${path} is closed`, { path });
	}
}

function checkFrame(frame: FrameSource): void {
	const bytes = frame instanceof Frame ? frame.bytes : frame;
	if (!(bytes instanceof Uint8Array)) {
		throw new TypeError("a frame comes from allocateFrame, or is a Uint8Array");
	}
	if (bytes.length !== FRAME_SIZE) {
		throw new RangeError(
			`a frame has ${FRAME_SIZE} bytes, not ${bytes.length}`,
		);
	}
}

/** Runs a step for each item, `depth` of them at once. Throws the first failure in their order, when all have ended. */
async function settled<T>(
	items: readonly T[],
	depth: number,
	step: (item: T) => Promise<void>,
): Promise<void> {
	const failures = new Map<number, unknown>();
	let next = 0;
	const worker = async () => {
		for (let index = next++; index < items.length; index = next++) {
			const item = items[index];
			try {
				await (item === undefined ? undefined : step(item));
			} catch (error) {
				failures.set(index, error);
			}
		}
	};
	const count = Math.min(depth, items.length);
	await Promise.all(Array.from({ length: count }, worker));
	if (failures.size > 0) {
		throw failures.get(Math.min(...failures.keys()));
	}
}
