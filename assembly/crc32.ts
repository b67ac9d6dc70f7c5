import { afterByte, afterBytes, CASTAGNOLI, ISO_HDLC } from "./slice16";
import { afterWindowCastagnoli } from "./window-castagnoli";
import { afterWindowIso } from "./window-iso";

/** Below this many bytes the tables alone are as fast: a window leaves 128 or 144 of them to the tables anyway. */
const WORTH_A_WINDOW: usize = 256;

/**
 * CRC-32C (Castagnoli) of `length` bytes at `address`, going on from `crc`, the CRC of what came before them or 0.
 * Reads those bytes and writes nothing.
 */
export function crc32c(address: usize, length: usize, crc: u32): u32 {
	let running = ~crc;
	if (length >= WORTH_A_WINDOW) {
		const whole = length & ~15;
		running = afterWindowCastagnoli(running, address, whole);
		address += whole;
		length -= whole;
	}
	return ~afterBytes(CASTAGNOLI, running, address, length);
}

/** CRC-32/ISO-HDLC, zlib's, as crc32c reads and writes. */
export function crc32(address: usize, length: usize, crc: u32): u32 {
	let running = ~crc;
	if (length >= WORTH_A_WINDOW) {
		const whole = length & ~15;
		running = afterWindowIso(running, address, whole);
		address += whole;
		length -= whole;
	}
	return ~afterBytes(ISO_HDLC, running, address, length);
}

/** The CRC-32C after one more byte, where each prefix's is wanted. */
export function extendCrc32c(crc: u32, byte: u32): u32 {
	return ~afterByte(CASTAGNOLI, ~crc, byte);
}
