import {
	PAGE_SIZE_MAX,
	RECORD_SIZE,
	SLOT_SIZE,
} from "../../assembly/format.ts";
import { judgeLastPage, type LastPage } from "../core/judged-page.ts";
import { zeroCutBytes } from "../core/page-tail.ts";
import { StorageError } from "../errors.ts";
import { SEQUENTIAL_READ_BYTES } from "../host/read-sizes.ts";
import type { StoreContext } from "../storage/context.ts";
import { blobPath } from "../storage/names.ts";
import type { PartitionConfig } from "../storage/own-files/partition-config.ts";
import type { OwnedBlob } from "../storage/storage-blob.ts";
import { endingIfFailed } from "../turns/endings.ts";
import { otherSlotOf, type PageCut, reasonOf } from "./page-cut.ts";
import type { LeftBlob } from "./paged-section.ts";
import { PhysicalPages } from "./physical-pages.ts";
import { tellOfRecovery } from "./recovery-events.ts";
import type { RecoveryReport } from "./recovery-report.ts";
import { TornSearch } from "./torn-search.ts";
import { zerosBehind } from "./zeros-behind.ts";

export interface RecoveredPages {
	/** Undefined for an empty blob. */
	readonly last: LastPage | undefined;
	/** Whether all of the blob is durable: cut and synced, or left so by this session. */
	readonly isSynced: boolean;
	readonly report: RecoveryReport;
}

/**
 * Finds where a paged blob ends. Searches backwards from the end of the file to the last valid
 * page. After a crash of dualslot, also searches forwards through the unsynced window: to the first
 * torn page, or past damaged ones. The bytes behind are cut durably, unless the store is open for
 * reading. Reads are bounded by the window, not by the blob's size.
 */
export class PageRecovery {
	readonly #storage: StoreContext;
	readonly #blob: OwnedBlob;
	readonly #pageSize: number;
	readonly #pages: PhysicalPages;
	readonly #path: string;
	readonly #config: PartitionConfig;
	#scanned = 0;
	/** Bytes of zeros behind the pages, which are out of sight. */
	#zeros = 0;
	readonly #search: TornSearch;

	constructor(
		storage: StoreContext,
		blob: OwnedBlob,
		pageSize: number,
		config: PartitionConfig,
	) {
		this.#storage = storage;
		this.#blob = blob;
		this.#pageSize = pageSize;
		this.#config = config;
		this.#pages = new PhysicalPages(storage, blob, pageSize);
		this.#search = new TornSearch(storage, blob, pageSize, this.#pages);
		this.#path = blobPath(blob);
	}

	async run(left?: LeftBlob): Promise<RecoveredPages> {
		const { partition } = this.#blob;
		const isKnown = this.#storage.checkConfig(partition, this.#config);
		await this.#hideZeros();
		return endingIfFailed(
			() => this.#recovered(isKnown, left),
			async () => this.#blob.hideEnd(0),
		);
	}

	/**
	 * After a crash the blob may end with zeros that were written ahead. From now on `size` is where
	 * they begin.
	 */
	async #hideZeros(): Promise<void> {
		const { marker } = this.#storage;
		const ahead = marker.aheadOf(this.#path);
		if (marker.owes(this.#path) && ahead > 0) {
			const { stride } = this.#pages;
			this.#zeros = await zerosBehind(this.#blob, stride, ahead);
			this.#blob.hideEnd(this.#zeros);
		}
	}

	async #recovered(isKnown: boolean, left?: LeftBlob): Promise<RecoveredPages> {
		const { partition } = this.#blob;
		const foundCrash = this.#storage.marker.owes(this.#path);
		const lastValid =
			(await this.#lastValidPage()) ?? (await this.#completed(isKnown));
		const last = foundCrash
			? await this.#search.lastPage(lastValid)
			: lastValid;
		if (left !== undefined) {
			this.#requireSize(left.size, last);
		}
		await this.#storage.configure(partition, this.#config);
		const cut = await this.#cut(last, lastValid, foundCrash);
		const report = this.#report(last, cut, foundCrash);
		tellOfRecovery(this.#blob, report, cut.isDone);
		const isSynced = cut.isDone || left?.isDurable === true;
		const erased = left === undefined && (await this.#erased(last, isSynced));
		return erased
			? { last: erased, isSynced: true, report }
			: { last, isSynced, report };
	}

	/**
	 * In a store that erases, zeros the cut bytes that a crash, or a session without erasing, left in
	 * the last page. All found bytes are made durable first: until then another slot may count on the
	 * disk. Returns the erased page; undefined where nothing was left.
	 */
	async #erased(
		last: LastPage | undefined,
		isSynced: boolean,
	): Promise<LastPage | undefined> {
		const { core, erases, readOnly } = this.#storage;
		if (last === undefined || readOnly || !erases) {
			return undefined;
		}
		const { page } = last;
		const { ranges, erased } = await this.#pages.withPages(page, 1, (at) => ({
			ranges: zeroCutBytes(core, at, this.#pageSize),
			erased: judgeLastPage(core, at, this.#pageSize, page),
		}));
		if (ranges.length === 0) {
			return undefined;
		}
		await (isSynced ? undefined : this.#blob.sync());
		for (const [start, end] of ranges) {
			const offset = page * this.#pages.stride + start;
			await this.#blob.write(offset, new Uint8Array(end - start));
		}
		await this.#blob.sync();
		const bytes = ranges.reduce((sum, [start, end]) => sum + end - start, 0);
		this.#tell("cut-erased", bytes);
		return erased;
	}

	#requireSize(expected: number, last: LastPage | undefined): void {
		const found = this.#sizeUpTo(last);
		if (found !== expected && !this.#storage.readOnly) {
			const { partition, hexName } = this.#blob;
			throw new StorageError(
				"ERR_INVALID_CHECKSUM",
				`invalid or missing checksum: ${this.#path} had ${expected} bytes when it was last closed, of which ${found} are valid now`,
				{
					partition,
					blob: hexName,
					expected,
					found,
					page: Math.floor(found / this.#pageSize),
				},
			);
		}
	}

	#sizeUpTo(last: LastPage | undefined): number {
		if (last === undefined) {
			return 0;
		}
		const { page, verdict } = last;
		const length = verdict.slot === 0 ? this.#pageSize : verdict.length;
		return page * this.#pageSize + length;
	}

	/**
	 * Undefined when no page in the window before the end is valid, nor the synced page before it.
	 */
	async #lastValidPage(): Promise<LastPage | undefined> {
		const { marker } = this.#storage;
		const floor = this.#blob.size - marker.window;
		let end = this.#pages.count;
		let step = 1;
		while (end > 0 && (end + 1) * this.#pages.stride > floor) {
			const first = Math.max(0, end - step);
			const found = await this.#lastValidOf(first, end - first);
			if (found !== undefined) {
				return found;
			}
			end = first;
			step = this.#pages.together(SEQUENTIAL_READ_BYTES);
		}
		return undefined;
	}

	async #lastValidOf(
		first: number,
		count: number,
	): Promise<LastPage | undefined> {
		const { core } = this.#storage;
		this.#scanned += count;
		return this.#pages.withPages(first, count, (address) => {
			const index = core.pages.lastValidPage(address, this.#pageSize, count);
			return index < 0
				? undefined
				: judgeLastPage(
						core,
						address + index * this.#pages.stride,
						this.#pageSize,
						first + index,
					);
		});
	}

	/**
	 * Called when no page is valid where one must be. A crash explains that only for a blob within
	 * the window. A wrong page size explains it too, and then cutting would lose everything: throws
	 * ERR_PAGE_SIZE. Returns the page sizes that fit the first page; when there is one, that page is
	 * to be completed.
	 */
	async #refuseUnlessTorn(isKnown: boolean): Promise<readonly number[]> {
		const fitsWindow = this.#blob.size <= this.#storage.marker.window;
		if (fitsWindow && isKnown) {
			return [];
		}
		const sizes = await this.#fittingPageSizes();
		const isTorn =
			sizes.length === 0 || (await this.#isFirstPageWithoutSecondSlot(sizes));
		if (fitsWindow && isTorn) {
			return sizes;
		}
		const hint =
			sizes.length === 0
				? "no page size fits its first page"
				: `its first page fits a page size of ${sizes.join(", ")}`;
		throw new StorageError(
			"ERR_PAGE_SIZE",
			`${this.#path} has no valid page of ${this.#pageSize} bytes near its end; ${hint}`,
			{
				partition: this.#blob.partition,
				blob: this.#blob.hexName,
				expected: sizes.join(","),
				found: this.#pageSize,
			},
		);
	}

	/**
	 * Whether the blob is only a first page whose second slot was torn off. Its first slot lies where
	 * slot 2 of a page shorter by SLOT_SIZE would. Slot 1 of such a page is written first, so zeros
	 * there rule it out.
	 */
	async #isFirstPageWithoutSecondSlot(
		sizes: readonly number[],
	): Promise<boolean> {
		const shorter = this.#pageSize - SLOT_SIZE;
		const isThat = sizes.every((size) => size === shorter);
		if (this.#pages.count > 0 || !isThat) {
			return false;
		}
		const before = await this.#blob.read(shorter, SLOT_SIZE);
		return before.every((byte) => byte === 0);
	}

	/**
	 * Completes a first page that lacked only its second slot; undefined where nothing is valid.
	 * Loses nothing, even if the page has the shorter size: the added bytes would be cut from behind
	 * it. Throws ERR_PAGE_SIZE where nothing may be cut.
	 */
	async #completed(isKnown: boolean): Promise<LastPage | undefined> {
		const sizes =
			this.#blob.size > 0 ? await this.#refuseUnlessTorn(isKnown) : [];
		if (sizes.length === 0 || this.#storage.readOnly) {
			return undefined;
		}
		const bytes = this.#blob.size;
		await this.#blob.resize(this.#pages.stride);
		await this.#blob.sync();
		this.#tell("page-completed", bytes);
		return this.#lastValidPage();
	}

	#tell(kind: "cut-erased" | "page-completed", bytes: number): void {
		const { partition, hexName: blob, owner } = this.#blob;
		owner.observer.event({ kind, partition, blob, bytes });
	}

	async #fittingPageSizes(): Promise<number[]> {
		const { arena, core } = this.#storage;
		const length = Math.min(this.#blob.size, PAGE_SIZE_MAX + RECORD_SIZE);
		const address = arena.allocate(length + 4 * (PAGE_SIZE_MAX + 2));
		try {
			await this.#blob.readInto(0, core.bytes(address, length));
			return core.pages.fittingPageSizes(address, length);
		} finally {
			arena.free(address);
		}
	}

	async #cut(
		last: LastPage | undefined,
		lastValid: LastPage | undefined,
		foundCrash: boolean,
	): Promise<PageCut> {
		const { stride } = this.#pages;
		const end = last === undefined ? 0 : (last.page + 1) * stride;
		const bytes = this.#blob.size - end;
		const reason = reasonOf(bytes, last, lastValid);
		const pages = Math.floor(bytes / stride);
		const isWhole = bytes === 0 && this.#zeros === 0;
		if (isWhole || this.#storage.readOnly) {
			return { reason, pages, bytes, isDone: false, copy: undefined };
		}
		const isExplained =
			bytes === 0 ||
			(foundCrash && reason !== "hole" && !this.#search.cutsDamage);
		const copy = isExplained
			? undefined
			: await this.#storage.cutCopies.keep(this.#blob, end);
		await this.#blob.resize(end);
		await this.#blob.sync();
		return { reason, pages, bytes, isDone: true, copy };
	}

	#report(
		last: LastPage | undefined,
		cut: PageCut,
		foundCrash: boolean,
	): RecoveryReport {
		const damagedPages = this.#search.damaged.length;
		return {
			size: this.#sizeUpTo(last),
			pagesScanned: this.#scanned + this.#search.scanned,
			pagesKept: last === undefined ? 0 : last.page + 1,
			pagesCut: cut.pages,
			bytesCut: cut.bytes,
			cut: cut.reason,
			...(this.#zeros > 0 && { reserved: this.#zeros }),
			...(cut.copy !== undefined && { copy: cut.copy }),
			...(damagedPages > 0 && { damagedPages }),
			foundCrash: foundCrash && this.#storage.owner !== "live",
			slot: last?.verdict.slot ?? 0,
			otherSlot: last === undefined ? "empty" : otherSlotOf(last.verdict),
			revivable: last?.revivable ?? 0,
			...this.#storage.left.reportOf(this.#path),
		};
	}
}
