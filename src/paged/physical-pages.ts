import { RECORD_SIZE } from "../../assembly/format.ts";
import { StorageError } from "../errors.ts";
import { andThen } from "../host/delegating.ts";
import type { StoreContext } from "../storage/context.ts";
import { blobPath } from "../storage/names.ts";
import type { OwnedBlob } from "../storage/storage-blob.ts";
import type { Awaitable } from "../turns/awaitable.ts";
import { during } from "../turns/during.ts";
import { yieldIfDue } from "../turns/event-loop.ts";
import { Signal } from "../turns/signal.ts";

/** The physical pages of one blob, read into and judged in a buffer of linear memory. */
export class PhysicalPages {
	readonly #storage: StoreContext;
	readonly #blob: OwnedBlob;
	readonly #pageSize: number;
	readonly stride: number;
	/** Reads under way, those that wait for memory included, and the signal that one ended. */
	#reads = 0;
	readonly #ended = new Signal();

	constructor(storage: StoreContext, blob: OwnedBlob, pageSize: number) {
		this.#storage = storage;
		this.#blob = blob;
		this.#pageSize = pageSize;
		this.stride = pageSize + RECORD_SIZE;
	}

	/** Whole physical pages in the blob. */
	get count(): number {
		return Math.floor(this.#blob.size / this.stride);
	}

	/**
	 * How many pages to read together for about `bytes`: at least one, at most what fits the memory.
	 */
	together(bytes: number): number {
		const { size } = this.#storage.memory.reads;
		return Math.max(1, Math.floor(Math.min(bytes, size) / this.stride));
	}

	/**
	 * Reads `count` pages from `first` on, and lends them to `use` by their address: at once where
	 * the host answers at once, and other tasks are not due. Waits for memory while other reads have
	 * it.
	 */
	withPages<T>(
		first: number,
		count: number,
		use: (address: number) => T,
	): Awaitable<T> {
		const { reads } = this.#storage.memory;
		const size = count * this.stride;
		const end = () => {
			this.#reads -= 1;
			this.#ended.raise();
		};
		this.#reads += 1;
		return during(() => {
			const address = reads.tryTake(size) ?? reads.take(size);
			const used = andThen(address, (lent) =>
				during(
					() => andThen(this.#read(first, lent, size), () => use(lent)),
					() => reads.giveBack(lent),
				),
			);
			return andThen(used, inDueTurn);
		}, end);
	}

	#read(first: number, address: number, size: number): Awaitable<void> {
		const view = this.#storage.core.bytes(address, size);
		return this.#blob.readDirect(first * this.stride, view);
	}

	/** Waits until the host has no view of any buffer, however its reads end. */
	async settle(): Promise<void> {
		while (this.#reads > 0) {
			await this.#ended.wait();
		}
	}

	/**
	 * How many bytes of the page at `address` its slot validates: all of them, unless the page is the
	 * last or damaged.
	 */
	validLength(address: number): number {
		const { core } = this.#storage;
		return core.pages.validateRun(address, this.#pageSize, 1) === 1
			? this.#pageSize
			: core.pages.validatePage(address, this.#pageSize).length;
	}

	/** ERR_INVALID_CHECKSUM for a page with `length` valid bytes, with its place. */
	damaged(page: number, length: number): StorageError {
		const { partition, hexName } = this.#blob;
		return new StorageError(
			"ERR_INVALID_CHECKSUM",
			`invalid or missing checksum: page ${page} of ${blobPath(this.#blob)} has ${length} valid bytes of ${this.#pageSize}`,
			{
				partition,
				blob: hexName,
				page,
				offset: page * this.#pageSize,
				expected: this.#pageSize,
				found: length,
			},
		);
	}
}

/** An answer, which others' turns come before where they are due. */
function inDueTurn<T>(answer: T): Awaitable<T> {
	const turn = yieldIfDue();
	return turn === undefined ? answer : turn.then(() => answer);
}
