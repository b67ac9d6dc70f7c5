import { loadU32, storeU32 } from "../bytes";
import { crc32c } from "../crc/crc32";
import { VALUE_COMPUTED, VALUE_CRC_SIZE, VALUE_STORED } from "../format";
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
