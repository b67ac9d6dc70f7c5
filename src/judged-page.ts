import { HEADER_SIZE, RECORD_SIZE, SLOT_SIZE } from "../assembly/format.ts";
import type { Core, PageVerdict } from "./core.ts";

/** A page as the file has it. */
export interface JudgedPage {
	readonly page: number;
	readonly verdict: PageVerdict;
	/** A copy of what it has, where that is less than a page; nothing where it is full or invalid. */
	readonly rest: Uint8Array;
	/** Whether its other slot's bytes could come to validate what they should not: they are zeroed before it is used again. */
	readonly otherIsAtRisk: boolean;
}

/** Judges the physical page that lies at an address as it does on disk. */
export function judgePage(
	core: Core,
	address: number,
	pageSize: number,
	page: number,
): JudgedPage {
	const verdict = core.validatePage(address, pageSize);
	const isPartial = verdict.slot !== 0 && verdict.length < pageSize;
	const length = isPartial ? verdict.length : 0;
	const rest = core.bytes(address, length).slice();
	const other = verdict.slot === 1 ? 2 : 1;
	const offset = HEADER_SIZE + slotOffset(page, pageSize, other);
	const otherIsAtRisk =
		isPartial && core.slotAtRisk(address, pageSize, other, offset);
	return { page, verdict, rest, otherIsAtRisk };
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
