import { joined, newBytes } from "../bytes.ts";
import { checkOptions, checkWhole } from "../checks.ts";
import { StorageError } from "../errors.ts";
import type { StoreContext } from "../storage/context.ts";
import type { Awaitable } from "../turns/awaitable.ts";
import type { PhysicalPages } from "./physical-pages.ts";

export interface ReplayOptions {
	/** The logical offset of the first byte; 0 by default. */
	readonly from?: number;
	/**
	 * Bytes read at a time, rounded down to whole pages, one at least; 128 KiB by default, 1 MiB at
	 * most.
	 */
	readonly buffer?: number;
}

/** What a replay needs of its blob. */
export interface ReplaySource {
	readonly storage: StoreContext;
	readonly pages: PhysicalPages;
	readonly pageSize: number;
	readonly size: number;
	/** Hands the tip to the host, so that the pages on disk hold all of `size`. */
	flush(): Promise<void>;
}

const BUFFER_DEFAULT = 128 * 1024;
const NOTHING = new Uint8Array();

/**
 * The bytes of a paged blob, in order, as they were when the replay was made; each page is verified
 * before its bytes are given out. Either a stream of chunks, or a cursor: `ensure` bytes, look at
 * them in `chunk`, `advance`. Chunks belong to the caller. A replay flushes the blob's tip first,
 * which promises no sync. It holds one buffer, whatever the length.
 */
export class Replay implements AsyncIterable<Uint8Array> {
	/** Logical bytes of the blob when the replay was made. */
	readonly size: number;
	readonly #source: ReplaySource;
	readonly #prefetch: number;
	#nextPage = 0;
	/** Bytes of the next page to skip, before the sought offset. */
	#skip = 0;
	#chunk: Uint8Array = NOTHING;
	#isFlushed = false;
	#isExhausted = false;

	/** @internal */
	constructor(source: ReplaySource, options: ReplayOptions = {}) {
		checkOptions(options);
		const { from = 0, buffer = BUFFER_DEFAULT } = options;
		checkWhole("a replay's buffer", buffer);
		this.#source = source;
		this.size = source.size;
		this.#prefetch = source.pages.together(buffer);
		this.seek(from);
	}

	/** Verified bytes that are read and not yet advanced over. */
	get chunk(): Uint8Array {
		return this.#chunk;
	}

	/** Bytes of the chunk not yet taken. */
	get remaining(): number {
		return this.#chunk.length;
	}

	/** True once a fill has found nothing more to read. */
	get isExhausted(): boolean {
		return this.#isExhausted;
	}

	/**
	 * Goes on at a logical offset.
	 *
	 * @throws {TypeError} for no number.
	 * @throws {RangeError} for no offset.
	 * @throws {StorageError} ERR_BLOB_INSUFFICIENT_LENGTH past the end.
	 */
	seek(offset: number): void {
		checkWhole("an offset", offset);
		if (offset > this.size) {
			throw new StorageError(
				"ERR_BLOB_INSUFFICIENT_LENGTH",
				`blob insufficient length: a replay of ${this.size} bytes cannot start at ${offset}`,
				{ offset, found: this.size },
			);
		}
		this.#chunk = NOTHING;
		this.#isExhausted = false;
		this.#nextPage = Math.floor(offset / this.#source.pageSize);
		this.#skip = offset % this.#source.pageSize;
	}

	/**
	 * Reads until the chunk has `count` bytes. Returns false when the blob ends before; the chunk
	 * then has the rest.
	 *
	 * @throws {StorageError} ERR_INVALID_CHECKSUM at a damaged page, once the bytes before it were
	 * delivered; ERR_READ_FAILED when the host fails; ERR_MEMORY, ERR_CLOSED; for unwritten bytes, as
	 * `PagedBlob.sync`.
	 */
	async ensure(count: number): Promise<boolean> {
		while (this.#chunk.length < count) {
			if (!(await this.fill())) {
				return false;
			}
		}
		return true;
	}

	/**
	 * Leaves the first bytes of the chunk behind.
	 *
	 * @throws {TypeError} for no count.
	 * @throws {RangeError} for more than is in the chunk.
	 */
	advance(count: number): void {
		checkWhole("a count", count);
		if (count > this.#chunk.length) {
			throw new RangeError(
				`cannot advance ${count} bytes, ${this.#chunk.length} are buffered`,
			);
		}
		this.#chunk = this.#chunk.subarray(count);
	}

	/**
	 * Adds the next run of pages to the chunk; false at the end.
	 *
	 * @throws {StorageError} ERR_INVALID_CHECKSUM at a damaged page, once the bytes before it were
	 * delivered; ERR_READ_FAILED when the host fails; ERR_MEMORY, ERR_CLOSED; for unwritten bytes, as
	 * `PagedBlob.sync`.
	 */
	async fill(): Promise<boolean> {
		const { pageSize } = this.#source;
		const left = this.size - this.#nextPage * pageSize;
		if (left <= this.#skip) {
			this.#isExhausted = true;
			return false;
		}
		if (!this.#isFlushed) {
			await this.#source.flush();
			this.#isFlushed = true;
		}
		const count = Math.min(this.#prefetch, Math.ceil(left / pageSize));
		const bytes = await this.#read(this.#nextPage, count, left);
		const fresh = bytes.subarray(this.#skip);
		this.#nextPage += Math.floor(bytes.length / pageSize);
		this.#skip = bytes.length % pageSize;
		this.#chunk = this.#chunk.length === 0 ? fresh : joined(this.#chunk, fresh);
		return true;
	}

	/**
	 * Pieces of verified bytes, in order. They belong to the caller.
	 *
	 * @throws {StorageError} ERR_INVALID_CHECKSUM at a damaged page, once the bytes before it were
	 * delivered; ERR_READ_FAILED when the host fails; ERR_MEMORY, ERR_CLOSED; for unwritten bytes, as
	 * `PagedBlob.sync`.
	 */
	async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
		while (this.#chunk.length > 0 || (await this.fill())) {
			const chunk = this.#chunk;
			this.#chunk = NOTHING;
			yield chunk;
		}
	}

	/**
	 * The verified bytes of up to `count` pages: all of them, or those before the first damaged one.
	 */
	#read(first: number, count: number, left: number): Awaitable<Uint8Array> {
		const { storage, pages, pageSize } = this.#source;
		return pages.withPages(first, count, (address) => {
			const { core } = storage;
			const full = core.pages.validateRun(address, pageSize, count);
			const length = Math.min(left, count * pageSize);
			const whole = Math.min(full * pageSize, length);
			const rest =
				full < count ? this.#partial(address, first, full, length - whole) : 0;
			const bytes = newBytes(whole + rest);
			for (let at = 0; at < bytes.length; at += pageSize) {
				const from = address + (at / pageSize) * pages.stride;
				const part = Math.min(pageSize, bytes.length - at);
				bytes.set(core.bytes(from, part), at);
			}
			return bytes;
		});
	}

	/**
	 * How many bytes a page that is not full gives: those that its slot validates. Throws if all of
	 * them were given before.
	 */
	#partial(
		address: number,
		first: number,
		index: number,
		expected: number,
	): number {
		const { storage, pages, pageSize } = this.#source;
		const at = address + index * pages.stride;
		const { length } = storage.core.pages.validatePage(at, pageSize);
		const valid = Math.min(length, expected);
		if (index === 0 && valid <= this.#skip) {
			throw pages.damaged(first, length);
		}
		return valid;
	}
}
