import { afterBytesIso } from "./slice16";

// CRC-32/ISO-HDLC as window-castagnoli.ts does it, over eight vectors and by
//
//    x^120 + x^88 + x^80 + x^34 + x^18 + x^13 + x^8 + 1
//
// that is, by the bytes 32, 40, 86, 102, 107, 112 and 120 before.

/** Bytes of one round, and of the remainder. */
const STRIDE: usize = 128;
const REMAINDER = memory.data(128, 16);
// Before the message there is no quotient, nor after its last vector.
const NO: v128 = i64x2.splat(0);

/**
 * Reads `length` bytes at `address`, a multiple of 16 and at least 144. Returns the remainder that
 * the tables would have after them, had they begun with `running`. REMAINDER holds nothing between
 * calls.
 */
export function afterWindowIso(
	running: u32,
	address: usize,
	length: usize,
): u32 {
	assert(length % 16 === 0 && length >= STRIDE + 16);
	const last = address + length - STRIDE;
	let h0 = NO;
	let h1 = NO;
	let h2 = NO;
	let h3 = NO;
	let h4 = NO;
	let h5 = NO;
	let h6 = NO;
	let h7 = v128.xor(v128.load(address), i32x4.replace_lane(NO, 0, running));
	address += 16;
	while ((last - address) % STRIDE !== 0) {
		const quotient = divide(v128.load(address), h0, h1, h2, h3, h5, h6);
		h0 = h1;
		h1 = h2;
		h2 = h3;
		h3 = h4;
		h4 = h5;
		h5 = h6;
		h6 = h7;
		h7 = quotient;
		address += 16;
	}
	while (address < last) {
		h0 = divide(v128.load(address), h0, h1, h2, h3, h5, h6);
		h1 = divide(v128.load(address, 16), h1, h2, h3, h4, h6, h7);
		h2 = divide(v128.load(address, 32), h2, h3, h4, h5, h7, h0);
		h3 = divide(v128.load(address, 48), h3, h4, h5, h6, h0, h1);
		h4 = divide(v128.load(address, 64), h4, h5, h6, h7, h1, h2);
		h5 = divide(v128.load(address, 80), h5, h6, h7, h0, h2, h3);
		h6 = divide(v128.load(address, 96), h6, h7, h0, h1, h3, h4);
		h7 = divide(v128.load(address, 112), h7, h0, h1, h2, h4, h5);
		address += STRIDE;
	}
	leave(0, divide(v128.load(address), h0, h1, h2, h3, h5, h6));
	leave(16, divide(v128.load(address, 16), h1, h2, h3, h4, h6, h7));
	leave(32, divide(v128.load(address, 32), h2, h3, h4, h5, h7, NO));
	leave(48, divide(v128.load(address, 48), h3, h4, h5, h6, NO, NO));
	leave(64, divide(v128.load(address, 64), h4, h5, h6, h7, NO, NO));
	leave(80, divide(v128.load(address, 80), h5, h6, h7, NO, NO, NO));
	leave(96, divide(v128.load(address, 96), h6, h7, NO, NO, NO, NO));
	leave(112, divide(v128.load(address, 112), h7, NO, NO, NO, NO, NO));
	return afterBytesIso(0, REMAINDER, STRIDE);
}

// The parameters are the vectors that a distance reaches. Near ones come last: they are ready last.
function divide(
	message: v128,
	h0: v128,
	h1: v128,
	h2: v128,
	h3: v128,
	h5: v128,
	h6: v128,
): v128 {
	let sum = v128.xor(message, skip8(h0, h1));
	sum = v128.xor(sum, h1);
	sum = v128.xor(sum, skip5(h1, h2));
	sum = v128.xor(sum, skip10(h1, h2));
	sum = v128.xor(sum, skip10(h2, h3));
	return v128.xor(sum, v128.xor(skip8(h5, h6), h6));
}

function leave(offset: usize, vector: v128): void {
	v128.store(REMAINDER + offset, vector);
}

// Sixteen bytes out of two neighbours, beginning this many bytes into the first. The engine makes
// each of these one instruction, and unlike a load at an odd address it needs no quotient in
// memory.
function skip5(a: v128, b: v128): v128 {
	// biome-ignore format: a shuffle's lanes are one run
	return v128.shuffle<u8>(a, b, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20);
}

function skip8(a: v128, b: v128): v128 {
	return v128.shuffle<u64>(a, b, 1, 2);
}

function skip10(a: v128, b: v128): v128 {
	return v128.shuffle<u16>(a, b, 5, 6, 7, 8, 9, 10, 11, 12);
}
