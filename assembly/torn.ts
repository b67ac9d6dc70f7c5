import { isZero } from "./bytes";
import { NO_SLOT, SECTOR_SIZE, SLOT_SIZE } from "./format";
import { validatePage } from "./page";

const SECTOR: u32 = SECTOR_SIZE;

// What a power cut can leave of a page that was written, and that a page which is whole lies behind. The first write to a page
// reaches all its data and slot 1; its place held nothing, so that each sector of them that was lost reads as zeros:
//
//    sector                      sector                     sector
//    | page n-1 … | data of n … | data of n ……………………………… | … data of n | slot 1 | slot 2 | page n+1 …
//                   lost: zeros    lost: zeros                lost: zeros
//
// A later write leaves alone what the slot of the first vouches for, so that the first stands: the page is valid, for that part.
// If the first write is lost and a later one is not, slot 1 is zeros, and its sector need not be.
//
// So a page that no slot vouches for, and of whose sectors each holds something, was written whole, and damaged since.

/**
 * Whether a torn write of ours explains the page, which is not valid and full. Reads it, and writes the result block as
 * validatePage does. `sectorOffset` is the page's first byte in its sector, 0 to 511.
 */
export function isTornPage(
	page: usize,
	pageSize: u32,
	sectorOffset: u32,
): bool {
	assert(sectorOffset < SECTOR);
	if (validatePage(page, pageSize) !== NO_SLOT) {
		return true;
	}
	const slot = page + pageSize;
	const end = slot + SLOT_SIZE;
	return isZero(slot, end) || hasZeroSector(page, end, SECTOR - sectorOffset);
}

/** Whether one of the sectors in which the bytes from `start` on lie has nothing of them but zeros; the first has `left` of them. */
function hasZeroSector(start: usize, end: usize, left: u32): bool {
	let at = start;
	let next = min(start + left, end);
	while (at < end) {
		if (isZero(at, next)) {
			return true;
		}
		at = next;
		next = min(next + SECTOR, end);
	}
	return false;
}
