import { crc32c } from "../crc/crc32";
import {
	FIRST_SLOT,
	NO_SLOT,
	PAGE_SIZE_MAX,
	RECORD_SIZE,
	SECOND_SLOT,
	VERDICT_CRC,
	VERDICT_FIRST,
	VERDICT_LENGTH,
	VERDICT_SECOND,
	VERDICT_SLOT,
	VERDICT_SLOT_LENGTH,
	VERDICT_STATE,
} from "../format";
import { storeResult } from "../result";
import {
	chooseSlot,
	otherSlot,
	slotAddress,
	slotCrc,
	slotLength,
	slotState,
	storeSlot,
} from "./slot";

// A physical page of page size P:
//
//    0                      P      P+2     P+6    P+8    P+12
//    | data, P bytes        | len1 | crc1  | len2 | crc2 |
//
// A page is committed more than once while it fills. One slot would have to be overwritten each
// time, and a crash in between would leave neither the old commit nor the new. With two, a commit
// goes to the slot that is not authoritative. It touches only data that the other slot's CRC does
// not cover: until the new slot is whole, the old one stands.

/** Bytes from one page to the next. */
export function strideOf(pageSize: u32): u32 {
	assert(pageSize > 0 && pageSize <= (PAGE_SIZE_MAX as u32));
	return pageSize + RECORD_SIZE;
}

/**
 * Makes `count` physical pages of the data in them, from `address` on. All are full but the last,
 * which has `lastLength` bytes and is padded with zeros here. Reads their data, writes their
 * records: the first slot has the new pair and the second is zero. Where `keptSlot` is not NO_SLOT
 * the first page keeps that slot's bytes, and its new pair goes to the other.
 */
export function sealPages(
	address: usize,
	pageSize: u32,
	count: u32,
	lastLength: u32,
	keptSlot: u32,
): void {
	const stride = strideOf(pageSize);
	assert(count > 0 && lastLength > 0 && lastLength <= pageSize);
	const last = address + (count - 1) * stride;
	memory.fill(last + lastLength, 0, pageSize - lastLength);
	let kept = keptSlot;
	for (let page = address; page < last; page += stride) {
		sealPage(page, pageSize, pageSize, kept);
		kept = NO_SLOT;
	}
	sealPage(last, pageSize, lastLength, kept);
}

function sealPage(page: usize, pageSize: u32, length: u32, kept: u32): void {
	const target = kept === NO_SLOT ? FIRST_SLOT : otherSlot(kept);
	const crc = crc32c(page, length, 0);
	storeSlot(slotAddress(page, pageSize, target), length, crc);
	if (kept === NO_SLOT) {
		storeSlot(slotAddress(page, pageSize, SECOND_SLOT), 0, 0);
	}
}

/**
 * Reads one physical page and writes none of it. Returns the authoritative slot, NO_SLOT when the
 * page is invalid. Writes to the result block that slot, its length (0 when invalid), and each
 * slot's state, length and CRC.
 */
export function validatePage(page: usize, pageSize: u32): u32 {
	strideOf(pageSize);
	const first = slotAddress(page, pageSize, FIRST_SLOT);
	const second = slotAddress(page, pageSize, SECOND_SLOT);
	const firstState = slotState(page, pageSize, first);
	const secondState = slotState(page, pageSize, second);
	const slot = chooseSlot(
		firstState,
		slotLength(first),
		secondState,
		slotLength(second),
	);
	storeResult(VERDICT_SLOT, slot);
	storeResult(VERDICT_LENGTH, chosenLength(page, pageSize, slot));
	reportSlot(VERDICT_FIRST, firstState, first);
	reportSlot(VERDICT_SECOND, secondState, second);
	return slot;
}

/** The bytes that a choice of validatePage commits: 0 for NO_SLOT. */
export function chosenLength(page: usize, pageSize: u32, slot: u32): u32 {
	return slot === NO_SLOT ? 0 : slotLength(slotAddress(page, pageSize, slot));
}

function reportSlot(field: usize, state: u32, slot: usize): void {
	storeResult(field + VERDICT_STATE, state);
	storeResult(field + VERDICT_SLOT_LENGTH, slotLength(slot));
	storeResult(field + VERDICT_CRC, slotCrc(slot));
}
