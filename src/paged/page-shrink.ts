import type { ByteRange, ShrinkStages } from "../core/answers.ts";
import { type JudgedPage, judgePage } from "../core/judged-page.ts";
import { zeroCutBytes } from "../core/page-tail.ts";
import type { StoreContext } from "../storage/context.ts";
import type { Awaitable } from "../turns/awaitable.ts";
import type { CachedPages } from "./cache-memory.ts";
import type { Durability } from "./durability.ts";
import type { PageFlush } from "./flush.ts";
import type { PhysicalPages } from "./physical-pages.ts";

/**
 * A page that is to shrink: its present state, the writes that shrink it, the bytes to erase then,
 * and its new state.
 */
interface StagedShrink {
	readonly before: JudgedPage;
	readonly stages: ShrinkStages;
	readonly erased: readonly ByteRange[];
	readonly after: JudgedPage;
}

/** Makes a paged blob shorter. A crash between the steps for its new last page does no harm. */
export class PageShrink {
	readonly #storage: StoreContext;
	readonly #pageSize: number;
	readonly #pages: PhysicalPages;
	readonly #cached: CachedPages;
	readonly #durability: Durability;
	readonly #flush: PageFlush;

	constructor(
		storage: StoreContext,
		pageSize: number,
		pages: PhysicalPages,
		cached: CachedPages,
		durability: Durability,
		flush: PageFlush,
	) {
		this.#storage = storage;
		this.#pageSize = pageSize;
		this.#pages = pages;
		this.#cached = cached;
		this.#durability = durability;
		this.#flush = flush;
	}

	/**
	 * Shrinks the blob to `size` bytes. It must be durable, with its tip handed over. At a page
	 * boundary this is a truncation, durable with the next sync. Within a page the record moves in
	 * three durable steps. Each leaves the old length or the new one:
	 *
	 *    1. the other slot:  00 00 | crc of [0, length)     the old length counts
	 *    2. the other slot:  length                         both validate, the old one is longer
	 *    3. the old slot:    00 00                          the new length counts
	 *
	 * The truncation need not be durable before step 1, which validates nothing. The data behind
	 * `length` stays, unless the store erases. Then that data and the old slot's checksum are zeroed,
	 * durably, before the page can be written again. The zeros are written only after step 3 is
	 * durable: until then the old length and its data may count.
	 */
	async to(size: number): Promise<void> {
		const { count, stride } = this.#pages;
		const page = Math.floor(size / this.#pageSize);
		const length = size % this.#pageSize;
		const end = (page + (length > 0 ? 1 : 0)) * stride;
		// Rejects for a page that cannot be read or shrunk, before any change.
		const shrunk = length > 0 ? await this.#stage(page, length) : undefined;
		if (end !== count * stride) {
			await this.#durability.resize(end);
		}
		this.#cached.invalidateFrom(page);
		this.#flush.restart(page);
		if (shrunk !== undefined) {
			// If one of the writes fails, reads still see the page as it was.
			this.#flush.adopt(shrunk.before);
			await this.#writeStages(page, shrunk.stages);
			this.#flush.adopt(shrunk.after);
			await this.#erase(page, shrunk.erased);
		}
	}

	#stage(page: number, length: number): Awaitable<StagedShrink> {
		const { core } = this.#storage;
		return this.#pages.withPages(page, 1, (address) => {
			const judge = () => judgePage(core, address, this.#pageSize, page);
			const before = judge();
			const stages = core.pages.stageShrink(address, this.#pageSize, length);
			if (stages === undefined) {
				throw this.#pages.damaged(page, before.verdict.length);
			}
			const erased = this.#storage.erases
				? zeroCutBytes(core, address, this.#pageSize)
				: [];
			return { before, stages, erased, after: judge() };
		});
	}

	async #writeStages(page: number, stages: ShrinkStages): Promise<void> {
		const base = page * this.#pages.stride;
		const durability = this.#durability;
		const { newSlotOffset, oldSlotOffset } = stages;
		await durability.writeSync(base + newSlotOffset, stages.crcStage);
		await durability.writeSync(base + newSlotOffset, stages.lengthStage);
		await durability.writeSync(base + oldSlotOffset, stages.retireStage);
	}

	async #erase(page: number, ranges: readonly ByteRange[]): Promise<void> {
		const base = page * this.#pages.stride;
		for (const [start, end] of ranges) {
			const zeros = new Uint8Array(end - start);
			await this.#durability.write(base + start, zeros);
		}
		await this.#durability.cover(this.#durability.ticket);
	}
}
