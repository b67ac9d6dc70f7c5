// Our types name these: this brings them to projects that are compiled without.
/// <reference lib="esnext.disposable" preserve="true" />

import { checkFlag, checkOptions, checkSignal } from "../checks.ts";
import { failingAs, type StorageError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { PackedStats } from "../host/stats.ts";
import { closed } from "../refusals.ts";
import { RECORD_FILE } from "../storage/own-files/close-record.ts";
import { endingWith, throwFirst } from "../turns/endings.ts";
import { yieldIfDue } from "../turns/event-loop.ts";
import { letGo } from "../turns/lifecycle.ts";
import { Mutex } from "../turns/mutex.ts";
import type {
	CoverOptions,
	PackedCapabilities,
	ReadManyOptions,
	ReadRangeOptions,
	WriteManyOptions,
} from "./call-options.ts";
import {
	checkFrame,
	checkPairs,
	checkRangeOfFrame,
	checkWrites,
} from "./frame-arguments.ts";
import { type FrameRead, FrameReads } from "./frame-reads.ts";
import { type Frame, type FrameSource, frameOver } from "./frames/frame.ts";
import { slotNumber } from "./frames/frame-file.ts";
import { type FrameBytes, keeping } from "./frames/frame-lease.ts";
import { checkLease, type LeaseOptions } from "./frames/frame-pool.ts";
import { FrameTransfers } from "./frames/frame-transfers.ts";
import { FrameWrites } from "./frames/frame-writes.ts";
import type { ChecksumCoverage } from "./frames/slot-checksums.ts";
import { SlotReaders } from "./frames/slot-readers.ts";
import { type Guid, guidBytes } from "./guid.ts";
import { ManifestChanges } from "./manifest/manifest-changes.ts";
import { openPackedParts, type PackedParts } from "./open.ts";
import { checkPackedOptions, type PackedStoreOptions } from "./options.ts";
import { packedStats } from "./packed-stats.ts";
import type { PackedRecovery } from "./recovery.ts";

/**
 * Frames of 512 KiB in one file, each found by its GUID: holt's `FileBlobStore`, over any host.
 * Frames written before a flush that resolved are found after any crash, whole. A write alone
 * promises only this: after a crash the GUID has its old frame or the new one.
 *
 * Writes and deletes take effect in the order in which they are called, and flushes wait for those
 * before them.
 *
 * An invalid GUID or frame is a TypeError or a RangeError, before any change. A host's failure is
 * ERR_WRITE_FAILED, ERR_READ_FAILED, ERR_NO_SPACE or ERR_BLOB_SYNC_FAILED. After a failed flush
 * changes are ERR_POISONED; after an end all calls are ERR_CLOSED.
 */
export class PackedStore implements AsyncDisposable {
	/** The host that the store was opened over. */
	readonly host: Host;
	/** The frames that opening found, and the records that it cut. */
	readonly recovery: PackedRecovery;
	readonly #parts: PackedParts;
	readonly #transfers: FrameTransfers;
	readonly #changes: ManifestChanges;
	readonly #writes: FrameWrites;
	/** The order of writes, deletes and flushes. */
	readonly #turn = new Mutex();
	/** A flush that waits for its turn; no write or delete was called since. */
	#joinable: Promise<void> | undefined;
	readonly #reads: FrameReads;
	/** Set once by close or drop. */
	#ending: Promise<void> | undefined;

	private constructor(host: Host, parts: PackedParts, isInPlace: boolean) {
		this.host = host;
		this.recovery = parts.recovery;
		this.#parts = parts;
		this.#transfers = new FrameTransfers(parts);
		const { erasure, free } = parts;
		const readers = new SlotReaders((slots) =>
			erasure === undefined ? free.giveBack(slots) : erasure.add(slots),
		);
		this.#changes = new ManifestChanges(parts, readers);
		this.#reads = new FrameReads(parts.manifest, this.#transfers, readers);
		this.#writes = new FrameWrites(
			parts,
			this.#transfers,
			this.#changes,
			this.#turn,
			isInPlace,
		);
	}

	/**
	 * Opens a host's packed store, and makes it where it is missing.
	 *
	 * @throws {StorageError} ERR_LOCKED; ERR_DIRECT_IO where it is required and there is none;
	 * ERR_MANIFEST_CORRUPT, ERR_BLOB_INSUFFICIENT_LENGTH for a damaged manifest; ERR_VERSION,
	 * ERR_MEMORY, ERR_NO_SPACE, ERR_IO.
	 */
	static async open(
		host: Host,
		options: PackedStoreOptions = {},
	): Promise<PackedStore> {
		const checked = checkPackedOptions(options, host.capabilities.directIO);
		const parts = await openPackedParts(host, checked);
		return new PackedStore(host, parts, checked.rewrite === "in-place");
	}

	/** Whether frames bypass the system's cache, and use a ring. */
	get capabilities(): PackedCapabilities {
		const { isDirect, frames } = this.#parts;
		const directIO = isDirect;
		const allocatesRoom = frames.isAllocating;
		return { ...this.host.capabilities, directIO, allocatesRoom };
	}

	/**
	 * How many frames can be checked when they are read, and how many cannot; undefined where no
	 * checksums are kept.
	 */
	get checksums(): ChecksumCoverage | undefined {
		return this.#parts.checksums?.coverage;
	}

	/**
	 * Counts and durations of the store's file calls since it was opened, by file too; its frames and
	 * its flushes: a copy. `formatStats` of dualslot/metrics writes it for Prometheus.
	 */
	stats(): PackedStats {
		return packedStats(this.#parts, this.host);
	}

	/** How many GUIDs have a frame, with all writes and deletes, flushed or not. */
	get size(): number {
		return this.#parts.manifest.size;
	}

	/** Whether a write or delete is not durable yet, or a frame is still to be erased by a flush. */
	get needsFlush(): boolean {
		return this.#writes.arePending || this.#changes.arePending;
	}

	/**
	 * Leases a frame of zeros, as soon as one is free.
	 *
	 * @throws {StorageError} ERR_CLOSED, also while it waits; ERR_MEMORY where none becomes free
	 * within `wait`; and the signal's reason.
	 */
	async allocateFrame(options: LeaseOptions = {}): Promise<Frame> {
		checkLease(options);
		this.#refuseIfClosed();
		return frameOver(await this.#parts.pool.allocate(options));
	}

	/**
	 * Writes a GUID's frame. The bytes must not change until it resolves.
	 *
	 * @throws {StorageError} ERR_WRITE_FAILED, ERR_NO_SPACE, ERR_MEMORY, ERR_POISONED, ERR_CLOSED.
	 */
	async write(guid: Guid, frame: FrameSource): Promise<void> {
		await this.writeMany([[guid, frame]]);
	}

	/**
	 * Writes frames in the order of their slots, then changes all GUIDs together. Of several frames
	 * of a GUID the last counts. When it rejects, no GUID has changed, and the call may be retried.
	 *
	 * @throws {StorageError} ERR_WRITE_FAILED, ERR_BLOB_SYNC_FAILED, ERR_NO_SPACE, ERR_MEMORY,
	 * ERR_POISONED, ERR_CLOSED.
	 */
	async writeMany(
		writes: readonly (readonly [guid: Guid, frame: FrameSource])[],
		options: WriteManyOptions = {},
	): Promise<void> {
		checkWrites(writes);
		checkOptions(options);
		const { sync = false } = options;
		checkFlag("sync", sync);
		const checked = writes.map(([guid, frame]) => {
			const source = this.#checked(frame);
			return { guid: guidBytes(guid), source };
		});
		this.#refuseIfClosed();
		this.#parts.poison.refuse();
		if (checked.length > 0) {
			this.#joinable = undefined;
			const sources = checked.map(({ source }) => source);
			await keeping(sources, () => this.#writes.write(checked, sync));
			await yieldIfDue();
		}
	}

	/**
	 * Reads a GUID's frame.
	 *
	 * @throws {StorageError} ERR_FRAME_MISSING, ERR_FRAME_CORRUPT, ERR_READ_FAILED, ERR_CLOSED.
	 */
	async read(guid: Guid, target: FrameSource): Promise<void> {
		const read = this.#readOf(guid, target);
		this.#refuseIfClosed();
		await this.#reads.read(read);
	}

	/**
	 * Reads frames, several at once. It rejects with the first failure in their order, once the
	 * others have been read. With `settle` it returns the result of each, as Promise.allSettled does:
	 * a missing or damaged frame prevents no other read.
	 *
	 * @throws {StorageError} ERR_FRAME_MISSING, ERR_FRAME_CORRUPT, ERR_READ_FAILED, ERR_CLOSED.
	 */
	readMany(
		guids: readonly Guid[],
		targets: readonly FrameSource[],
		options: ReadManyOptions & { readonly settle: true },
	): Promise<PromiseSettledResult<void>[]>;
	readMany(
		guids: readonly Guid[],
		targets: readonly FrameSource[],
		options?: ReadManyOptions & { readonly settle?: false },
	): Promise<void>;
	readMany(
		guids: readonly Guid[],
		targets: readonly FrameSource[],
		options: ReadManyOptions,
	): Promise<PromiseSettledResult<void>[] | void>;
	async readMany(
		guids: readonly Guid[],
		targets: readonly FrameSource[],
		options: ReadManyOptions = {},
	): Promise<unknown> {
		checkPairs(guids, targets);
		checkOptions(options);
		checkFlag("settle", options.settle);
		const reads = guids.map((guid, index) =>
			this.#readOf(guid, targets[index] ?? new Uint8Array()),
		);
		this.#refuseIfClosed();
		if (options.settle === true) {
			return this.#reads.settleMany(reads);
		}
		return this.#reads.readMany(reads);
	}

	/**
	 * Reads bytes from within a GUID's frame. Throws RangeError for bytes past its end. For the check
	 * all of the frame is read; with `checked: false`, only the blocks that the bytes lie in.
	 *
	 * @throws {StorageError} ERR_FRAME_MISSING, ERR_FRAME_CORRUPT, ERR_READ_FAILED, ERR_CLOSED.
	 */
	async readRange(
		guid: Guid,
		offset: number,
		target: Uint8Array,
		options: ReadRangeOptions = {},
	): Promise<void> {
		const bytes = guidBytes(guid);
		checkRangeOfFrame(offset, target);
		checkOptions(options);
		const { checked = true } = options;
		checkFlag("checked", checked);
		this.#refuseIfClosed();
		await this.#reads.readRange(bytes, offset, target, checked);
	}

	/**
	 * Deletes a GUID's frame. Returns false when it had none.
	 *
	 * @throws {StorageError} ERR_POISONED, ERR_CLOSED.
	 */
	async delete(guid: Guid): Promise<boolean> {
		const bytes = guidBytes(guid);
		this.#refuseIfClosed();
		this.#joinable = undefined;
		return this.#turn.run(async () => {
			this.#parts.poison.refuse();
			return this.#changes.delete(bytes);
		});
	}

	/**
	 * Whether a GUID has a frame.
	 *
	 * @throws {StorageError} ERR_CLOSED.
	 */
	has(guid: Guid): boolean {
		const bytes = guidBytes(guid);
		this.#refuseIfClosed();
		return this.#parts.manifest.find(bytes) !== undefined;
	}

	/**
	 * Every GUID that has a frame, in ascending order of its bytes.
	 *
	 * @throws {StorageError} ERR_CLOSED.
	 */
	list(): Uint8Array[] {
		this.#refuseIfClosed();
		return this.#parts.manifest.list();
	}

	/**
	 * Reads the frames without a known checksum, and keeps their checksums from now on: their present
	 * bytes count as right. Resolves to their count.
	 *
	 * @throws {StorageError} ERR_READ_FAILED, and as `flush`: ERR_BLOB_SYNC_FAILED, ERR_WRITE_FAILED.
	 */
	async coverFrames(options: CoverOptions = {}): Promise<number> {
		checkOptions(options);
		const { signal } = options;
		checkSignal(signal);
		this.#refuseIfClosed();
		const { checksums, manifest } = this.#parts;
		let count = 0;
		for (const guid of checksums === undefined ? [] : this.list()) {
			const slot = manifest.find(guid);
			if (slot !== undefined && checksums?.isMissing(Number(slot))) {
				signal?.throwIfAborted();
				this.#refuseIfClosed();
				count += await this.#turn.run(() => this.#cover(guid, slot));
			}
		}
		await this.#turn.run(async () => {
			this.#refuseIfClosed();
			await checksums?.sync();
		});
		return count;
	}

	/**
	 * Makes all writes and deletes before the call durable. Calls that come before its turn share it.
	 *
	 * @throws {StorageError} ERR_BLOB_SYNC_FAILED, ERR_WRITE_FAILED, ERR_NO_SPACE, ERR_POISONED,
	 * ERR_CLOSED.
	 */
	async flush(): Promise<void> {
		this.#refuseIfClosed();
		await this.#flush();
	}

	/**
	 * Flushes, and releases everything. Rejects when the flush fails; all is released even then.
	 *
	 * @throws {StorageError} ERR_BLOB_SYNC_FAILED, ERR_WRITE_FAILED, ERR_NO_SPACE, ERR_POISONED,
	 * ERR_IO.
	 */
	close(): Promise<void> {
		this.#ending ??= this.#end(() => this.#closeClean());
		return this.#ending;
	}

	/**
	 * Releases all as a crash of this process would: unflushed changes are lost.
	 *
	 * @throws {StorageError} ERR_IO when the host fails to close a file.
	 */
	drop(): Promise<void> {
		this.#ending ??= this.#end(() => this.#turn.run(async () => undefined));
		return this.#ending;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.close();
	}

	/**
	 * Called in its turn: the GUID may have another frame by now, or none. Returns how many frames it
	 * covered.
	 */
	async #cover(guid: Uint8Array, slot: bigint): Promise<0 | 1> {
		const { checksums, manifest, poison } = this.#parts;
		poison.refuse();
		if (checksums === undefined || manifest.find(guid) !== slot) {
			return 0;
		}
		const number = slotNumber(slot);
		const crc = await this.#transfers.checksumIn(number);
		await checksums.cover(number, guid, crc, manifest.positionOf(guid));
		return 1;
	}

	/** In its turn all earlier calls have settled, and nothing changes the manifest meanwhile. */
	#flush(): Promise<void> {
		this.#joinable ??= this.#turn.run(async () => {
			// A turn that comes at once begins before `#joinable` is set.
			await undefined;
			this.#joinable = undefined;
			this.#parts.poison.refuse();
			const began = performance.now();
			const synced = [this.#writes.sync(), this.#changes.persistChecksums()];
			throwFirst(await Promise.allSettled(synced));
			await this.#changes.persist();
			this.#parts.counters.flushed(began);
			await yieldIfDue();
		});
		return this.#joinable;
	}

	async #closeClean(): Promise<void> {
		await this.#flush();
		await this.#eraseWhatWasRead();
		await this.#turn.run(() =>
			failingAs(
				"ERR_IO",
				`${RECORD_FILE} was not written`,
				{ path: RECORD_FILE },
				() =>
					this.#parts.left.write((slot) => this.#transfers.checksumIn(slot)),
			),
		);
	}

	/** Erases frames that were read until the end. */
	async #eraseWhatWasRead(): Promise<void> {
		if (this.#parts.erasure !== undefined) {
			await this.#reads.ended();
			await this.#flush();
		}
	}

	async #end(last: () => Promise<void>): Promise<void> {
		const { pool, held } = this.#parts;
		pool.close(() => this.#closed());
		await endingWith(last, async () => {
			await this.#reads.ended();
			await letGo(held);
		});
	}

	#readOf(guid: Guid, target: FrameSource): FrameRead {
		return { guid: guidBytes(guid), target: this.#checked(target) };
	}

	#checked(source: FrameSource): FrameBytes {
		return checkFrame(source, this.#parts.pool);
	}

	#refuseIfClosed(): void {
		if (this.#ending !== undefined) {
			throw this.#closed();
		}
	}

	#closed(): StorageError {
		const path = this.host.location;
		return closed(path, { path });
	}
}
