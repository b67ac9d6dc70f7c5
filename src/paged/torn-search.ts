import { HEADER_SIZE, SLOT_SIZE } from "../../assembly/format.ts";
import { judgeLastPage, type LastPage } from "../core/judged-page.ts";
import { SEQUENTIAL_READ_BYTES } from "../host/read-sizes.ts";
import type { StoreContext } from "../storage/context.ts";
import { blobPath } from "../storage/names.ts";
import type { StorageBlob } from "../storage/storage-blob.ts";
import type { Awaitable } from "../turns/awaitable.ts";
import type { PhysicalPages } from "./physical-pages.ts";

/** A page that is not full and valid, though others follow. */
interface Suspect {
	readonly page: number;
	/** Whether a torn write of dualslot explains it. */
	readonly isTorn: boolean;
	/** Whether a torn truncation explains it, even if the page was durable before. */
	readonly isTruncated: boolean;
}

/** A page behind the last valid one. */
interface PageBehind {
	readonly isTorn: boolean;
	readonly claimsAll: boolean;
	readonly judged: LastPage;
}

/**
 * Tells torn pages from damaged ones in the window that a crash of dualslot can tear. A torn write
 * explains a torn page; if a later page shows that it was durable, a torn truncation must. The file
 * ends there. Other bad pages are damaged: they stay, with the pages behind them.
 */
export class TornSearch {
	readonly #storage: StoreContext;
	readonly #blob: StorageBlob;
	readonly #pageSize: number;
	readonly #pages: PhysicalPages;
	readonly #suspects: Suspect[] = [];
	/** All pages before this one were durable when it was written. */
	#afterSync = 0;
	#damaged: number[] = [];
	#cutsDamage = false;
	#scanned = 0;

	constructor(
		storage: StoreContext,
		blob: StorageBlob,
		pageSize: number,
		pages: PhysicalPages,
	) {
		this.#storage = storage;
		this.#blob = blob;
		this.#pageSize = pageSize;
		this.#pages = pages;
	}

	/** Pages looked at before the last valid one. */
	get scanned(): number {
		return this.#scanned;
	}

	/** The damaged pages within the window, except those behind a torn page. */
	get damaged(): readonly number[] {
		return this.#damaged;
	}

	/**
	 * Whether the last damaged page is cut. It was not full, so nothing can be appended behind it.
	 */
	get cutsDamage(): boolean {
		return this.#cutsDamage;
	}

	/** The last page that stays, given the last valid one; undefined if no page stays. */
	async lastPage(
		lastValid: LastPage | undefined,
	): Promise<LastPage | undefined> {
		const { window } = this.#storage.marker;
		if (lastValid === undefined) {
			return this.#blob.size > window ? undefined : this.#lastBehind(undefined);
		}
		const hole = await this.#firstTorn(lastValid.page);
		this.#damaged = this.#suspects
			.map(({ page }) => page)
			.filter((page) => page < hole);
		if (hole === lastValid.page) {
			return this.#lastBehind(lastValid);
		}
		const torn = await this.#judgedAt(hole);
		const isLost = torn.verdict.slot === 0;
		return isLost ? this.#lastBefore(hole) : torn;
	}

	/** Searches the window. Returns the first torn page before the last valid one, or `lastValid`. */
	async #firstTorn(lastValid: number): Promise<number> {
		const floor = this.#blob.size - this.#storage.marker.window;
		const step = this.#pages.together(SEQUENTIAL_READ_BYTES);
		let first = Math.max(0, Math.floor(floor / this.#pages.stride));
		this.#scanned = Math.max(0, lastValid - first);
		while (first <= lastValid) {
			const from = first;
			const count = Math.min(step, lastValid + 1 - from);
			await this.#pages.withPages(from, count, (address) =>
				this.#look(from, count, address),
			);
			first += count;
		}
		const hole = this.#suspects.find(
			({ page, isTorn, isTruncated }) =>
				isTorn && (page >= this.#afterSync || isTruncated),
		);
		return Math.min(hole?.page ?? lastValid, lastValid);
	}

	#look(first: number, count: number, address: number): void {
		const { core } = this.#storage;
		const pageSize = this.#pageSize;
		const afterSync = core.pages.lastAfterSync(address, pageSize, count);
		if (afterSync >= 0) {
			this.#afterSync = first + afterSync;
		}
		for (let index = 0; ; index += 1) {
			const from = address + index * this.#pages.stride;
			index += core.pages.validateRun(from, pageSize, count - index);
			if (index >= count) {
				return;
			}
			const page = first + index;
			const at = address + index * this.#pages.stride;
			const rawOffset = this.#rawOffsetOf(page);
			const isTorn = core.pages.isTornPage(at, pageSize, rawOffset);
			const isTruncated = core.pages.isTruncatedPage(at, pageSize, rawOffset);
			this.#suspects.push({ page, isTorn, isTruncated });
		}
	}

	#rawOffsetOf(page: number): number {
		return HEADER_SIZE + page * this.#pages.stride;
	}

	/**
	 * The last of the damaged pages right behind the last valid one, up to a torn page, or to a final
	 * one that was not full.
	 */
	async #lastBehind(
		lastValid: LastPage | undefined,
	): Promise<LastPage | undefined> {
		const { count, stride } = this.#pages;
		let last = lastValid;
		for (let page = (lastValid?.page ?? -1) + 1; page < count; page += 1) {
			const { isTorn, claimsAll, judged } = await this.#behindAt(page);
			if (isTorn) {
				return last;
			}
			this.#damaged.push(page);
			// No page can follow one that is not full.
			this.#cutsDamage = !claimsAll && this.#blob.size === (page + 1) * stride;
			last = this.#cutsDamage ? last : judged;
		}
		return last;
	}

	#behindAt(page: number): Awaitable<PageBehind> {
		const { core } = this.#storage;
		const pageSize = this.#pageSize;
		const rawOffset = this.#rawOffsetOf(page);
		return this.#pages.withPages(page, 1, (address) => ({
			isTorn:
				core.pages.isTornPage(address, pageSize, rawOffset) ||
				core.pages.isTruncatedPage(address, pageSize, rawOffset) ||
				this.#isBegunOverZeros(page, address),
			claimsAll: core.pages.claimsAll(address, pageSize),
			judged: judgeLastPage(core, address, pageSize, page),
		}));
	}

	/**
	 * Whether zeros ahead explain the page: they stand where its first write, which ends with slot 1,
	 * did not arrive. Without zeros ahead the file would end there.
	 */
	#isBegunOverZeros(page: number, address: number): boolean {
		const { core, marker } = this.#storage;
		const isLast = page === this.#pages.count - 1;
		const lastOfFirstWrite = address + this.#pageSize + SLOT_SIZE - 1;
		const end = core.bytes(lastOfFirstWrite, 1 + SLOT_SIZE);
		const mayFollow = marker.aheadOf(blobPath(this.#blob)) > 0;
		return mayFollow && isLast && end.every((byte) => byte === 0);
	}

	async #lastBefore(page: number): Promise<LastPage | undefined> {
		if (page === 0) {
			return undefined;
		}
		this.#scanned += 1;
		return this.#judgedAt(page - 1);
	}

	#judgedAt(page: number): Awaitable<LastPage> {
		const { core } = this.#storage;
		return this.#pages.withPages(page, 1, (address) =>
			judgeLastPage(core, address, this.#pageSize, page),
		);
	}
}
