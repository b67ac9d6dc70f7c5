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
import { placeOf } from "./blob-place.ts";
import type { OpenFile } from "./open-files.ts";
import type { Owner } from "./owners.ts";
import type { OwnedBlob } from "./storage-blob.ts";
import type { ZerosAhead } from "./zeros-ahead.ts";

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
			throw closed(this.#open.path, placeOf(this));
		}
	}

	#refuseUnlessMutable(): void {
		this.#refuseIfClosed();
		if (this.#origin.readOnly) {
			throw openForReading(this.#open.path, placeOf(this));
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
			throw asStorageError(error, "ERR_READ_FAILED", message, placeOf(this));
		}
	}

	#insufficient(offset: number, length: number): StorageError {
		return tooShort(placeOf(this), offset, length, this.size);
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
			const place = placeOf(this);
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
			placeOf(this),
			step,
		);
	}
}
