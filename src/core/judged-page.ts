import { HEADER_SIZE, RECORD_SIZE, SLOT_SIZE } from "../../assembly/format.ts";
import type { PageVerdict } from "./answers.ts";
import type { Core } from "./core.ts";

/** A page as it is in the file. */
export interface JudgedPage {
	readonly page: number;
	readonly verdict: PageVerdict;
	/** A copy of its data where it is not full; empty where it is full or invalid. */
	readonly rest: Uint8Array;
	/**
	 * Whether its other slot's bytes could come to validate wrong data: then they are zeroed before
	 * it is used again.
	 */
	readonly otherIsAtRisk: boolean;
}

/** The last valid page, or a damaged one behind it that stays and has no authoritative slot. */
export interface LastPage extends JudgedPage {
	/** How many bytes its other slot would validate, were its length restored; 0 where none. */
	readonly revivable: number;
}

/** Judges the physical page at an address; its bytes are as on disk. */
export function judgePage(
	core: Core,
	address: number,
	pageSize: number,
	page: number,
): JudgedPage {
	const verdict = core.pages.validatePage(address, pageSize);
	const isPartial = verdict.slot !== 0 && verdict.length < pageSize;
	const length = isPartial ? verdict.length : 0;
	const rest = core.bytes(address, length).slice();
	const other = verdict.slot === 1 ? 2 : 1;
	const offset = HEADER_SIZE + slotOffset(page, pageSize, other);
	const otherIsAtRisk =
		isPartial && core.pages.slotAtRisk(address, pageSize, other, offset);
	return { page, verdict, rest, otherIsAtRisk };
}

/** As judgePage, for a page that may be the last. */
export function judgeLastPage(
	core: Core,
	address: number,
	pageSize: number,
	page: number,
): LastPage {
	const judged = judgePage(core, address, pageSize, page);
	const other = judged.verdict.slot === 1 ? 2 : 1;
	const revivable = core.pages.retiredLength(address, pageSize, other);
	return { ...judged, revivable };
}

/** Where a slot of a page lies in its blob. */
export function slotOffset(
	page: number,
	pageSize: number,
	slot: 1 | 2,
): number {
	const first = page * (pageSize + RECORD_SIZE) + pageSize;
	return slot === 1 ? first : first + SLOT_SIZE;
}
