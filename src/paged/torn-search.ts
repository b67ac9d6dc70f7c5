import { HEADER_SIZE } from "../../assembly/format.ts";
import { judgeLastPage, type LastPage } from "../core/judged-page.ts";
import { SEQUENTIAL_READ_BYTES } from "../host/read-sizes.ts";
import type { StorageBlob } from "../storage/blob.ts";
import type { StoreContext } from "../storage/context.ts";
import type { PhysicalPages } from "./physical-pages.ts";

/** A page that is not whole, though others come behind it. */
interface Suspect {
	readonly page: number;
	/** Whether a torn write of ours explains it. */
	readonly isTorn: boolean;
	/** Whether a torn truncation does: that explains it also where it was durable. */
	readonly isTruncated: boolean;
}

/** A page behind the last valid one. */
interface PageBehind {
	readonly isTorn: boolean;
	readonly claimsAll: boolean;
	readonly judged: LastPage;
}

/**
 * Tells torn pages from damaged ones in the window that a crash of ours can have torn. Torn is what
 * a torn write explains, or where a page behind it tells that it was durable, a torn truncation:
 * the file ends there. Damaged are the others: they stay, and what lies behind them.
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

	/** The damaged pages within the window, but for those that are behind a torn one. */
	get damaged(): readonly number[] {
		return this.#damaged;
	}

	/**
	 * Whether the last of them is cut: it was not full, so that nothing can be appended behind it.
	 */
	get cutsDamage(): boolean {
		return this.#cutsDamage;
	}

	/** The last page that stays, by the last valid one; undefined where none does. */
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

	/**
	 * Looks through the window, and answers the first torn page before the last valid one, or that.
	 */
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
	 * The last of the damaged pages right behind the last valid one; a torn page ends them, and so
	 * does one that was not full.
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
			// Nothing comes behind a page before it is full.
			this.#cutsDamage = !claimsAll && this.#blob.size === (page + 1) * stride;
			last = this.#cutsDamage ? last : judged;
		}
		return last;
	}

	#behindAt(page: number): Promise<PageBehind> {
		const { core } = this.#storage;
		const pageSize = this.#pageSize;
		const rawOffset = this.#rawOffsetOf(page);
		return this.#pages.withPages(page, 1, (address) => ({
			isTorn:
				core.pages.isTornPage(address, pageSize, rawOffset) ||
				core.pages.isTruncatedPage(address, pageSize, rawOffset),
			claimsAll: core.pages.claimsAll(address, pageSize),
			judged: judgeLastPage(core, address, pageSize, page),
		}));
	}

	async #lastBefore(page: number): Promise<LastPage | undefined> {
		if (page === 0) {
			return undefined;
		}
		this.#scanned += 1;
		return this.#judgedAt(page - 1);
	}

	#judgedAt(page: number): Promise<LastPage> {
		const { core } = this.#storage;
		return this.#pages.withPages(page, 1, (address) =>
			judgeLastPage(core, address, this.#pageSize, page),
		);
	}
}
