import {
	FRAMES_END,
	FRAMES_FULL,
	FRAMES_INVALID,
	FRAMES_PARTIAL,
	FRAMES_TOO_LARGE,
	PLACE_SIZE,
	SCANNED_END,
	SCANNED_SIZE,
	SCANNED_STOP,
	SCANNED_WIDTH,
	VARINT_INVALID,
	VARINT_OK,
	VARINT_SHORT,
	VARINT_VALUE,
	VARINT_WIDTH,
	VARINT_WIDTH_MAX,
} from "../format";
import { loadResult, storeResult } from "../result";

// A frame of a variable journal: the length of its payload as a varint, then the payload.
//
//    0                1 to 5
//    | length, varint | payload            | the next frame …
//
// A varint has seven bits of its number in each byte, the least significant first, and the high bit
// set in all but the last. Each number has one encoding: a last byte of 0 behind another is
// refused, and so is a fifth byte past 32 bits.

const MORE: u32 = 0x80;
const BITS: u32 = 0x7f;
/** The bits of 32 that are left for a fifth byte. */
const LAST_BYTE_MAX: u32 = 0x0f;

/** Writes a number as a varint, and returns how many bytes it takes. */
export function encodeVarint(address: usize, value: u32): u32 {
	let rest = value;
	let width: u32 = 0;
	while (rest > BITS) {
		store<u8>(address + width, (rest & BITS) | MORE);
		rest >>>= 7;
		width += 1;
	}
	store<u8>(address + width, rest);
	return width + 1;
}

/**
 * Reads the varint at the start of the `available` bytes at `address`. Writes its number and its
 * width to the result block where it returns VARINT_OK. VARINT_SHORT: the bytes end before it does.
 */
export function decodeVarint(address: usize, available: u32): u32 {
	let value: u32 = 0;
	for (let at: u32 = 0; at < (VARINT_WIDTH_MAX as u32); at++) {
		if (at === available) {
			return VARINT_SHORT;
		}
		const byte = load<u8>(address + at) as u32;
		if (at > 0 && byte === 0) {
			return VARINT_INVALID;
		}
		if (at === (VARINT_WIDTH_MAX as u32) - 1 && byte > LAST_BYTE_MAX) {
			return VARINT_INVALID;
		}
		value |= (byte & BITS) << (7 * at);
		if (byte < MORE) {
			storeResult(VARINT_VALUE, value);
			storeResult(VARINT_WIDTH, at + 1);
			return VARINT_OK;
		}
	}
	return VARINT_INVALID;
}

/**
 * Finds the whole frames at the start of `length` bytes at `address`, no more than `capacity`, and
 * returns their count. For each the table gets two u32, where its payload begins and its size.
 * Writes to the result block where the last one ends and why it stopped, with the width and value
 * of a length that was read. FRAMES_PARTIAL: a frame goes on past the bytes (width 0 where its
 * length does). FRAMES_TOO_LARGE: one has more than `sizeMax` bytes.
 */
export function scanFrames(
	address: usize,
	length: u32,
	sizeMax: u32,
	table: usize,
	capacity: u32,
): u32 {
	let count: u32 = 0;
	let at: u32 = 0;
	let stop: u32 = FRAMES_END;
	storeResult(SCANNED_WIDTH, 0);
	storeResult(SCANNED_SIZE, 0);
	while (at < length) {
		if (count === capacity) {
			stop = FRAMES_FULL;
			break;
		}
		stop = judge(address + at, length - at, sizeMax);
		if (stop !== FRAMES_END) {
			break;
		}
		const start = at + loadResult(SCANNED_WIDTH);
		const size = loadResult(SCANNED_SIZE);
		const place = table + count * PLACE_SIZE;
		store<u32>(place, start);
		store<u32>(place + 4, size);
		count += 1;
		at = start + size;
	}
	storeResult(SCANNED_STOP, stop);
	storeResult(SCANNED_END, at);
	return count;
}

/**
 * Why a scan stops at a frame, FRAMES_END if it does not. Leaves the width and value of its length,
 * as far as it was read.
 */
function judge(frame: usize, available: u32, sizeMax: u32): u32 {
	const status = decodeVarint(frame, available);
	if (status !== VARINT_OK) {
		storeResult(SCANNED_WIDTH, 0);
		storeResult(SCANNED_SIZE, 0);
		return status === VARINT_SHORT ? FRAMES_PARTIAL : FRAMES_INVALID;
	}
	if (loadResult(SCANNED_SIZE) > sizeMax) {
		return FRAMES_TOO_LARGE;
	}
	return loadResult(SCANNED_SIZE) > available - loadResult(SCANNED_WIDTH)
		? FRAMES_PARTIAL
		: FRAMES_END;
}
