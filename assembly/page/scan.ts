import { FIRST_SLOT, NO_SLOT, SECOND_SLOT, SLOT_VALID } from "../format";
import { strideOf, validatePage } from "./page";
import { slotAddress, slotLength, slotState } from "./slot";

/**
 * How many leading pages, of `count` at `address`, are valid and full. Reads them, writes nothing.
 */
export function validateRun(address: usize, pageSize: u32, count: u32): u32 {
	const stride = strideOf(pageSize);
	let full: u32 = 0;
	while (full < count && isFull(address + full * stride, pageSize)) {
		full += 1;
	}
	return full;
}

// No valid length is greater than P, so a page with a valid slot of length P is full whatever the
// other claims.
function isFull(page: usize, pageSize: u32): bool {
	return (
		holdsAll(page, pageSize, slotAddress(page, pageSize, FIRST_SLOT)) ||
		holdsAll(page, pageSize, slotAddress(page, pageSize, SECOND_SLOT))
	);
}

function holdsAll(page: usize, pageSize: u32, slot: usize): bool {
	return (
		slotLength(slot) === pageSize &&
		slotState(page, pageSize, slot) === SLOT_VALID
	);
}

/**
 * The index of the last valid page of `count` at `address`, full or not, -1 if there is none. Reads
 * backward from the end and no further than it must. The result block is that page's, as
 * validatePage leaves it.
 */
export function lastValidPage(address: usize, pageSize: u32, count: u32): i32 {
	const stride = strideOf(pageSize);
	let index = count as i32;
	do {
		index -= 1;
	} while (
		index >= 0 &&
		validatePage(address + index * stride, pageSize) === NO_SLOT
	);
	return index;
}
