import { isZero } from "../bytes";
import { extendCrc32c } from "../crc/crc32";
import {
	FIRST_SLOT,
	NO_SLOT,
	PAGE_SIZE_MAX,
	RECORD_SIZE,
	SECOND_SLOT,
	SLOT_EMPTY,
	SLOT_MISMATCH,
	SLOT_OVERLONG,
	SLOT_VALID,
} from "../format";
import { chooseSlot, slotAddress, slotCrc, slotLength } from "./slot";

// A blob does not record its page size. Where the caller does not know it either, every size is
// tried on page 0: one pass makes the CRC of each prefix, and each size is then two look-ups.

/**
 * Writes to `table` the CRC-32C of each prefix of the `length` bytes at `address`: of no bytes, of
 * one, and so on, up to the largest page that a slot can describe. The table has room for
 * PREFIX_TABLE_SIZE bytes and is 4-aligned.
 */
export function prefixChecksums(
	address: usize,
	length: u32,
	table: usize,
): void {
	const count = min<u32>(length, PAGE_SIZE_MAX);
	let crc: u32 = 0;
	for (let size: u32 = 0; size < count; size++) {
		store<u32>(table + (size << 2), crc);
		crc = extendCrc32c(crc, load<u8>(address + size));
	}
	store<u32>(table + (count << 2), crc);
}

/**
 * The smallest page size above `after` for which the `length` bytes at `address` begin with a page
 * that is valid, and full or zero from its length on; 0 when there is none. Reads the bytes and
 * their prefixChecksums in `table`.
 */
export function nextFittingPageSize(
	address: usize,
	length: u32,
	table: usize,
	after: u32,
): u32 {
	for (let size = after + 1; size <= (PAGE_SIZE_MAX as u32); size++) {
		if (size + RECORD_SIZE > length) {
			return 0;
		}
		if (fits(address, size, table)) {
			return size;
		}
	}
	return 0;
}

function fits(page: usize, pageSize: u32, table: usize): bool {
	const first = slotAddress(page, pageSize, FIRST_SLOT);
	const second = slotAddress(page, pageSize, SECOND_SLOT);
	const slot = chooseSlot(
		stateByPrefix(pageSize, first, table),
		slotLength(first),
		stateByPrefix(pageSize, second, table),
		slotLength(second),
	);
	if (slot === NO_SLOT) {
		return false;
	}
	const committed = slotLength(slotAddress(page, pageSize, slot));
	return isZero(page + committed, page + pageSize);
}

function stateByPrefix(pageSize: u32, slot: usize, table: usize): u32 {
	const length = slotLength(slot);
	if (length === 0) {
		return SLOT_EMPTY;
	}
	if (length > pageSize) {
		return SLOT_OVERLONG;
	}
	return load<u32>(table + (length << 2)) === slotCrc(slot)
		? SLOT_VALID
		: SLOT_MISMATCH;
}
