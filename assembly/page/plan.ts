import {
	FIRST_SLOT,
	NO_SLOT,
	PLAN_FIRST_END,
	PLAN_FIRST_START,
	PLAN_SECOND_END,
	PLAN_SECOND_START,
	RECORD_SIZE,
	SLOT_SIZE,
} from "../format";
import { storeResult } from "../result";
import { strideOf } from "./page";

// The bytes of a sealed run to write, where its first page has a committed prefix of L bytes. That
// prefix and the slot that commits it (kept) are never rewritten, not even with the same bytes:
//
//                 0         L          P        P+6      P+12                E
//    kept first   | prefix  | write 1  | kept   | write 2 .................. |
//    kept second  | prefix  | write 1 ......... | kept   | write 2, if any   |
//    none kept    | write 1 ................................................ |
//
// One write can be synced as a range. Two need a sync of the file after both, so that the second is
// never durable alone.

/**
 * Plans the write of `pages` sealed pages. In the first, `keptSlot` commits `committed` bytes
 * (NO_SLOT: it has none, and `committed` is not read). Returns the number of writes, 1 or 2, and
 * writes their ranges, from the first page's first byte, to the result block.
 */
export function planWrite(
	pageSize: u32,
	keptSlot: u32,
	committed: u32,
	pages: u32,
): u32 {
	const stride = strideOf(pageSize);
	const end = pages * stride;
	assert(pages > 0 && (pages as u64) * stride === end);
	if (keptSlot === NO_SLOT) {
		return planOne(0, end);
	}
	assert(committed > 0 && committed < pageSize);
	const secondSlot = pageSize + SLOT_SIZE;
	if (keptSlot === FIRST_SLOT) {
		return planTwo(committed, pageSize, secondSlot, end);
	}
	return pages === 1
		? planOne(committed, secondSlot)
		: planTwo(committed, secondSlot, pageSize + RECORD_SIZE, end);
}

function planOne(start: u32, end: u32): u32 {
	storeResult(PLAN_FIRST_START, start);
	storeResult(PLAN_FIRST_END, end);
	return 1;
}

function planTwo(start: u32, end: u32, nextStart: u32, nextEnd: u32): u32 {
	planOne(start, end);
	storeResult(PLAN_SECOND_START, nextStart);
	storeResult(PLAN_SECOND_END, nextEnd);
	return 2;
}
