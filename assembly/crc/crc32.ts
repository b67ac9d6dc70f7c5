import { afterHybridCastagnoli } from "./hybrid-castagnoli";
import { afterHybridIso } from "./hybrid-iso";
import {
	afterByte,
	afterBytesCastagnoli,
	afterBytesIso,
	CASTAGNOLI,
} from "./slice16";
import { afterWindowCastagnoli } from "./window-castagnoli";
import { afterWindowIso } from "./window-iso";

/**
 * Below this many bytes the tables alone are as fast: a window leaves 112 or 128 of them to the
 * tables anyway.
 */
const WORTH_A_WINDOW: usize = 176;
/**
 * Below this many bytes, clearing a ring and dividing its remainder again costs what its fewer
 * distances save.
 */
const WORTH_A_RING: usize = 2048;

/**
 * CRC-32C (Castagnoli) of `length` bytes at `address`, going on from `crc`, the CRC of the bytes
 * before them or 0. Reads those bytes and writes nothing.
 */
export function crc32c(address: usize, length: usize, crc: u32): u32 {
	let running = ~crc;
	if (length >= WORTH_A_WINDOW) {
		const whole = length & ~15;
		running =
			length >= WORTH_A_RING
				? afterHybridCastagnoli(running, address, whole)
				: afterWindowCastagnoli(running, address, whole);
		address += whole;
		length -= whole;
	}
	return ~afterBytesCastagnoli(running, address, length);
}

/** CRC-32/ISO-HDLC, zlib's; in all else as crc32c. */
export function crc32(address: usize, length: usize, crc: u32): u32 {
	let running = ~crc;
	if (length >= WORTH_A_WINDOW) {
		const whole = length & ~15;
		running =
			length >= WORTH_A_RING
				? afterHybridIso(running, address, whole)
				: afterWindowIso(running, address, whole);
		address += whole;
		length -= whole;
	}
	return ~afterBytesIso(running, address, length);
}

/** The CRC-32C after one more byte, to get each prefix's. */
export function extendCrc32c(crc: u32, byte: u32): u32 {
	return ~afterByte(CASTAGNOLI, ~crc, byte);
}
