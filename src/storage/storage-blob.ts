import type { StorageError } from "../errors.ts";
import type { Awaitable } from "../turns/awaitable.ts";
import type { Bytes } from "./blob-bytes.ts";
import { isBlobPath } from "./names.ts";
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
