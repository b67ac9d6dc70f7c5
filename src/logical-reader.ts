import type { CachedPages } from "./page-cache.ts";
import type { PhysicalPages } from "./physical-pages.ts";
import type { Tip } from "./tip.ts";

/**
 * Logical bytes of a paged blob, from the tip, from the cache, and behind them from the pages on disk, which are verified
 * before a byte of them is given out. The caller has checked that the range lies within the blob.
 */
export class LogicalReader {
	readonly #pageSize: number;
	readonly #tip: Tip;
	readonly #cached: CachedPages;
	readonly #pages: PhysicalPages;

	constructor(
		pageSize: number,
		tip: Tip,
		cached: CachedPages,
		pages: PhysicalPages,
	) {
		this.#pageSize = pageSize;
		this.#tip = tip;
		this.#cached = cached;
		this.#pages = pages;
	}

	/** Fills the target if that needs no I/O, and answers whether it did. */
	tryRead(offset: number, target: Uint8Array): boolean {
		return this.#copyHeld(offset, target, 0) === target.length;
	}

	async read(offset: number, target: Uint8Array): Promise<void> {
		let copied = this.#copyHeld(offset, target, 0);
		while (copied < target.length) {
			await this.#fault(Math.floor((offset + copied) / this.#pageSize));
			copied = this.#copyHeld(offset, target, copied);
		}
	}

	/** Copies from `copied` on as far as memory reaches, and answers how far the target is filled. */
	#copyHeld(offset: number, target: Uint8Array, copied: number): number {
		let filled = copied;
		while (filled < target.length) {
			const at = offset + filled;
			if (at >= this.#tip.offset) {
				this.#tip.copyTo(target, filled, at);
				return target.length;
			}
			const data = this.#cached.get(Math.floor(at / this.#pageSize));
			if (data === undefined) {
				break;
			}
			const start = at % this.#pageSize;
			const end = Math.min(this.#pageSize, start + target.length - filled);
			target.set(data.subarray(start, end), filled);
			filled += end - start;
		}
		return filled;
	}

	#fault(page: number): Promise<void> {
		return this.#cached.fault(page, (deliver) =>
			this.#pages.withPages(page, 1, (address) => {
				this.#pages.requireFull(address, page);
				deliver(address);
			}),
		);
	}
}
