import type { OutsideReport } from "../storage/own-files/outside-change.ts";

/** What opening a paged blob found, kept and cut. Sizes are bytes; the same in every host. */
export interface RecoveryReport extends OutsideReport {
	/** Logical bytes that stand. */
	readonly size: number;
	/** Pages read and judged. */
	readonly pagesScanned: number;
	/** Pages that stand. */
	readonly pagesKept: number;
	/** Pages that were cut. */
	readonly pagesCut: number;
	/** Physical bytes cut, trailing parts of a page included. */
	readonly bytesCut: number;
	/**
	 * Why: 'torn-tail', no page after the last valid one was valid; 'hole', a crash of dualslot left
	 * an incomplete page before a valid one, within the unsynced window; 'nothing-valid', a blob
	 * within the window held no valid page.
	 */
	readonly cut: "none" | "torn-tail" | "hole" | "nothing-valid";
	/** Where the store keeps a copy of what was cut; absent when a torn write explains all of it. */
	readonly copy?: string;
	/**
	 * How many pages within that window are damaged in a way that no torn write explains; absent
	 * where none is. They stay, with what lies behind them; reads of them fail. Only a last one that
	 * was not full is cut, with a copy.
	 */
	readonly damagedPages?: number;
	/** Whether the last writer crashed, so that the window before the end was searched for a hole. */
	readonly foundCrash: boolean;
	/**
	 * The slot of the last page that counted; 0 when there is no page, or the last one is damaged and
	 * stays.
	 */
	readonly slot: 0 | 1 | 2;
	/**
	 * The last page's other slot: 'bad' has a length and does not validate, 'retired' was cut off by
	 * a shrink.
	 */
	readonly otherSlot: "empty" | "valid" | "bad" | "retired";
	/** How many bytes a retired slot would still validate, were its length restored; 0 where none. */
	readonly revivable: number;
}
