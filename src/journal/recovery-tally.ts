import { withJson } from "../json.ts";
import type { RecoveryReport } from "../paged/recovery-report.ts";
import type { OutsideReport } from "../storage/own-files/outside-change.ts";
import {
	bySection,
	type CutReason,
	type FoundSections,
	type JournalRecovery,
	type LosingSlot,
	losingSlotOf,
	type OrphanSection,
	type SectionCut,
} from "./report.ts";
import { ascending } from "./section.ts";
import type { OwnedPartition } from "./section-blobs.ts";

const OF_PAGES = new Set<CutReason>(["torn-tail", "hole", "nothing-valid"]);

/** Adds up what was found, section by section as they are judged. */
export class RecoveryTally {
	readonly #place: OwnedPartition;
	readonly #cuts: SectionCut[] = [];
	readonly #orphans: OrphanSection[] = [];
	readonly #losingSlots: LosingSlot[] = [];
	readonly #damaged: bigint[] = [];
	#foundCrash = false;
	#pagesScanned = 0;
	#reserved = 0;
	#entriesScanned = 0;

	constructor(place: OwnedPartition) {
		this.#place = place;
	}

	/** `pages`: the report of the section's pages. `cut`: all that was cut from the section. */
	add(pages: RecoveryReport, cut: SectionCut): void {
		this.#foundCrash ||= pages.foundCrash;
		this.#pagesScanned += pages.pagesScanned;
		this.#reserved += pages.reserved ?? 0;
		if (pages.damagedPages !== undefined) {
			this.addDamaged(cut.section);
		}
		if (cut.why.length > 0) {
			this.#cuts.push(withJson(cut));
			this.#tellOfCut(cut);
		}
		for (const slot of losingSlotOf(cut.section, pages)) {
			this.#losingSlots.push(slot);
		}
	}

	addScanned(entries: number): void {
		this.#entriesScanned += entries;
	}

	/** Ignores a repeated call. */
	addDamaged(section: bigint): void {
		if (this.#damaged.at(-1) !== section) {
			this.#damaged.push(section);
			this.#tellOfDamage(section);
		}
	}

	addOrphan(orphan: OrphanSection): void {
		this.#orphans.push(withJson(orphan));
		this.#tellOfOrphan(orphan);
	}

	/** The blob has reported cuts of pages. */
	#tellOfCut(cut: SectionCut): void {
		const { why, entriesKept, entriesCut, copies } = cut;
		const { storage, owner, name: partition } = this.#place;
		if (!storage.readOnly && why.some((one) => !OF_PAGES.has(one))) {
			owner.observer.inSection(cut.section).event({
				kind: "entries-cut",
				partition,
				why,
				entriesKept,
				entriesCut,
				bytes: cut.bytesCut,
				valueBytes: cut.valueBytesCut,
				copies,
			});
		}
	}

	#tellOfDamage(section: bigint): void {
		const { owner, name: partition } = this.#place;
		const kind = "section-damaged";
		owner.observer.inSection(section).event({ kind, partition });
	}

	#tellOfOrphan({ section, bytes, copy }: OrphanSection): void {
		const { storage, owner, name: partition } = this.#place;
		if (!storage.readOnly) {
			const kept = copy !== undefined && { copy };
			const event = { kind: "orphan-removed", partition, bytes } as const;
			owner.observer.inSection(section).event({ ...event, ...kept });
		}
	}

	/** `found` counts sections, `outside` is what others have changed. */
	result(found: FoundSections, outside: OutsideReport): JournalRecovery {
		const cuts = bySection(this.#cuts);
		return withJson({
			sections: found.sections,
			unjudged: found.unjudged,
			foundCrash: this.#foundCrash,
			pagesScanned: this.#pagesScanned,
			entriesScanned: this.#entriesScanned,
			entriesCut: sum(cuts.map(({ entriesCut }) => entriesCut)),
			bytesCut: sum(cuts.map(({ bytesCut }) => bytesCut)),
			valueBytesCut: sum(cuts.map(({ valueBytesCut }) => valueBytesCut)),
			cuts,
			orphans: [...this.#orphans],
			losingSlots: bySection(this.#losingSlots),
			damaged: withJson(ascending(this.#damaged)),
			...(this.#reserved > 0 && { reserved: this.#reserved }),
			...outside,
		});
	}
}

function sum(numbers: readonly number[]): number {
	return numbers.reduce((total, number) => total + number, 0);
}
