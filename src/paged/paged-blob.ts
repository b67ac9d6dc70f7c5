import { checkList, checkOptions } from "../checks.ts";
import type { StorageError } from "../errors.ts";
import { checkObserver, type ObserverOptions } from "../host/observer.ts";
import type { BlobName } from "../storage/names.ts";
import {
	contextOf,
	isStorage,
	notOpened,
	type Storage,
} from "../storage/storage.ts";
import {
	type OwnedBlob,
	ownedBlob,
	type StorageBlob,
} from "../storage/storage-blob.ts";
import { endingIfFailed } from "../turns/endings.ts";
import { cacheMemoryOf, type PageCache } from "./cache.ts";
import type { CacheMemory } from "./cache-memory.ts";
import type { PageInspection } from "./inspection.ts";
import { type PageOptions, pageMemory } from "./page-memory.ts";
import { PagedFile } from "./paged-file.ts";
import type { RecoveryReport } from "./recovery-report.ts";
import type { Replay, ReplayOptions } from "./replay.ts";
import type { ResizeOptions } from "./resizing.ts";
import { pagedCapacity, tellOfBuffer } from "./write-buffer.ts";

export interface PagedBlobOptions extends PageOptions, ObserverOptions {
	/**
	 * Logical bytes held back before full pages are flushed; at least two pages. 64 KiB by default, 2
	 * MiB at most.
	 */
	readonly writeBuffer?: number;
}

/** For an open blob. The cache tells which storage it is of. */
export interface OpenBlobOptions extends PagedBlobOptions {
	readonly cache: PageCache;
}

/**
 * An append-only blob of checksummed pages (commonware's paged `Append`). Offsets and sizes are
 * logical bytes.
 *
 * After any crash, the bytes appended before a resolved `sync` was called are found again, in order
 * and unchanged. Of later bytes a prefix is found. After a failed write or sync, changes reject
 * with ERR_POISONED until the blob is opened anew; reads go on.
 */
export class PagedBlob implements AsyncDisposable {
	/** The bytes that opening found, kept and cut, and why. */
	readonly recovery: RecoveryReport;
	readonly #file: PagedFile;

	private constructor(file: PagedFile) {
		this.recovery = file.recovery;
		this.#file = file;
	}

	/**
	 * Opens a blob and recovers it; a missing blob is made. Or takes over an open blob, with a cache
	 * of its storage: closing this closes the blob, and its other handles change nothing from then
	 * on.
	 *
	 * @throws {TypeError} for invalid options.
	 * @throws {RangeError} for values out of range.
	 * @throws {StorageError} ERR_IN_USE when a paged blob owns it, ERR_CONFIG when dualslot.json
	 * records the partition differently, ERR_PAGE_SIZE when no page of this size is found where one
	 * must be, ERR_MEMORY, and ERR_READ_FAILED, which is never taken for damage; to open by name, as
	 * `Storage.open`.
	 */
	static open(
		storage: Storage,
		partition: string,
		name: BlobName,
		options?: PagedBlobOptions,
	): Promise<PagedBlob>;
	static open(blob: StorageBlob, options: OpenBlobOptions): Promise<PagedBlob>;
	static async open(
		from: Storage | StorageBlob,
		given: string | OpenBlobOptions,
		name: BlobName = "",
		options: PagedBlobOptions = {},
	): Promise<PagedBlob> {
		return new PagedBlob(
			typeof given === "string"
				? await openNamed(from, given, name, options)
				: await takeOver(from, given),
		);
	}

	/** Logical bytes, the write buffer included. */
	get size(): number {
		return this.#file.size;
	}

	/** The size; undefined while a waiting append or a resize changes it. */
	trySize(): number | undefined {
		return this.#file.trySize();
	}

	/** Why changes are refused since a failed one (ERR_POISONED), or undefined. */
	get failure(): StorageError | undefined {
		return this.#file.failure;
	}

	/**
	 * Appends bytes, which must not change until this resolves. Does so at once unless the write
	 * buffer or the window of unsynced bytes is full. The next sync makes the bytes durable, and need
	 * not wait for this to resolve. When this rejects, `size` tells how much was taken. Appends and
	 * resizes called meanwhile are not done, and reject with the same error.
	 *
	 * @throws {TypeError} unless given a Uint8Array.
	 * @throws {StorageError} ERR_WRITE_FAILED, ERR_NO_SPACE when the host fails, ERR_POISONED after
	 * that; ERR_MEMORY, ERR_READ_ONLY, ERR_CLOSED.
	 */
	append(bytes: Uint8Array): Promise<void> {
		return this.#file.append(bytes);
	}

	/**
	 * Makes all earlier appends durable, unresolved ones included. When one of those rejects, this
	 * call rejects with its error, once. The next call goes on with the bytes taken, unless the blob
	 * is poisoned. Calls made before the host sync begins share it; later ones wait for the next.
	 *
	 * @throws {StorageError} ERR_BLOB_SYNC_FAILED when the host fails to sync; ERR_WRITE_FAILED,
	 * ERR_NO_SPACE, ERR_MEMORY, ERR_POISONED, ERR_READ_ONLY, ERR_CLOSED as `append`.
	 */
	sync(): Promise<void> {
		return this.#file.sync();
	}

	/**
	 * Exactly `length` bytes.
	 *
	 * @throws {TypeError} unless given numbers.
	 * @throws {RangeError} for no offset or length.
	 * @throws {StorageError} ERR_BLOB_INSUFFICIENT_LENGTH past the end, ERR_INVALID_CHECKSUM where a
	 * page is damaged, ERR_READ_FAILED of the host; ERR_OFFSET_OVERFLOW, ERR_MEMORY, ERR_CLOSED.
	 */
	read(offset: number, length: number): Promise<Uint8Array> {
		return this.#file.reads.read(offset, length);
	}

	/**
	 * As `read`, but fills the target, which must not change until this resolves.
	 *
	 * @throws {TypeError} unless given a number and a Uint8Array.
	 * @throws {RangeError} for no offset.
	 * @throws {StorageError} ERR_BLOB_INSUFFICIENT_LENGTH past the end, ERR_INVALID_CHECKSUM where a
	 * page is damaged, ERR_READ_FAILED when the host fails; ERR_OFFSET_OVERFLOW, ERR_MEMORY,
	 * ERR_CLOSED.
	 */
	readInto(offset: number, target: Uint8Array): Promise<void> {
		return this.#file.reads.readInto(offset, target);
	}

	/**
	 * As many bytes as there are, up to `length`; at least one unless `length` is 0.
	 *
	 * @throws {TypeError} unless given numbers.
	 * @throws {RangeError} for no offset or length.
	 * @throws {StorageError} ERR_BLOB_INSUFFICIENT_LENGTH past the end, ERR_INVALID_CHECKSUM where a
	 * page is damaged, ERR_READ_FAILED of the host; ERR_OFFSET_OVERFLOW, ERR_MEMORY, ERR_CLOSED.
	 */
	readUpTo(offset: number, length: number): Promise<Uint8Array> {
		return this.#file.reads.readUpTo(offset, length);
	}

	/**
	 * Reads items of `itemSize` bytes at ascending offsets that do not overlap, into `target` if
	 * given.
	 *
	 * @throws {TypeError} for arguments of a wrong type.
	 * @throws {RangeError} for offsets or a target that do not fit.
	 * @throws {StorageError} ERR_BLOB_INSUFFICIENT_LENGTH past the end, ERR_INVALID_CHECKSUM where a
	 * page is damaged, ERR_READ_FAILED when the host fails; ERR_OFFSET_OVERFLOW, ERR_MEMORY,
	 * ERR_CLOSED.
	 */
	async readMany(
		offsets: readonly number[],
		itemSize: number,
		target?: Uint8Array,
	): Promise<Uint8Array> {
		checkList("offsets", offsets);
		return this.#file.reads.readMany(offsets, itemSize, target);
	}

	/**
	 * Fills the target if that needs no I/O, and returns whether it did. The range must lie within
	 * the blob.
	 *
	 * @throws {StorageError} ERR_BLOB_INSUFFICIENT_LENGTH past the end, ERR_INVALID_CHECKSUM where a
	 * page is damaged, ERR_OFFSET_OVERFLOW, ERR_CLOSED.
	 */
	tryRead(offset: number, target: Uint8Array): boolean {
		return this.#file.reads.tryRead(offset, target);
	}

	/**
	 * The blob's verified bytes, in order, as a stream or a cursor.
	 *
	 * @throws {RangeError} for an invalid buffer or offset.
	 * @throws {StorageError} ERR_BLOB_INSUFFICIENT_LENGTH for a start past the end; ERR_CLOSED.
	 */
	replay(options: ReplayOptions = {}): Replay {
		return this.#file.replay(options);
	}

	/**
	 * Grows with zeros, which are durable after the next sync, or cuts. A cut is durable when this
	 * resolves; at a page boundary the next sync, or the next write, makes it durable. To the present
	 * size it does nothing, and promises nothing. A long growth yields to the event loop.
	 *
	 * @throws {RangeError} for an invalid size.
	 * @throws {TypeError} for invalid options; on abort, the signal's reason, of any type.
	 * @throws {StorageError} ERR_BLOB_RESIZE_FAILED, ERR_BLOB_SYNC_FAILED, ERR_WRITE_FAILED,
	 * ERR_NO_SPACE when the host fails, ERR_POISONED after that; ERR_OFFSET_OVERFLOW, ERR_MEMORY,
	 * ERR_READ_ONLY, ERR_CLOSED.
	 */
	resize(size: number, options: ResizeOptions = {}): Promise<void> {
		return this.#file.resize(size, options);
	}

	/**
	 * Each page on disk with its two slots and their verdicts, for tools. Buffered bytes are not
	 * seen.
	 *
	 * @throws {StorageError} ERR_CLOSED, ERR_READ_FAILED, ERR_MEMORY.
	 */
	pages(): AsyncGenerator<PageInspection, void, undefined> {
		return this.#file.pages();
	}

	/**
	 * Syncs as `sync` does, and releases the blob once the reads under way are answered. Rejects when
	 * the sync fails, but releases the blob all the same.
	 *
	 * @throws {StorageError} ERR_BLOB_SYNC_FAILED, ERR_WRITE_FAILED, ERR_NO_SPACE, ERR_MEMORY,
	 * ERR_POISONED as `sync`; ERR_IO when the host fails to close the file.
	 */
	close(): Promise<void> {
		return this.#file.close();
	}

	/**
	 * Releases the blob as a crash would: unsynced bytes may be lost. Reads under way are answered
	 * first.
	 *
	 * @throws {StorageError} ERR_IO when the host fails to close the file.
	 */
	drop(): Promise<void> {
		return this.#file.drop();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.close();
	}
}

async function openNamed(
	storage: Storage | StorageBlob,
	partition: string,
	name: BlobName,
	options: PagedBlobOptions,
): Promise<PagedFile> {
	if (!isStorage(storage)) {
		throw notOpened(storage);
	}
	checkOptions(options);
	checkObserver(options);
	const context = contextOf(storage);
	const memory = pageMemory(context, partition, options);
	const { pageSize } = memory;
	pagedCapacity(options.writeBuffer, pageSize);
	// A refused open must make nothing.
	context.checkConfig(partition, { kind: "paged", pageSize });
	const { onError, onEvent } = options;
	const blob = await storage.open(partition, name, {
		...(onError && { onError }),
		...(onEvent && { onEvent }),
	});
	return endingIfFailed(
		() => openPages(ownedBlob(blob), memory, options),
		() => blob.drop(),
	);
}

async function takeOver(
	blob: Storage | StorageBlob,
	options: OpenBlobOptions,
): Promise<PagedFile> {
	const owned = ownedBlob(blob);
	checkOptions(options);
	const { storage } = cacheMemoryOf(options.cache);
	const { owner } = owned;
	if (owner?.owners !== storage.owners) {
		throw new TypeError(
			"a paged blob is made of a blob of the storage that its page cache is of",
		);
	}
	checkObserver(options);
	const memory = pageMemory(storage, owned.partition, options);
	owner.observer = owner.observer.with(options);
	return openPages(owned, memory, options);
}

async function openPages(
	blob: OwnedBlob,
	memory: CacheMemory,
	{ writeBuffer }: PagedBlobOptions,
): Promise<PagedFile> {
	const file = await PagedFile.open(blob, memory, writeBuffer);
	const place = { partition: blob.partition, blob: blob.hexName };
	const capacity = pagedCapacity(writeBuffer, memory.pageSize);
	tellOfBuffer(blob.owner.observer, place, writeBuffer, capacity);
	return file;
}
