import { newBytes } from "../../bytes.ts";
import { isStorageError } from "../../errors.ts";
import { SEQUENTIAL_READ_BYTES } from "../../host/read-sizes.ts";
import type { StorageBlob } from "../../storage/storage-blob.ts";

const NOTHING = new Uint8Array();

/**
 * Reads consecutive values, as for a replay that fetches each entry's value. It asks the host for
 * many values at a time. Returned bytes are copies that belong to the caller.
 */
export class ValueReadAhead {
	readonly #blob: StorageBlob;
	/** Where the value behind the last requested one begins. */
	#next: number | undefined;
	#chunk: Uint8Array = NOTHING;
	/** The offset of the chunk in the blob. */
	#start = 0;
	#filling: Promise<void> | undefined;

	constructor(blob: StorageBlob) {
		this.#blob = blob;
	}

	/** Whether a value that begins here follows the last requested one. */
	isNext(offset: number): boolean {
		return offset === this.#next;
	}

	/** The value at a place was found elsewhere. */
	passOver(offset: number, size: number): void {
		if (this.isNext(offset)) {
			this.#next = offset + size;
		}
	}

	/** Bytes at a place, if they were read ahead. */
	tryTake(offset: number, size: number): Uint8Array | undefined {
		const bytes = this.#take(offset, size);
		if (bytes !== undefined) {
			this.#next = offset + size;
		}
		return bytes;
	}

	/** Bytes at a place that is not the next one, if the host answers at once. */
	tryRead(offset: number, size: number): Uint8Array | undefined {
		if (offset === this.#next) {
			return undefined;
		}
		const bytes = newBytes(size);
		if (!this.#blob.tryReadInto(offset, bytes)) {
			return undefined;
		}
		this.#next = offset + size;
		return bytes;
	}

	/**
	 * Bytes at a place that ends at `limit` or before. Bytes behind them, up to `limit`, may be read
	 * too.
	 */
	async read(offset: number, size: number, limit: number): Promise<Uint8Array> {
		const isNext = offset === this.#next && size <= SEQUENTIAL_READ_BYTES;
		this.#next = offset + size;
		if (isNext) {
			await this.#filling;
			const found = this.#take(offset, size);
			if (found !== undefined) {
				return found;
			}
			this.#filling ??= this.#fill(offset, limit);
			await this.#filling;
		}
		return this.#take(offset, size) ?? this.#readAlone(offset, size);
	}

	/** Forgets the bytes read ahead, which may be cut. */
	forget(): void {
		this.#next = undefined;
		this.#chunk = NOTHING;
	}

	#take(offset: number, size: number): Uint8Array | undefined {
		const at = offset - this.#start;
		const isAhead = at >= 0 && at + size <= this.#chunk.length;
		return isAhead ? this.#chunk.slice(at, at + size) : undefined;
	}

	/**
	 * Ignores a failed read. The bad bytes may never be asked for; if they are, reading them alone
	 * fails again.
	 */
	async #fill(offset: number, limit: number): Promise<void> {
		try {
			const length = Math.min(SEQUENTIAL_READ_BYTES, limit - offset);
			this.#chunk = await this.#readAlone(offset, length);
			this.#start = offset;
		} catch (error) {
			if (!isStorageError(error)) {
				throw error;
			}
			this.forget();
		} finally {
			this.#filling = undefined;
		}
	}

	async #readAlone(offset: number, size: number): Promise<Uint8Array> {
		const bytes = newBytes(size);
		await this.#blob.readInto(offset, bytes);
		return bytes;
	}
}
