import { withJson } from "../json.ts";
import type { RecoveryReport } from "../paged/recovery-report.ts";
import type { OutsideReport } from "../storage/own-files/outside-change.ts";

/**
 * Why a section was cut. Pages, as in `RecoveryReport`: 'torn-tail', 'hole', 'nothing-valid'.
 * Entries: 'torn-entry', the last entry was incomplete; 'value-missing', its value ends past the
 * end of the values; 'value-damaged', the last value fails its checksum. Values: 'no-entry', no
 * entry points past the cut.
 */
export type CutReason =
	| Exclude<RecoveryReport["cut"], "none">
	| "torn-entry"
	| "value-missing"
	| "value-damaged"
	| "no-entry";

/** A section that opening cut, or would cut were the store not read-only. */
export interface SectionCut {
	/** The section's number. */
	readonly section: bigint;
	/** Each reason once, in the order of the steps: pages, entries, values. */
	readonly why: readonly CutReason[];
	/** Whole entries kept. */
	readonly entriesKept: number;
	/** Whole entries cut with their values; entries on cut pages are not counted. */
	readonly entriesCut: number;
	/** Bytes cut of the section's entries: physical bytes of pages, logical bytes of entries. */
	readonly bytesCut: number;
	/** Bytes cut of the section's values. */
	readonly valueBytesCut: number;
	/**
	 * Where the store keeps copies of the cut bytes; empty when a crash of dualslot explains them
	 * all.
	 */
	readonly copies: readonly string[];
}

/**
 * A section of values without a section of entries, left by a crash during a removal or a first
 * append.
 */
export interface OrphanSection {
	/** The section's number. */
	readonly section: bigint;
	/** Bytes of values. */
	readonly bytes: number;
	/** The path of its copy; absent when a crash of dualslot explains it. */
	readonly copy?: string;
}

/**
 * A section whose last page has a slot that was or could be authoritative, and is not: a bad slot,
 * with which entries may be lost though nothing was cut; or one that a rewind retired, which still
 * validates cut bytes.
 */
export interface LosingSlot {
	/** The section's number. */
	readonly section: bigint;
	/** The authoritative slot; 0 for none. */
	readonly slot: RecoveryReport["slot"];
	/** The other slot, as in `RecoveryReport`. */
	readonly otherSlot: RecoveryReport["otherSlot"];
	/** How many bytes a retired slot would still validate, with its length restored; 0 if none. */
	readonly revivable: number;
}

/**
 * What opening a journal found and cost, in total and by section. Plain data, the same in every
 * host. In JSON section numbers are decimal strings.
 */
export interface JournalRecovery extends OutsideReport {
	/** Sections found when the journal was opened. */
	readonly sections: number;
	/**
	 * How many of them were not judged yet. After a clean close an open judges the last 64, and each
	 * other is judged when it is first used. From then on the report has what was found in it.
	 */
	readonly unjudged: number;
	/** Whether a writer of dualslot crashed, so that sections were searched for holes. */
	readonly foundCrash: boolean;
	/** Pages read and judged. */
	readonly pagesScanned: number;
	/** Entries whose values' places were checked. */
	readonly entriesScanned: number;
	/** The sums over `cuts`. */
	readonly entriesCut: number;
	/** Bytes cut of entries. */
	readonly bytesCut: number;
	/** Bytes cut of values. */
	readonly valueBytesCut: number;
	/** The sections with a cut, ascending. */
	readonly cuts: readonly SectionCut[];
	/**
	 * Bytes of zeros behind the last pages of sections, written ahead before a crash; absent for
	 * none. They are cut, and count in no other figure.
	 */
	readonly reserved?: number;
	/** Value sections without entries, which were removed, ascending. */
	readonly orphans: readonly OrphanSection[];
	/** By section, ascending. */
	readonly losingSlots: readonly LosingSlot[];
	/**
	 * Sections, ascending, with damage that no crash explains, and for which nothing was cut. Either
	 * a page within the unsynced window is damaged, not torn; or the last entry lies on a damaged
	 * page; or no value within the window before the end is whole. Reads of damaged bytes reject.
	 */
	readonly damaged: readonly bigint[];
}

/** The counts of sections in a report. */
export type FoundSections = Pick<JournalRecovery, "sections" | "unjudged">;

/** Ascending. */
export function bySection<Of extends { readonly section: bigint }>(
	found: readonly Of[],
): Of[] {
	return [...found].sort((one, other) =>
		one.section < other.section ? -1 : Number(one.section > other.section),
	);
}

/** The slot of a section's last page that is worth a report, if any. */
export function losingSlotOf(
	section: bigint,
	{ slot, otherSlot, revivable }: RecoveryReport,
): LosingSlot[] {
	return otherSlot === "bad" || revivable > 0
		? [withJson({ section, slot, otherSlot, revivable })]
		: [];
}
