import type { OutsideReport } from "../storage/own-files/outside-change.ts";

/** What opening a paged blob found, kept and cut. Sizes are bytes. All hosts report the same. */
export interface RecoveryReport extends OutsideReport {
	/** Logical bytes kept. */
	readonly size: number;
	/** Pages read and judged. */
	readonly pagesScanned: number;
	/** Pages kept. */
	readonly pagesKept: number;
	/** Pages that were cut. */
	readonly pagesCut: number;
	/** Physical bytes cut, trailing parts of a page included. */
	readonly bytesCut: number;
	/**
	 * Why. 'torn-tail': no page after the last valid one was valid. 'hole': a crash of dualslot left
	 * an incomplete page before a valid one, within the unsynced window. 'nothing-valid': a blob
	 * within the window held no valid page.
	 */
	readonly cut: "none" | "torn-tail" | "hole" | "nothing-valid";
	/**
	 * Bytes of zeros behind the last page, written ahead before a crash; absent for none. They are
	 * cut, and count neither in `pagesCut` nor in `bytesCut`.
	 */
	readonly reserved?: number;
	/** Where the store keeps a copy of the cut bytes; absent when a torn write explains them all. */
	readonly copy?: string;
	/**
	 * How many pages within the unsynced window have damage that no torn write explains; absent for
	 * none. They stay, with the pages behind them; reads of them fail. Only a last page that was not
	 * full is cut, with a copy.
	 */
	readonly damagedPages?: number;
	/**
	 * Whether the last writer crashed, so that the window before the end was searched for a hole; so
	 * it is beside a live owner too, where this is false.
	 */
	readonly foundCrash: boolean;
	/**
	 * The authoritative slot of the last page; 0 when there is no page, or when a damaged last page
	 * stays.
	 */
	readonly slot: 0 | 1 | 2;
	/**
	 * The last page's other slot. 'bad': it has a length and does not validate. 'retired': a shrink
	 * cut it off.
	 */
	readonly otherSlot: "empty" | "valid" | "bad" | "retired";
	/** How many bytes a retired slot would still validate, with its length restored; 0 if none. */
	readonly revivable: number;
}
