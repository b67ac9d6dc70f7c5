import { loadU32, storeU32 } from "../bytes";
import {
	ENTRY_VALUE_OFFSET,
	ENTRY_VALUE_SIZE,
	PLACE_OFFSET_BYTES,
	PLACE_SIZE_BYTES,
	VALUE_OFFSET_WIDTH,
	VALUE_SIZE_WIDTH,
} from "../format";
import { resultAddress, storeResult, storeResultF64 } from "../result";

// An entry that points at a value. Among its own bytes it has, in any order, the value's offset and
// size, big-endian.
//
//    | …        offsetAt           …        sizeAt         … |
//    |          | offset, 8 bytes |         | size, 4 bytes |

/**
 * Writes the two fields to the result block, as an entry has them. `offset` is a whole number below
 * 2^53.
 */
export function encodePlace(offset: f64, size: u32): void {
	const block = resultAddress();
	store<u64>(block + PLACE_OFFSET_BYTES, bswap<u64>(offset as u64));
	storeU32(block + PLACE_SIZE_BYTES, size);
}

/**
 * The index of the last of `count` entries of `entrySize` bytes at `entries` whose value ends at
 * `limit`, a whole number up to 2^53, or before; -1 if there is none. Writes that value's offset
 * (f64) and size to the result block. An offset may be any 64 bits.
 */
export function lastEntryWithin(
	entries: usize,
	count: u32,
	entrySize: u32,
	offsetAt: u32,
	sizeAt: u32,
	limit: f64,
): i32 {
	assert(offsetAt + VALUE_OFFSET_WIDTH <= entrySize);
	assert(sizeAt + VALUE_SIZE_WIDTH <= entrySize);
	for (let index = (count as i32) - 1; index >= 0; index--) {
		const entry = entries + index * entrySize;
		const offset = bswap<u64>(load<u64>(entry + offsetAt));
		const size = loadU32(entry + sizeAt);
		const end = offset + (size as u64);
		if (end >= offset && end <= (limit as u64)) {
			storeResultF64(ENTRY_VALUE_OFFSET, offset as f64);
			storeResult(ENTRY_VALUE_SIZE, size);
			return index;
		}
	}
	return -1;
}
