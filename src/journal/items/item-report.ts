import { withJson } from "../../json.ts";
import type { RecoveryReport } from "../../paged/recovery-report.ts";
import type { OutsideReport } from "../../storage/own-files/outside-change.ts";
import {
	bySection,
	type FoundSections,
	type LosingSlot,
	losingSlotOf,
} from "../report.ts";
import { ascending } from "../section.ts";
import type { OwnedPartition } from "../section-blobs.ts";

/**
 * A cut of one section: of pages, when the journal was opened, or of an incomplete item, by the
 * first append.
 */
export interface TailCut {
	/** The section's number. */
	readonly section: bigint;
	/** For pages as in `RecoveryReport`; 'torn-item': the last item was incomplete. */
	readonly why: Exclude<RecoveryReport["cut"], "none"> | "torn-item";
	/** Bytes kept. */
	readonly size: number;
	/** Bytes cut: physical bytes of pages, logical bytes of an item. */
	readonly bytesCut: number;
	/**
	 * Where the store keeps a copy of the cut bytes; absent when a crash of dualslot, or its own
	 * shrink, explains them all.
	 */
	readonly copy?: string;
}

/**
 * What opening a variable journal found and cost, and what its walks found and cut since. A
 * section's frames are walked before the first append to it, not when the journal is opened. Plain
 * data, the same in every host. In JSON section numbers are decimal strings.
 */
export interface VariableRecovery extends OutsideReport {
	/** Sections found when the journal was opened. */
	readonly sections: number;
	/**
	 * How many of them were not judged yet. After a clean close an open judges the last 64, and each
	 * other is judged when it is first used. From then on the report has what was found in it.
	 */
	readonly unjudged: number;
	/** Whether a writer of dualslot had crashed, so that sections were searched for holes. */
	readonly foundCrash: boolean;
	/** Pages read and judged. */
	readonly pagesScanned: number;
	/** Walks so far. A replay of a whole section counts as its walk. */
	readonly walks: number;
	/** Items that these walks read to find the last whole one. */
	readonly itemsWalked: number;
	/** The sum over `cuts`. */
	readonly bytesCut: number;
	/** For the last pages found, by section, ascending. */
	readonly losingSlots: readonly LosingSlot[];
	/**
	 * Sections, ascending, with damage within the unsynced window that no torn write explains; absent
	 * if none.
	 */
	readonly damaged?: readonly bigint[];
	/**
	 * In the order made. In a store that is open for reading: the cuts of pages that would be made.
	 */
	readonly cuts: readonly TailCut[];
}

/** Adds up what opening found, and what is found later. */
export class VariableTally {
	readonly #place: OwnedPartition;
	readonly #cuts: TailCut[] = [];
	readonly #losingSlots: LosingSlot[] = [];
	readonly #damaged: bigint[] = [];
	#foundCrash = false;
	#pagesScanned = 0;
	#walks = 0;
	#itemsWalked = 0;

	constructor(place: OwnedPartition) {
		this.#place = place;
	}

	/** Adds the report of a section's pages. */
	addOpened(section: bigint, pages: RecoveryReport): void {
		const { cut, size, bytesCut, copy } = pages;
		this.#foundCrash ||= pages.foundCrash;
		this.#pagesScanned += pages.pagesScanned;
		if (pages.damagedPages !== undefined) {
			this.#damaged.push(section);
		}
		if (cut !== "none") {
			const kept = copy !== undefined && { copy };
			this.#cuts.push({ section, why: cut, size, bytesCut, ...kept });
		}
		for (const slot of losingSlotOf(section, pages)) {
			this.#losingSlots.push(slot);
		}
	}

	addWalk(items: number): void {
		this.#walks += 1;
		this.#itemsWalked += items;
	}

	/** An item was cut. */
	addCut(cut: TailCut): void {
		this.#cuts.push(withJson(cut));
		const { owner, name: partition } = this.#place;
		const { section, size: offset, bytesCut: bytes, copy } = cut;
		const kept = copy !== undefined && { copy };
		const event = { kind: "item-cut", partition, offset, bytes } as const;
		owner.observer.inSection(section).event({ ...event, ...kept });
	}

	/** `found` counts sections, `outside` is what others have changed. */
	result(found: FoundSections, outside: OutsideReport): VariableRecovery {
		return withJson({
			sections: found.sections,
			unjudged: found.unjudged,
			foundCrash: this.#foundCrash,
			pagesScanned: this.#pagesScanned,
			walks: this.#walks,
			itemsWalked: this.#itemsWalked,
			bytesCut: this.#cuts.reduce((sum, { bytesCut }) => sum + bytesCut, 0),
			losingSlots: bySection(this.#losingSlots),
			...(this.#damaged.length > 0 && {
				damaged: withJson(ascending(this.#damaged)),
			}),
			cuts: [...this.#cuts],
			...outside,
		});
	}
}
