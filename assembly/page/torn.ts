import { isZero } from "../bytes";
import {
	FIRST_SLOT,
	NO_SLOT,
	SECOND_SLOT,
	SECTOR_SIZE,
	SLOT_MISMATCH,
	SLOT_OVERLONG,
	SLOT_SIZE,
	SLOT_VALID,
} from "../format";
import { strideOf, validatePage } from "./page";
import { otherSlot, slotAddress, slotLength, slotState } from "./slot";

const SECTOR: u32 = SECTOR_SIZE;

// What a power cut can leave of a written page with bytes behind it. The first write to a page
// covers all its data and slot 1. Its place held nothing, so each sector of them that was lost
// reads as zeros:
//
//    sector                      sector                     sector
//    | page n-1 … | data of n … | data of n ………………………… | … data of n | slot 1 | slot 2 | page n+1 …
//                   lost: zeros    lost: zeros                lost: zeros
//
// A later write leaves alone the bytes that the first one's slot commits. So the first stands: the
// page is valid for that part. If the first write is lost and a later one is not, slot 1 is zeros,
// though its sector need not be. So a page without a valid slot, where slot 1 and each sector that
// it claims are not zeros, was written whole, and damaged since.
//
// A page with a valid slot for a part of it has lost a later write, or a part of that. The data
// before that write is not known: a shrink, or a crash, leaves data behind a page's length. The
// other slot is known. Nothing comes behind a page before it is full. So that slot has the page's
// size, or its former content, which was valid, or nothing.
//
// And a page can show that a sync came before it. The third write to a page, to slot 1 again, waits
// until the second is durable, and with it all earlier writes. So does a shrink. No byte that was
// durable then is written again. But a torn truncation can turn them into zeros, sector by sector,
// and leave the file as long as it was.

/**
 * Whether a torn write of ours explains the page, which is invalid, or not full and before other
 * pages. Reads it, and writes the result block as validatePage does. `sectorOffset` is the page's
 * first byte in its sector, 0 to 511.
 */
export function isTornPage(
	page: usize,
	pageSize: u32,
	sectorOffset: u32,
): bool {
	assert(sectorOffset < SECTOR);
	const slot = validatePage(page, pageSize);
	return slot === NO_SLOT
		? isTornFresh(page, pageSize, sectorOffset)
		: isTornSlot(page, pageSize, otherSlot(slot), sectorOffset);
}

/**
 * Whether a torn truncation explains the page, which was durable: one of its sectors has only zeros
 * of it.
 */
export function isTruncatedPage(
	page: usize,
	pageSize: u32,
	sectorOffset: u32,
): bool {
	const end = page + strideOf(pageSize);
	return hasZeroSector(page, end, end, end, sectorOffset);
}

/** For a page without a valid slot: whether some of its first write is lost. */
function isTornFresh(page: usize, pageSize: u32, sectorOffset: u32): bool {
	const first = slotAddress(page, pageSize, FIRST_SLOT);
	const second = slotAddress(page, pageSize, SECOND_SLOT);
	const said = max(slotLength(first), slotLength(second));
	const length = min(said, pageSize);
	return (
		isZero(first, second) ||
		hasZeroSector(page, second, page + length, first, sectorOffset)
	);
}

/**
 * Whether a sector has only zeros in the bytes from `page` up to `end`. Checks only sectors that
 * begin before `gap`, or end behind `next`. `sectorOffset` is the first byte's in its sector.
 */
function hasZeroSector(
	page: usize,
	end: usize,
	gap: usize,
	next: usize,
	sectorOffset: u32,
): bool {
	let at = page;
	let sectorEnd = page + (SECTOR - sectorOffset);
	while (at < end) {
		const isLookedAt = at < gap || sectorEnd > next;
		if (isLookedAt && isZero(at, min(sectorEnd, end))) {
			return true;
		}
		at = sectorEnd;
		sectorEnd += SECTOR;
	}
	return false;
}

/**
 * For a slot that is not authoritative: whether a write of the full page explains its bytes, or
 * they were there before.
 */
function isTornSlot(
	page: usize,
	pageSize: u32,
	slot: u32,
	sectorOffset: u32,
): bool {
	const address = slotAddress(page, pageSize, slot);
	const state = slotState(page, pageSize, address);
	const isBad = state === SLOT_MISMATCH || state === SLOT_OVERLONG;
	const start = (sectorOffset + ((address - page) as u32)) % SECTOR;
	const isMixable = start + SLOT_SIZE > SECTOR;
	return !isBad || slotLength(address) === pageSize || isMixable;
}

/** Whether a slot of the page, valid or not, claims a full page. */
export function claimsAll(page: usize, pageSize: u32): bool {
	return (
		slotLength(slotAddress(page, pageSize, FIRST_SLOT)) === pageSize ||
		slotLength(slotAddress(page, pageSize, SECOND_SLOT)) === pageSize
	);
}

/**
 * The index of the last page, of `count` at `address`, that shows that all pages before it were
 * durable when it was written; -1 where none does. Reads them, writes nothing.
 */
export function lastAfterSync(address: usize, pageSize: u32, count: u32): i32 {
	const stride = strideOf(pageSize);
	let index = count as i32;
	do {
		index -= 1;
	} while (index >= 0 && !tellsSync(address + index * stride, pageSize));
	return index;
}

/** Whether slot 1 was written after slot 2: both are valid, and it is the longer one. */
function tellsSync(page: usize, pageSize: u32): bool {
	const first = slotAddress(page, pageSize, FIRST_SLOT);
	const second = slotAddress(page, pageSize, SECOND_SLOT);
	return (
		slotLength(second) > 0 &&
		slotLength(first) > slotLength(second) &&
		slotState(page, pageSize, second) === SLOT_VALID &&
		slotState(page, pageSize, first) === SLOT_VALID
	);
}
