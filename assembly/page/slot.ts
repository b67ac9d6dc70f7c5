import { loadU16, loadU32, storeU16, storeU32 } from "../bytes";
import { crc32c } from "../crc/crc32";
import {
	FIRST_SLOT,
	NO_SLOT,
	ROW_FIRST,
	ROW_INVALID,
	ROW_LONGER,
	ROW_SECOND,
	SECOND_SLOT,
	SLOT_EMPTY,
	SLOT_LENGTH_SIZE,
	SLOT_MISMATCH,
	SLOT_OVERLONG,
	SLOT_SIZE,
	SLOT_VALID,
} from "../format";

// A slot, big-endian. It claims that the page's first `length` bytes have this CRC-32C. Length 0
// claims nothing.
//
//    0          2                   6
//    | length   | crc               |
//
// Which of a page's two slots is authoritative, by the state of each. Commonware tries the longer
// slot first and falls back to the other. As an invalid longer slot is never chosen, that comes to
//
//    first \ second   empty     overlong  mismatch  valid
//    empty            invalid   invalid   invalid   second
//    overlong         invalid   invalid   invalid   second
//    mismatch         invalid   invalid   invalid   second
//    valid            first     first     first     longer, the first on a tie
// biome-ignore format: the table of the drawing
const ROWS = memory.data<i32>([
	ROW_INVALID, ROW_INVALID, ROW_INVALID, ROW_SECOND,
	ROW_INVALID, ROW_INVALID, ROW_INVALID, ROW_SECOND,
	ROW_INVALID, ROW_INVALID, ROW_INVALID, ROW_SECOND,
	ROW_FIRST,   ROW_FIRST,   ROW_FIRST,   ROW_LONGER,
]);
const STATES: u32 = 4;

/** The row of the table above for two SLOT_ states. */
export function rowOf(first: u32, second: u32): u32 {
	assert(first < STATES && second < STATES);
	return load<u32>(ROWS + ((first * STATES + second) << 2));
}

/** Where a slot begins. `page` is the page's first byte. */
export function slotAddress(page: usize, pageSize: u32, slot: u32): usize {
	assert(slot === FIRST_SLOT || slot === SECOND_SLOT);
	return page + pageSize + (slot - FIRST_SLOT) * SLOT_SIZE;
}

export function slotLength(slot: usize): u32 {
	return loadU16(slot);
}

export function slotCrc(slot: usize): u32 {
	return loadU32(slot + SLOT_LENGTH_SIZE);
}

export function storeSlot(slot: usize, length: u32, crc: u32): void {
	storeU16(slot, length);
	storeU32(slot + SLOT_LENGTH_SIZE, crc);
}

export function otherSlot(slot: u32): u32 {
	return slot === FIRST_SLOT ? SECOND_SLOT : FIRST_SLOT;
}

/**
 * The state of the slot at `slot` for the page at `page`. Reads no further than the page, whatever
 * length it claims.
 */
export function slotState(page: usize, pageSize: u32, slot: usize): u32 {
	const length = slotLength(slot);
	if (length === 0) {
		return SLOT_EMPTY;
	}
	if (length > pageSize) {
		return SLOT_OVERLONG;
	}
	return crc32c(page, length, 0) === slotCrc(slot) ? SLOT_VALID : SLOT_MISMATCH;
}

/**
 * The authoritative one of two slots of these states and lengths, NO_SLOT when the page is invalid.
 */
export function chooseSlot(
	firstState: u32,
	firstLength: u32,
	secondState: u32,
	secondLength: u32,
): u32 {
	const row = rowOf(firstState, secondState);
	if (row === ROW_LONGER) {
		return firstLength >= secondLength ? FIRST_SLOT : SECOND_SLOT;
	}
	if (row === ROW_FIRST) {
		return FIRST_SLOT;
	}
	return row === ROW_SECOND ? SECOND_SLOT : NO_SLOT;
}
