import type { StoreContext } from "../../storage/context.ts";
import { cutTornEntry, keepEntries } from "../entries/entry-recovery.ts";
import type { RecoveryTally } from "../recovery-tally.ts";
import type { CutReason, SectionCut } from "../report.ts";
import type { SectionValues } from "../values/section-values.ts";
import type { ValueSection } from "../values/value-section.ts";
import { BackwardScan, type Standing } from "./backward-scan.ts";
import { entriesIn, runBefore } from "./entry-runs.ts";
import { LostValueSearch } from "./lost-value-search.ts";
import type { OversizedSection } from "./oversized-section.ts";

/** Bytes of one read of entries, once the last entry is not good. */
const RUN_BYTES = 16 * 1024;

/**
 * Finds the last entry of a section whose value is there and whole, and cuts all behind it: entries
 * without their values, and values without entries. A section without entries keeps its values:
 * nothing points at them, and new ones go behind.
 *
 * Checks backwards from the last entry. An entry whose value ends past the end of the values is
 * cut. So is one whose value fails its checksum, unless no value within the window before it is
 * whole: no crash explains that, so nothing is cut. An entry on a damaged page is cut only if an
 * entry before it is.
 */
export class OversizedRecovery {
	readonly #storage: StoreContext;
	readonly #section: bigint;
	readonly #open: OversizedSection;
	readonly #values: SectionValues;
	#scanned = 0;

	constructor(storage: StoreContext, section: bigint, open: OversizedSection) {
		this.#storage = storage;
		this.#section = section;
		this.#open = open;
		this.#values = open.values;
	}

	async run(tally: RecoveryTally): Promise<void> {
		const open = this.#open;
		const torn = await cutTornEntry(this.#storage, this.#section, open);
		const cut = open.count === 0 ? torn : await this.#judgeAndCut(torn, tally);
		tally.add(open.paged.recovery, cut);
	}

	async #judgeAndCut(
		torn: SectionCut,
		tally: RecoveryTally,
	): Promise<SectionCut> {
		const values = this.#values.isThere
			? await this.#values.opened()
			: undefined;
		const standing = await this.#standing(values);
		tally.addScanned(this.#scanned);
		if (standing.isDamaged) {
			tally.addDamaged(this.#section);
		}
		const cut = await this.#cut(torn, standing, values);
		if (this.#open.paged.recovery.foundCrash && !this.#storage.readOnly) {
			// They may be in the system's cache alone, and the next clean close takes the marker away.
			await this.#values.syncFound();
		}
		return cut;
	}

	async #standing(values: ValueSection | undefined): Promise<Standing> {
		const open = this.#open;
		const scan = new BackwardScan(open.count);
		await this.#refuseLost(scan, values);
		while (scan.left > 0) {
			const most = scan.left === open.count ? 1 : entriesIn(open, RUN_BYTES);
			const { first, bytes } = await runBefore(open, scan.left, most);
			if (bytes === undefined) {
				scan.passOver(first);
				continue;
			}
			this.#scanned += scan.left - first;
			const standing = await this.#judge(scan, first, bytes, values);
			if (standing !== undefined) {
				return standing;
			}
		}
		return scan.acceptNone();
	}

	/** After a crash, some of the last values may never have reached the disk. */
	async #refuseLost(
		scan: BackwardScan,
		values: ValueSection | undefined,
	): Promise<void> {
		if (values !== undefined && this.#open.paged.recovery.foundCrash) {
			const search = new LostValueSearch(this.#storage, this.#open, values);
			const lost = await search.run();
			if (lost !== undefined) {
				this.#scanned += this.#open.count - lost.position;
				scan.refuseLost(lost.position, lost.why);
			}
		}
	}

	/** Judges a run of entries, from position `first` on; undefined if none of them is good. */
	async #judge(
		scan: BackwardScan,
		first: number,
		entries: Uint8Array,
		values: ValueSection | undefined,
	): Promise<Standing | undefined> {
		const { window } = this.#storage.marker;
		while (scan.left > first) {
			const length = (scan.left - first) * this.#open.entrySize;
			const run = entries.subarray(0, length);
			const found = this.#open.lastWithin(run, values?.size ?? 0);
			scan.refuseFrom(first + (found?.index ?? -1) + 1);
			if (found === undefined) {
				break;
			}
			if (await values?.isWhole(found)) {
				return scan.accept(found);
			}
			if (!scan.refuseDamaged(found, window)) {
				return scan.acceptDamaged();
			}
		}
		return undefined;
	}

	async #cut(
		torn: SectionCut,
		{ count, valueEnd, why }: Standing,
		values: ValueSection | undefined,
	): Promise<SectionCut> {
		const open = this.#open;
		const entriesCut = open.count - count;
		const valueSize = values?.size ?? 0;
		const end = Math.min(valueSize, valueEnd ?? valueSize);
		const valueBytesCut = valueSize - end;
		const { foundCrash } = open.paged.recovery;
		// dualslot writes an entry only once its value is durable. So a crash can leave only values
		// without entries.
		const isExplained = foundCrash && entriesCut === 0;
		const copies =
			entriesCut > 0 ? await keepEntries(this.#storage, open, count) : [];
		if (values !== undefined && valueBytesCut > 0 && !isExplained) {
			for (const copy of await values.keepFrom(end)) {
				copies.push(copy);
			}
		}
		const size = count * open.entrySize;
		const cut: SectionCut = {
			section: torn.section,
			why: [...torn.why, ...why, ...noEntry(valueBytesCut)],
			entriesKept: count,
			entriesCut,
			bytesCut: torn.bytesCut + open.size - size,
			valueBytesCut,
			copies: [...torn.copies, ...copies],
		};
		if (this.#storage.readOnly) {
			open.hideFrom(size);
		} else if (entriesCut > 0 || valueBytesCut > 0) {
			// Each is durable before the next.
			await this.#values.shrink(end);
			await open.shrink(size);
		}
		return cut;
	}
}

function noEntry(bytes: number): CutReason[] {
	return bytes > 0 ? ["no-entry"] : [];
}
