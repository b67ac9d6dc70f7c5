import { loadUnsigned } from "../bytes";
import {
	ENTRY_VALUE_OFFSET,
	ENTRY_VALUE_SIZE,
	PLACE_OFFSET_BYTES,
	PLACE_SIZE_BYTES,
	VALUE_FIELD_WIDTH_MAX,
	VALUE_SIZE_SIZE,
} from "../format";
import { resultAddress, storeResultF64 } from "../result";

// An entry that points at a value: among bytes of its own, in whatever order, the value's offset
// and size, big-endian, of 1 to 8 bytes each.
//
//    | …        offsetAt              …        sizeAt             … |
//    |          | offset, 8 or else |          | size, 4 or else |

/**
 * Writes the two fields to the result block, in 8 bytes each. `offset` is a whole number below
 * 2^53.
 */
export function encodePlace(offset: f64, size: u32): void {
	const block = resultAddress();
	store<u64>(block + PLACE_OFFSET_BYTES, bswap<u64>(offset as u64));
	store<u64>(block + PLACE_SIZE_BYTES, bswap<u64>(size as u64));
}

/**
 * How many of `count` entries from the first on have values that lie one behind the other, in
 * `most` bytes together. Puts the size of each to `sizes`, 4 bytes a value, and the first value's
 * offset and size to the result block: both may be any 64 bits.
 */
export function scanValueRun(
	entries: usize,
	count: u32,
	entrySize: u32,
	offsetAt: u32,
	offsetWidth: u32,
	sizeAt: u32,
	sizeWidth: u32,
	most: u32,
	sizes: usize,
): u32 {
	assert(offsetWidth <= (VALUE_FIELD_WIDTH_MAX as u32));
	assert(sizeWidth <= (VALUE_FIELD_WIDTH_MAX as u32));
	assert(offsetAt + offsetWidth <= entrySize);
	assert(sizeAt + sizeWidth <= entrySize);
	let left: u64 = most;
	let end: u64 = 0;
	for (let index: u32 = 0; index < count; index++) {
		const entry = entries + index * entrySize;
		const offset = loadUnsigned(entry + offsetAt, offsetWidth);
		const size = loadUnsigned(entry + sizeAt, sizeWidth);
		if (index === 0) {
			storeResultF64(ENTRY_VALUE_OFFSET, offset as f64);
			storeResultF64(ENTRY_VALUE_SIZE, size as f64);
			end = offset;
		}
		if (offset !== end || size > left) {
			return index;
		}
		store<u32>(sizes + index * VALUE_SIZE_SIZE, size as u32);
		left -= size;
		end += size;
	}
	return count;
}

/**
 * The index of the last of `count` entries of `entrySize` bytes at `entries` whose value ends at
 * `limit`, a whole number up to 2^53, or before; -1 if there is none. Writes that value's offset
 * and size to the result block. Both may be any 64 bits.
 */
export function lastEntryWithin(
	entries: usize,
	count: u32,
	entrySize: u32,
	offsetAt: u32,
	offsetWidth: u32,
	sizeAt: u32,
	sizeWidth: u32,
	limit: f64,
): i32 {
	assert(offsetWidth <= (VALUE_FIELD_WIDTH_MAX as u32));
	assert(sizeWidth <= (VALUE_FIELD_WIDTH_MAX as u32));
	assert(offsetAt + offsetWidth <= entrySize);
	assert(sizeAt + sizeWidth <= entrySize);
	for (let index = (count as i32) - 1; index >= 0; index--) {
		const entry = entries + index * entrySize;
		const offset = loadUnsigned(entry + offsetAt, offsetWidth);
		const size = loadUnsigned(entry + sizeAt, sizeWidth);
		const end = offset + size;
		if (end >= offset && end <= (limit as u64)) {
			storeResultF64(ENTRY_VALUE_OFFSET, offset as f64);
			storeResultF64(ENTRY_VALUE_SIZE, size as f64);
			return index;
		}
	}
	return -1;
}
