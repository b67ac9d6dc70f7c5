import { withJson } from "../../json.ts";
import type { RecoveryReport } from "../../paged/recovery-report.ts";
import type { OutsideReport } from "../../storage/own-files/outside-change.ts";
import { type LosingSlot, losingSlotOf } from "../report.ts";
import type { OwnedPartition } from "../section-blobs.ts";

/**
 * A cut of one section: of pages, when the journal was opened, or of what is left of an item, by
 * its first append.
 */
export interface TailCut {
	/** The section's number. */
	readonly section: bigint;
	/** Of pages, as a paged blob says it; 'torn-item': the last item was incomplete. */
	readonly why: Exclude<RecoveryReport["cut"], "none"> | "torn-item";
	/** Bytes that stand. */
	readonly size: number;
	/** Bytes cut: physical bytes of pages, logical bytes of an item. */
	readonly bytesCut: number;
	/**
	 * Where the store keeps a copy of what was cut; absent where a crash of dualslot, or a cut of its
	 * own, explains all of it.
	 */
	readonly copy?: string;
}

/**
 * What opening a variable journal found and cost, and what its walks have found and cut since: a
 * section's frames are walked before the first append to it, and not when the journal is opened.
 * Plain data, the same in every host; JSON has its sections' numbers as decimal strings.
 */
export interface VariableRecovery extends OutsideReport {
	/** Sections that there were when the journal was opened, and that were looked into. */
	readonly sections: number;
	/** Whether a writer of dualslot had crashed, so that sections were searched for holes. */
	readonly foundCrash: boolean;
	/** Pages read and judged when the journal was opened. */
	readonly pagesScanned: number;
	/**
	 * Walks so far, and the items that they came by. A replay of a whole section counts as its walk.
	 */
	readonly walks: number;
	/** Items that opening has read to find the last whole one. */
	readonly itemsWalked: number;
	/** The sum over `cuts`. */
	readonly bytesCut: number;
	/** Of the last pages that opening found, by section, ascending. */
	readonly losingSlots: readonly LosingSlot[];
	/**
	 * Sections, ascending, with a page that no torn write explains within the window that a crash can
	 * have torn; absent where there is none.
	 */
	readonly damaged?: readonly bigint[];
	/**
	 * In the order in which they were made; in a store that is open for reading, those of pages that
	 * would be.
	 */
	readonly cuts: readonly TailCut[];
}

/** Adds up what opening found, and goes on with what is found later. */
export class VariableTally {
	readonly #place: OwnedPartition;
	readonly #cuts: TailCut[] = [];
	readonly #losingSlots: LosingSlot[] = [];
	readonly #damaged: bigint[] = [];
	#sections = 0;
	#foundCrash = false;
	#pagesScanned = 0;
	#walks = 0;
	#itemsWalked = 0;

	constructor(place: OwnedPartition) {
		this.#place = place;
	}

	/** What opening a section's pages reported. */
	addOpened(section: bigint, pages: RecoveryReport): void {
		const { cut, size, bytesCut, copy } = pages;
		this.#sections += 1;
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

	/** `outside` is what others have changed. */
	result(outside: OutsideReport): VariableRecovery {
		return withJson({
			sections: this.#sections,
			foundCrash: this.#foundCrash,
			pagesScanned: this.#pagesScanned,
			walks: this.#walks,
			itemsWalked: this.#itemsWalked,
			bytesCut: this.#cuts.reduce((sum, { bytesCut }) => sum + bytesCut, 0),
			losingSlots: [...this.#losingSlots],
			...(this.#damaged.length > 0 && {
				damaged: withJson([...this.#damaged]),
			}),
			cuts: [...this.#cuts],
			...outside,
		});
	}
}
