import { HEADER_SIZE } from "../../assembly/format.ts";
import { lengthOf, newBytes } from "../bytes.ts";
import {
	checkBytes,
	checkRange,
	isOwn,
	isPromise,
	ownBytes,
} from "../checks.ts";
import {
	asStorageError,
	type ErrorPlace,
	failingAs,
	type StorageError,
	type StorageErrorCode,
} from "../errors.ts";
import { andThen } from "../host/delegating.ts";
import { closed, openForReading, tooShort } from "../refusals.ts";
import type { Awaitable } from "../turns/awaitable.ts";
import { endingWith, throwFirst } from "../turns/endings.ts";
import { yieldIfDue } from "../turns/event-loop.ts";
import { type Bytes, copyBack, partsOf, writtenParts } from "./blob-bytes.ts";
import { isBlobPath } from "./names.ts";
import type { OpenFile } from "./open-files.ts";
import type { Owner } from "./owners.ts";
import type { ZerosAhead } from "./zeros-ahead.ts";

/**
 * A named run of bytes behind an 8-byte header (commonware's `Blob`). Offsets and sizes are bytes
 * of content, as JavaScript numbers; an offset past 2^53 is ERR_OFFSET_OVERFLOW. Concurrent writes
 * to one range have no defined result. Invalid offsets and bytes are a TypeError or RangeError.
 * After a failed change all others are ERR_POISONED, until the blob is opened anew.
 */
export interface StorageBlob extends AsyncDisposable {
	/** The partition's name. */
	readonly partition: string;
	/** The name in lower-case hex, as the file is called. */
	readonly hexName: string;
	/** The application's version, from the header. */
	readonly version: number;
	/** Bytes of content, as the last write or resize of any handle left it. */
	readonly size: number;
	/** Why changes are refused since a failed one (ERR_POISONED), or undefined. */
	readonly failure: StorageError | undefined;

	/**
	 * Exactly `length` bytes.
	 *
	 * @throws {StorageError} ERR_BLOB_INSUFFICIENT_LENGTH past the end; ERR_READ_FAILED, ERR_CLOSED.
	 */
	read(offset: number, length: number): Promise<Uint8Array>;
	/**
	 * Fills the caller's buffer, or buffers in their order.
	 *
	 * @throws {StorageError} ERR_BLOB_INSUFFICIENT_LENGTH past the end; ERR_READ_FAILED, ERR_CLOSED.
	 */
	readInto(offset: number, target: Bytes): Promise<void>;
	/**
	 * As readInto, and returns true, where the host reads synchronously and an earlier read has shown
	 * that. Else returns false, as for a target that must be copied; the target's content is then
	 * unspecified.
	 *
	 * @throws {StorageError} ERR_BLOB_INSUFFICIENT_LENGTH past the end; ERR_READ_FAILED, ERR_CLOSED.
	 */
	tryReadInto(offset: number, target: Uint8Array): boolean;
	/**
	 * Extends the blob, with zeros where it must. Not durable until a sync. Writing no bytes does
	 * nothing.
	 *
	 * @throws {StorageError} ERR_WRITE_FAILED, ERR_NO_SPACE, ERR_POISONED, ERR_READ_ONLY, ERR_CLOSED.
	 */
	write(offset: number, bytes: Bytes): Promise<void>;
	/**
	 * As write, and these bytes are durable when it resolves. Earlier plain writes and resizes may
	 * not be.
	 *
	 * @throws {StorageError} ERR_WRITE_FAILED, ERR_NO_SPACE, ERR_POISONED, ERR_READ_ONLY, ERR_CLOSED.
	 */
	writeSync(offset: number, bytes: Bytes): Promise<void>;
	/**
	 * Truncates, or extends with zeros. Not durable until a sync.
	 *
	 * @throws {StorageError} ERR_BLOB_RESIZE_FAILED, ERR_NO_SPACE, ERR_POISONED, ERR_READ_ONLY,
	 * ERR_CLOSED.
	 */
	resize(size: number): Promise<void>;
	/**
	 * Resolves when every earlier write and resize is durable, by any handle of the blob. Where one
	 * of them is under way and then fails, this rejects with its error. The next call goes on, unless
	 * the blob is poisoned.
	 *
	 * @throws {StorageError} ERR_BLOB_SYNC_FAILED, ERR_POISONED, ERR_READ_ONLY, ERR_CLOSED.
	 */
	sync(): Promise<void>;
	/**
	 * Syncs, as sync does, what is not durable, and closes the handle. Rejects when the sync fails;
	 * the handle is closed then too.
	 *
	 * @throws {StorageError} ERR_BLOB_SYNC_FAILED, ERR_POISONED; ERR_IO when the host fails to close
	 * the file.
	 */
	close(): Promise<void>;
	/**
	 * Closes the handle and syncs nothing, as a crash would.
	 *
	 * @throws {StorageError} ERR_IO when the host fails to close the file.
	 */
	drop(): Promise<void>;
}

/** A blob and its owner. */
export interface OwnedBlob extends StorageBlob {
	readonly owner: Owner;
	/**
	 * As readInto, but at once where the host answers at once: no other task has its turn. The target
	 * is the host's until then, and is no memory that is shared or resizable.
	 */
	readDirect(offset: number, target: Uint8Array): Awaitable<void>;
	/** The zeros ahead of its content, where the store may write some. */
	readonly zeros: ZerosAhead | undefined;
	/** As `LatchedFile.hideEnd`, for all handles of the blob. */
	hideEnd(bytes: number): void;
}

/** What a store passes to the blobs that it opens. */
export interface BlobOrigin {
	readonly partition: string;
	readonly hexName: string;
	readonly version: number;
	readonly readOnly: boolean;
	readonly owner: Owner;
	/** Closes the file after its last handle, and then releases the blob. */
	release(open: OpenFile): Promise<void>;
}

export class FileBlob implements OwnedBlob {
	readonly partition: string;
	readonly hexName: string;
	readonly version: number;
	readonly owner: Owner;
	readonly #origin: BlobOrigin;
	readonly #open: OpenFile;
	#isClosed = false;

	constructor(origin: BlobOrigin, open: OpenFile) {
		this.partition = origin.partition;
		this.hexName = origin.hexName;
		this.version = origin.version;
		this.owner = origin.owner;
		this.#origin = origin;
		this.#open = open;
	}

	get size(): number {
		// Only a read-only open leaves a file without a whole header; a writer replaces it.
		return Math.max(0, this.#open.file.size() - HEADER_SIZE);
	}

	get failure(): StorageError | undefined {
		return this.#open.file.failure;
	}

	get zeros(): ZerosAhead | undefined {
		return this.#open.zeros;
	}

	hideEnd(bytes: number): void {
		this.#open.file.hideEnd(bytes);
	}

	async read(offset: number, length: number): Promise<Uint8Array> {
		checkRange(offset, length);
		this.#refuseIfClosed();
		this.#checkPresent(offset, length);
		const target = newBytes(length);
		await this.readInto(offset, target);
		return target;
	}

	async readInto(offset: number, target: Bytes): Promise<void> {
		const parts = partsOf(target);
		const length = lengthOf(parts);
		checkRange(offset, length);
		this.#refuseIfClosed();
		this.#checkPresent(offset, length);
		const own = parts.map(ownBytes);
		const count = await this.#step("ERR_READ_FAILED", "read failed", () =>
			this.#readFile(own, offset + HEADER_SIZE),
		);
		if (count < length) {
			throw this.#insufficient(offset, length);
		}
		copyBack(own, parts);
		const turn = yieldIfDue();
		if (turn !== undefined) {
			await turn;
		}
	}

	tryReadInto(offset: number, target: Uint8Array): boolean {
		checkBytes(target);
		checkRange(offset, target.length);
		this.#refuseIfClosed();
		this.#checkPresent(offset, target.length);
		if (!this.#open.readsAtOnce || !isOwn(target)) {
			return false;
		}
		const count = this.#readAtOnce([target], offset + HEADER_SIZE);
		if (isPromise(count)) {
			// The caller's next read of these bytes reports the failure.
			count.catch(() => undefined);
			return false;
		}
		if (count < target.length) {
			throw this.#insufficient(offset, target.length);
		}
		return true;
	}

	readDirect(offset: number, target: Uint8Array): Awaitable<void> {
		checkRange(offset, target.length);
		this.#refuseIfClosed();
		this.#checkPresent(offset, target.length);
		const count = this.#readAtOnce([target], offset + HEADER_SIZE);
		const counted = isPromise(count)
			? this.#step("ERR_READ_FAILED", "read failed", () => count)
			: count;
		return andThen(counted, (found) => {
			if (found < target.length) {
				throw this.#insufficient(offset, target.length);
			}
		});
	}

	async write(offset: number, bytes: Bytes): Promise<void> {
		const parts = writtenParts(bytes);
		checkRange(offset, lengthOf(parts));
		this.#refuseUnlessWritable();
		if (parts.length > 0) {
			this.#open.isDirty = true;
			this.#open.isChanged = true;
			await this.#change("ERR_WRITE_FAILED", "write failed", () =>
				this.#open.file.write(parts, offset + HEADER_SIZE),
			);
		}
	}

	async writeSync(offset: number, bytes: Bytes): Promise<void> {
		const parts = writtenParts(bytes);
		if (parts.length === 0 || !this.#open.file.traits.syncsWrites) {
			await this.write(offset, parts);
			if (parts.length > 0) {
				await this.sync();
			}
			return;
		}
		checkRange(offset, lengthOf(parts));
		this.#refuseUnlessWritable();
		this.#open.isChanged = true;
		await this.#change("ERR_WRITE_FAILED", "synced write failed", () =>
			this.#open.file.write(parts, offset + HEADER_SIZE, { synced: true }),
		);
	}

	async resize(size: number): Promise<void> {
		checkRange(size, 0);
		this.#refuseUnlessWritable();
		this.#open.isDirty = true;
		this.#open.isChanged = true;
		await this.#change("ERR_BLOB_RESIZE_FAILED", "blob resize failed", () =>
			this.#open.file.truncate(size + HEADER_SIZE),
		);
	}

	async sync(): Promise<void> {
		this.#refuseUnlessMutable();
		const open = this.#open;
		open.isDirty = false;
		try {
			const { changes } = open;
			const changed =
				changes.size === 0 ? [] : await Promise.allSettled(changes);
			if (this.failure !== undefined) {
				throwFirst(changed);
			}
			await this.#changing("ERR_BLOB_SYNC_FAILED", "blob sync failed", () =>
				open.file.sync(),
			);
			open.isSynced = true;
			throwFirst(changed);
		} catch (error) {
			open.isDirty = true;
			throw error;
		}
	}

	/** Syncs, and runs `body`. Writers are not held off, as beside any other reader. */
	async quiesce(body: () => Promise<void>): Promise<void> {
		if (this.#open.isDirty && !this.#isClosed) {
			await this.sync();
		}
		await body();
	}

	async close(): Promise<void> {
		if (this.#isClosed) {
			return;
		}
		this.owner.end();
		await endingWith(
			async () => {
				if (this.#open.isDirty) {
					await this.sync();
				}
			},
			() => this.drop(),
		);
	}

	async drop(): Promise<void> {
		if (!this.#isClosed) {
			this.#isClosed = true;
			this.owner.end();
			await this.#step("ERR_IO", "close failed", () =>
				this.#origin.release(this.#open),
			);
		}
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.close();
	}

	#refuseIfClosed(): void {
		if (this.#isClosed) {
			throw closed(this.#open.path, this.#place());
		}
	}

	#refuseUnlessMutable(): void {
		this.#refuseIfClosed();
		if (this.#origin.readOnly) {
			throw openForReading(this.#open.path, this.#place());
		}
	}

	#refuseUnlessWritable(): void {
		this.#refuseUnlessMutable();
		const { owner } = this;
		owner.owners.refuseIfOvertaken(owner);
	}

	#checkPresent(offset: number, length: number): void {
		if (offset + length > this.size) {
			throw this.#insufficient(offset, length);
		}
	}

	/** Returns how many bytes were read. */
	#readFile(targets: readonly Uint8Array[], at: number): Awaitable<number> {
		const count = this.#open.file.read(targets, at);
		this.#open.readsAtOnce = !isPromise(count);
		return count;
	}

	#readAtOnce(targets: readonly Uint8Array[], at: number): Awaitable<number> {
		try {
			return this.#readFile(targets, at);
		} catch (error) {
			const message = `read failed: ${this.#open.path}`;
			throw asStorageError(error, "ERR_READ_FAILED", message, this.#place());
		}
	}

	#insufficient(offset: number, length: number): StorageError {
		return tooShort(this.#place(), offset, length, this.size);
	}

	/** Syncs wait for it. */
	async #change(
		code: StorageErrorCode,
		message: string,
		step: () => Awaitable<void>,
	): Promise<void> {
		const { changes } = this.#open;
		const change = this.#changing(code, message, step);
		changes.add(change);
		try {
			await change;
		} finally {
			changes.delete(change);
		}
	}

	/** As a step, but reports a failure at once. */
	async #changing(
		code: StorageErrorCode,
		message: string,
		step: () => Awaitable<void>,
	): Promise<void> {
		try {
			await step();
		} catch (cause) {
			const { path } = this.#open;
			const place = this.#place();
			const error = asStorageError(cause, code, `${message}: ${path}`, place);
			this.#tell(error);
			throw error;
		}
	}

	#tell(error: StorageError): void {
		const open = this.#open;
		const { observer } = this.owner;
		if (this.failure !== undefined && !open.isTold) {
			open.isTold = true;
			observer.error(error);
		} else if (this.failure === undefined && error.code === "ERR_NO_SPACE") {
			observer.event({ kind: "write-undone", path: open.path });
		}
	}

	#step<T>(
		code: StorageErrorCode,
		message: string,
		step: () => Awaitable<T>,
	): Promise<T> {
		return failingAs(
			code,
			`${message}: ${this.#open.path}`,
			this.#place(),
			step,
		);
	}

	#place(): ErrorPlace {
		return {
			path: this.#open.path,
			partition: this.partition,
			blob: this.hexName,
		};
	}
}

/** Throws TypeError for a value that no storage opened. */
export function ownedBlob(blob: unknown): OwnedBlob {
	if (!isOwned(blob)) {
		throw new TypeError("a blob is one that a storage has opened");
	}
	return blob;
}

function isOwned(blob: unknown): blob is OwnedBlob {
	const isObject = typeof blob === "object" && blob !== null;
	if (!isObject || !("partition" in blob) || !("hexName" in blob)) {
		return false;
	}
	const path = `${blob.partition}/${blob.hexName}`;
	return "owner" in blob && isBlobPath(path);
}
