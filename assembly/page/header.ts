import { loadU16, loadU32, storeU16, storeU32 } from "../bytes";
import {
	HEADER_FOREIGN,
	HEADER_MAGIC,
	HEADER_OK,
	HEADER_RUNTIME_UNSUPPORTED,
	HEADER_SHORT,
	HEADER_SIZE,
	HEADER_VERSION_MISMATCH,
	PARSED_BLOB_VERSION,
	PARSED_RUNTIME_VERSION,
	RUNTIME_VERSION,
} from "../format";
import { storeResult } from "../result";

// A blob's header, big-endian:
//
//    0               4               6               8
//    | magic "CWIC"  | runtime = 0   | blob version  |
//
const RUNTIME_OFFSET: usize = 4;
const VERSION_OFFSET: usize = 6;
const VERSION_MAX: u32 = 0xffff;

/** Writes the 8 bytes of a header at `address`. `version` is the application's, at most 0xffff. */
export function encodeHeader(address: usize, version: u32): void {
	assert(version <= VERSION_MAX);
	storeU32(address, HEADER_MAGIC);
	storeU16(address + RUNTIME_OFFSET, RUNTIME_VERSION);
	storeU16(address + VERSION_OFFSET, version);
}

/**
 * Reads a header with `length` bytes present, and accepts blob versions from `low` to `high`.
 * Writes both versions to the result block: as found, or zeros where the bytes are too few or not a
 * header's. Returns
 *
 * - HEADER_SHORT: a creation that was torn, or a new file;
 * - HEADER_FOREIGN: no blob of this format;
 * - HEADER_RUNTIME_UNSUPPORTED: a later format;
 * - HEADER_VERSION_MISMATCH: the application's version is not from `low` to `high`;
 * - HEADER_OK.
 */
export function parseHeader(
	address: usize,
	length: usize,
	low: u32,
	high: u32,
): u32 {
	storeResult(PARSED_RUNTIME_VERSION, 0);
	storeResult(PARSED_BLOB_VERSION, 0);
	if (length < (HEADER_SIZE as usize)) {
		return HEADER_SHORT;
	}
	if (loadU32(address) !== HEADER_MAGIC) {
		return HEADER_FOREIGN;
	}
	const runtime = loadU16(address + RUNTIME_OFFSET);
	const version = loadU16(address + VERSION_OFFSET);
	storeResult(PARSED_RUNTIME_VERSION, runtime);
	storeResult(PARSED_BLOB_VERSION, version);
	if (runtime !== RUNTIME_VERSION) {
		return HEADER_RUNTIME_UNSUPPORTED;
	}
	return low <= version && version <= high
		? HEADER_OK
		: HEADER_VERSION_MISMATCH;
}
