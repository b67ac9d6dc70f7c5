import type { StorageError } from "../../../src/errors.ts";
import type { Bytes } from "../../../src/storage/blob-bytes.ts";
import type { Owner } from "../../../src/storage/owners.ts";
import {
	type OwnedBlob,
	ownedBlob,
	type StorageBlob,
} from "../../../src/storage/storage-blob.ts";
import type { Awaitable } from "../../../src/turns/awaitable.ts";
import { joined } from "../runs/bytes.ts";

/**
 * Passes every call on. A test's wrapper between a paged blob and its blob overrides some calls.
 */
export class DelegatingBlob implements OwnedBlob {
	protected readonly blob: OwnedBlob;

	constructor(blob: StorageBlob) {
		this.blob = ownedBlob(blob);
	}

	get partition(): string {
		return this.blob.partition;
	}

	get hexName(): string {
		return this.blob.hexName;
	}

	get version(): number {
		return this.blob.version;
	}

	get size(): number {
		return this.blob.size;
	}

	get failure(): StorageError | undefined {
		return this.blob.failure;
	}

	get zeros(): OwnedBlob["zeros"] {
		return this.blob.zeros;
	}

	hideEnd(bytes: number): void {
		this.blob.hideEnd(bytes);
	}

	get owner(): Owner {
		return this.blob.owner;
	}

	read(offset: number, length: number): Promise<Uint8Array> {
		return this.blob.read(offset, length);
	}

	readInto(offset: number, target: Bytes): Promise<void> {
		return this.blob.readInto(offset, target);
	}

	tryReadInto(offset: number, target: Uint8Array): boolean {
		return this.blob.tryReadInto(offset, target);
	}

	readDirect(offset: number, target: Uint8Array): Awaitable<void> {
		return this.blob.readDirect(offset, target);
	}

	write(offset: number, bytes: Bytes): Promise<void> {
		return this.blob.write(offset, bytes);
	}

	writeSync(offset: number, bytes: Bytes): Promise<void> {
		return this.blob.writeSync(offset, bytes);
	}

	resize(size: number): Promise<void> {
		return this.blob.resize(size);
	}

	sync(): Promise<void> {
		return this.blob.sync();
	}

	close(): Promise<void> {
		return this.blob.close();
	}

	drop(): Promise<void> {
		return this.blob.drop();
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.close();
	}
}

/** A copy of a call's bytes. */
export function copyOf(bytes: Bytes): Uint8Array {
	return joined(...(bytes instanceof Uint8Array ? [bytes] : bytes));
}
