import { RECORD_SIZE, SLOT_SIZE } from "../../assembly/format.ts";
import { type JudgedPage, slotOffset } from "../core/judged-page.ts";
import type { StoreContext } from "../storage/context.ts";
import type { CachedPages } from "./cache-memory.ts";
import type { Durability } from "./durability.ts";
import type { WriteBarrier } from "./paged-section.ts";
import type { Tip } from "./tip.ts";

const NOTHING = new Uint8Array();

/**
 * The slot of the tip's first page that the next seal must not touch, and the state of the other
 * slot.
 */
interface CommittedRecord {
	readonly slot: 1 | 2;
	readonly length: number;
	/** The mutation that wrote it. Until that is covered, only the other slot may be durable. */
	readonly ticket: number;
	/** Whether the other slot holds a record, which may be the last durable one. */
	readonly isSecond: boolean;
	/**
	 * Whether the other slot's bytes on disk could later validate wrong data. They are zeroed before
	 * reuse.
	 */
	readonly otherIsAtRisk: boolean;
}

interface FlushMode {
	/** Whether a partial last page is written too: sealing moves its record to the other slot. */
	readonly withRest: boolean;
	/** Whether a flush that is a single write is range-synced. */
	readonly isSync: boolean;
}

/**
 * Hands the tip to the host: seals its pages in place, writes them as planned, and remembers what
 * the next flush must protect. (Bytes and order are those of commonware's `Append::flush`;
 * additions are marked.)
 */
export class PageFlush {
	readonly #storage: StoreContext;
	readonly #pageSize: number;
	readonly #stride: number;
	readonly #tip: Tip;
	readonly #cached: CachedPages;
	readonly #durability: Durability;
	readonly #barrier: WriteBarrier | undefined;
	#committed: CommittedRecord | undefined;

	constructor(
		storage: StoreContext,
		pageSize: number,
		tip: Tip,
		cached: CachedPages,
		durability: Durability,
		barrier: WriteBarrier | undefined,
	) {
		this.#storage = storage;
		this.#pageSize = pageSize;
		this.#stride = pageSize + RECORD_SIZE;
		this.#tip = tip;
		this.#cached = cached;
		this.#durability = durability;
		this.#barrier = barrier;
	}

	/** Whether the tip holds bytes that the host does not have. */
	get hasNew(): boolean {
		return this.#runOf(this.#tip.length, true).count > 0;
	}

	/**
	 * Adopts the last page of the file, if any: as the tip's partial first page, or as the full page
	 * before it.
	 */
	adopt(last: JudgedPage | undefined): void {
		if (last === undefined) {
			return;
		}
		const { page, verdict, rest, otherIsAtRisk } = last;
		if (verdict.slot === 0 || verdict.length === this.#pageSize) {
			this.restart(page + 1);
			return;
		}
		this.#tip.restart(page, rest);
		const other = verdict.slot === 1 ? 2 : 1;
		this.#committed = {
			slot: verdict.slot,
			length: verdict.length,
			ticket: this.#durability.ticket,
			isSecond: (other === 1 ? verdict.first : verdict.second).length > 0,
			otherIsAtRisk,
		};
	}

	/** Starts at a page boundary, with nothing of the page committed. */
	restart(page: number): void {
		this.#tip.restart(page, NOTHING);
		this.#committed = undefined;
	}

	/** Hands over the full pages, and drops them from the tip. Promises nothing. */
	async flushFull(): Promise<void> {
		await this.#flush({ withRest: false, isSync: false });
	}

	/** Hands over everything. Promises nothing. */
	async flushAll(): Promise<void> {
		await this.#flush({ withRest: true, isSync: false });
	}

	/** Hands over everything. When it resolves, all bytes so far are durable. */
	async sync(): Promise<void> {
		await this.#flush({ withRest: true, isSync: true });
		await this.#durability.cover(this.#durability.ticket);
		if (!this.hasNew) {
			this.#tip.giveBack();
		}
	}

	async #flush({ withRest, isSync }: FlushMode): Promise<void> {
		const length = await this.#secure(withRest);
		const { full, rest, count } = this.#runOf(length, withRest);
		if (count === 0) {
			return;
		}
		const kept = this.#committed;
		this.#seal(length, rest, count);
		this.#cacheFullPages(full);
		await this.#write(count, isSync);
		this.#committed =
			rest > 0 ? this.#committedBy(full, rest, kept) : undefined;
		this.#tip.drop(full);
		this.#durability.relieve();
	}

	/**
	 * Makes durable what the write rests on. Returns how many bytes of the tip may be written:
	 * appends go on while it waits.
	 */
	async #secure(withRest: boolean): Promise<number> {
		for (let secured = 0; ; ) {
			const { length } = this.#tip;
			const { count } = this.#runOf(length, withRest);
			if (count > secured) {
				secured = count;
				await this.#secureWhatIsDurable(count);
			} else {
				if (count > 0) {
					await this.#barrier?.();
				}
				return length;
			}
		}
	}

	/**
	 * Seals the first `length` bytes of the tip. Bytes appended behind them meanwhile stay in place.
	 */
	#seal(length: number, rest: number, count: number): void {
		const later = rest > 0 ? this.#tip.copyRestOfPage(length) : undefined;
		this.#storage.core.pages.sealPages(
			this.#tip.address,
			this.#pageSize,
			count,
			rest > 0 ? rest : this.#pageSize,
			this.#committed?.slot ?? 0,
		);
		if (later !== undefined) {
			this.#tip.overwrite(length, later);
		}
	}

	/**
	 * The pages that a flush of the first `length` bytes would write: the full ones, and the partial
	 * rest if it holds new bytes.
	 */
	#runOf(
		length: number,
		withRest: boolean,
	): { full: number; rest: number; count: number } {
		const full = Math.floor(length / this.#pageSize);
		const left = length % this.#pageSize;
		const isCommitted = full === 0 && left === (this.#committed?.length ?? 0);
		const rest = withRest && !isCommitted ? left : 0;
		return { full, rest, count: full + (rest > 0 ? 1 : 0) };
	}

	/**
	 * Beyond commonware: protects the file's durable state before anything is overwritten. A
	 * truncation reaches the disk before the bytes written after it (#4688). The record that stays is
	 * durable before the other slot, perhaps the last durable one, is overwritten (#4546). A slot
	 * that could validate other bytes is zeroed (#4339).
	 */
	async #secureWhatIsDurable(count: number): Promise<void> {
		const durability = this.#durability;
		await durability.makeRoom(count * this.#stride);
		if (durability.isTruncated) {
			await durability.cover(durability.ticket);
		}
		const kept = this.#committed;
		if (kept?.isSecond || kept?.otherIsAtRisk) {
			await durability.cover(kept.ticket);
		}
		if (kept?.otherIsAtRisk) {
			const other = kept.slot === 1 ? 2 : 1;
			const zeros = new Uint8Array(SLOT_SIZE);
			const { page } = this.#tip;
			const offset = slotOffset(page, this.#pageSize, other);
			await durability.writeSync(offset, zeros);
			this.#committed = { ...kept, otherIsAtRisk: false, isSecond: false };
		}
	}

	async #write(count: number, isSync: boolean): Promise<void> {
		const kept = this.#committed;
		const base = this.#tip.page * this.#stride;
		const { first, second } = this.#storage.core.pages.planWrite(
			this.#pageSize,
			kept?.slot ?? 0,
			kept?.length ?? 0,
			count,
		);
		const [start, end] = first;
		const bytes = this.#tip.physical(start, end);
		if (second === undefined && isSync) {
			await this.#durability.writeSync(base + start, bytes);
			return;
		}
		await this.#durability.write(base + start, bytes);
		if (second !== undefined) {
			const [from, to] = second;
			await this.#durability.write(base + from, this.#tip.physical(from, to));
		}
	}

	#committedBy(
		full: number,
		rest: number,
		kept: CommittedRecord | undefined,
	): CommittedRecord {
		const isRewrite = full === 0 && kept !== undefined;
		return {
			slot: isRewrite && kept.slot === 1 ? 2 : 1,
			length: rest,
			ticket: this.#durability.ticket,
			isSecond: isRewrite,
			otherIsAtRisk: false,
		};
	}

	#cacheFullPages(full: number): void {
		if (this.#cached.isFloodedBy(full)) {
			return;
		}
		for (let index = 0; index < full; index += 1) {
			this.#cached.put(this.#tip.page + index, this.#tip.pageAddress(index));
		}
	}
}
