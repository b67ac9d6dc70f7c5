import { withJson } from "../json.ts";
import type { RecoveryReport } from "../paged/recovery-report.ts";
import type { OutsideReport } from "../storage/own-files/outside-change.ts";

/**
 * Why something of a section was cut. Of pages, as a paged blob says it: 'torn-tail', 'hole',
 * 'nothing-valid'. Of entries: 'torn-entry', the last one was incomplete; 'value-missing', its
 * value ends past the end of the values; 'value-damaged', the last value fails its checksum. Of
 * values: 'no-entry', no entry points behind where they were cut.
 */
export type CutReason =
	| Exclude<RecoveryReport["cut"], "none">
	| "torn-entry"
	| "value-missing"
	| "value-damaged"
	| "no-entry";

/** A section of which opening cut something; of a store that is open for reading, would cut. */
export interface SectionCut {
	/** The section's number. */
	readonly section: bigint;
	/** Each reason once, in the order of the steps: pages, entries, values. */
	readonly why: readonly CutReason[];
	/** Whole entries that stand. */
	readonly entriesKept: number;
	/** Whole entries that were cut with their values, those on pages that were cut not counted. */
	readonly entriesCut: number;
	/** Bytes cut of the section's entries: physical bytes of pages, logical bytes of entries. */
	readonly bytesCut: number;
	/** Bytes cut of the section's values. */
	readonly valueBytesCut: number;
	/**
	 * Where the store keeps copies of what was cut; none where a crash of dualslot explains all of
	 * it.
	 */
	readonly copies: readonly string[];
}

/**
 * A section of values without a section of entries: what a crash leaves that interrupted a removal
 * or a first append.
 */
export interface OrphanSection {
	/** The section's number. */
	readonly section: bigint;
	/** Bytes of values. */
	readonly bytes: number;
	/** Where the store keeps it; absent where a crash of dualslot explains it. */
	readonly copy?: string;
}

/**
 * A section whose last page has a slot that does not count, and did or could: a bad one, with which
 * entries may be lost though nothing was cut; or one that a rewind retired, and that still
 * validates what was cut.
 */
export interface LosingSlot {
	/** The section's number. */
	readonly section: bigint;
	/** The slot that counted; 0 where neither did. */
	readonly slot: RecoveryReport["slot"];
	/** The other one, as a paged blob says it. */
	readonly otherSlot: RecoveryReport["otherSlot"];
	/** How many bytes a retired slot would still validate, were its length restored; 0 where none. */
	readonly revivable: number;
}

/**
 * What opening a journal found and cost, added up and by section. Plain data, the same in every
 * host; JSON has its sections' numbers as decimal strings.
 */
export interface JournalRecovery extends OutsideReport {
	/** Sections that there were, and that were looked into. */
	readonly sections: number;
	/** Whether a writer of dualslot crashed, so that sections were searched for holes. */
	readonly foundCrash: boolean;
	/** Pages read and judged. */
	readonly pagesScanned: number;
	/** Entries judged by where their values lie. */
	readonly entriesScanned: number;
	/** The sums over `cuts`. */
	readonly entriesCut: number;
	/** Bytes cut of entries. */
	readonly bytesCut: number;
	/** Bytes cut of values. */
	readonly valueBytesCut: number;
	/** The sections of which something was cut, ascending. */
	readonly cuts: readonly SectionCut[];
	/** Value sections without entries, which were removed, ascending. */
	readonly orphans: readonly OrphanSection[];
	/** By section, ascending. */
	readonly losingSlots: readonly LosingSlot[];
	/**
	 * Sections, ascending, that are damaged in a way that no crash explains, so that nothing was cut
	 * for it: a page within the window that a crash can have torn is not torn but damaged, the last
	 * entry lies on a damaged page, or no value within the window before the end is whole. Reading
	 * what is damaged fails.
	 */
	readonly damaged: readonly bigint[];
}

/** The slot of a section's last page that is worth a word, if there is one. */
export function losingSlotOf(
	section: bigint,
	{ slot, otherSlot, revivable }: RecoveryReport,
): LosingSlot[] {
	return otherSlot === "bad" || revivable > 0
		? [withJson({ section, slot, otherSlot, revivable })]
		: [];
}
