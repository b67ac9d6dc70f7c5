import { loadU32, storeU32 } from "../bytes";
import { crc32c } from "../crc/crc32";
import {
	VALUE_COMPUTED,
	VALUE_CRC_SIZE,
	VALUE_SIZE_SIZE,
	VALUE_STORED,
} from "../format";
import { storeResult } from "../result";

// A value as a glob holds it. Its size, the checksum included, is kept elsewhere.
//
//    | data                  | crc of data, 4 bytes |
//
// A value may be longer than memory: then it comes in pieces, and each call goes on from the CRC of
// the pieces before.

/** Writes the checksum of a value behind its last piece, the `length` bytes at `address`. */
export function sealValue(address: usize, length: usize, crc: u32): void {
	storeU32(address + length, crc32c(address, length, crc));
}

/**
 * Whether a value is whole. Its last piece, whose last four bytes are the checksum, is the `length`
 * bytes at `address`. Writes both checksums to the result block.
 */
export function checkValue(address: usize, length: usize, crc: u32): bool {
	assert(length >= (VALUE_CRC_SIZE as usize));
	const end = length - VALUE_CRC_SIZE;
	const computed = crc32c(address, end, crc);
	const stored = loadU32(address + end);
	storeResult(VALUE_STORED, stored);
	storeResult(VALUE_COMPUTED, computed);
	return stored === computed;
}

/**
 * How many values from the first on are whole. `count` of them lie one behind the other in the
 * `length` bytes at `address`, each with its checksum; `sizes` has the bytes of each, 4 a value. A
 * size that no value has, or that leads past the end, is that of no whole value.
 *
 *    | data | crc | data | crc | … |
 */
export function countWholeValues(
	address: usize,
	length: usize,
	sizes: usize,
	count: u32,
): u32 {
	const end = address + length;
	let at = address;
	for (let index: u32 = 0; index < count; index++) {
		const size = load<u32>(sizes + index * VALUE_SIZE_SIZE) as usize;
		if (
			size < (VALUE_CRC_SIZE as usize) ||
			size > end - at ||
			!checkValue(at, size, 0)
		) {
			return index;
		}
		at += size;
	}
	return count;
}
