import { storeU16 } from "../bytes";
import { crc32c, extendCrc32c } from "../crc/crc32";
import {
	NO_SLOT,
	SECTOR_SIZE,
	SLOT_EMPTY,
	SLOT_SIZE,
	SLOT_VALID,
	STAGED_CRC_BYTES,
	STAGED_LENGTH_BYTES,
	STAGED_NEW_OFFSET,
	STAGED_OLD_OFFSET,
	STAGED_RETIRE_BYTES,
} from "../format";
import { resultAddress, storeResult } from "../result";
import { chosenLength, validatePage } from "./page";
import {
	otherSlot,
	slotAddress,
	slotCrc,
	slotLength,
	slotState,
	storeSlot,
} from "./slot";

const SECTOR: u32 = SECTOR_SIZE;

// A shrink to length r cannot write both slots at once: a crash in between could leave neither
// valid. Three writes, each durable before the next, each safe to tear:
//
//             old slot            new slot
//    before   | len  | crc     |  | any  | any     |
//    1        | len  | crc     |  | 0    | crc(r)  |   the old slot counts alone
//    2        | len  | crc     |  | r    | crc(r)  |   both valid, the old longer; torn, r at most
//    3        | 0    | crc     |  | r    | crc(r)  |   new counts; torn, the old fails or is short
//
// The data after r stays, and so does the old slot's CRC, which still matches it: the retired slot.

/**
 * Reads a page as it is on disk and stages its shrink to `length`. Returns the slot that will be
 * authoritative. Writes to the result block the slots' offsets in the page and the bytes of the
 * three writes. On return the page has the record that the disk has after the third. Returns
 * NO_SLOT, and leaves the page alone, when the page is invalid or shorter than that.
 */
export function stageShrink(page: usize, pageSize: u32, length: u32): u32 {
	assert(length > 0 && length <= pageSize);
	const oldSlot = validatePage(page, pageSize);
	if (chosenLength(page, pageSize, oldSlot) < length) {
		return NO_SLOT;
	}
	const newSlot = otherSlot(oldSlot);
	const oldAddress = slotAddress(page, pageSize, oldSlot);
	const newAddress = slotAddress(page, pageSize, newSlot);
	const crc = crc32c(page, length, 0);
	storeSlot(newAddress, length, crc);
	storeU16(oldAddress, 0);
	storeResult(STAGED_NEW_OFFSET, (newAddress - page) as u32);
	storeResult(STAGED_OLD_OFFSET, (oldAddress - page) as u32);
	storeStages(length, crc);
	return newSlot;
}

function storeStages(length: u32, crc: u32): void {
	const block = resultAddress();
	storeSlot(block + STAGED_CRC_BYTES, 0, crc);
	storeU16(block + STAGED_LENGTH_BYTES, length);
	storeU16(block + STAGED_RETIRE_BYTES, 0);
}

/**
 * Whether a torn write of the new pair into `slot` could make bytes valid that do not belong to the
 * page. Reads the page as it is on disk; `sectorOffset` is the slot's first byte in its sector, 0
 * to 511. It could where
 *
 * - the slot has a length and is not valid: an extension that a crash tore. The next write may
 *   complete its data, and then the old slot counts;
 * - the slot is retired (length 0, a CRC) and straddles two sectors: the new length can reach the
 *   disk without the new CRC, and the retired one may match what the page has at that length
 *   (commonware #4339). Within one sector the six bytes are written whole or not at all.
 *
 * Zero the slot first, and sync.
 */
export function slotAtRisk(
	page: usize,
	pageSize: u32,
	slot: u32,
	sectorOffset: u32,
): bool {
	assert(sectorOffset < SECTOR);
	const address = slotAddress(page, pageSize, slot);
	const state = slotState(page, pageSize, address);
	if (state === SLOT_EMPTY) {
		return slotCrc(address) !== 0 && sectorOffset + SLOT_SIZE > SECTOR;
	}
	return state !== SLOT_VALID;
}

/**
 * How much a retired slot (length 0, a CRC) still matches: the largest length, longer than the
 * page's own and at most P, at which its CRC is that of the data in the page; 0 if there is none or
 * the slot is not retired. Reads the page and leaves it alone.
 */
export function retiredLength(page: usize, pageSize: u32, slot: u32): u32 {
	const address = slotAddress(page, pageSize, slot);
	const retired = slotCrc(address);
	if (slotLength(address) !== 0 || retired === 0) {
		return 0;
	}
	const authoritative = chosenLength(
		page,
		pageSize,
		validatePage(page, pageSize),
	);
	let crc = crc32c(page, authoritative, 0);
	let longest: u32 = 0;
	for (let length = authoritative; length < pageSize; ) {
		crc = extendCrc32c(crc, load<u8>(page + length));
		length += 1;
		if (crc === retired) {
			longest = length;
		}
	}
	return longest;
}
