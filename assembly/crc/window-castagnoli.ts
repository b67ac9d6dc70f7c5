import { afterBytesCastagnoli } from "./slice16";

// CRC-32C without tables: long division by a sparse multiple of the polynomial P,
//
//    x^112 + x^95 + x^50 + x^49 + x^25 + x^9 + x^4 + 1
//
// Over GF(2), P(x)^8 = P(x^8): what divides as bits divides as bytes too. So each byte of the
// quotient is the message's byte plus the quotient's bytes 17, 62, 63, 87, 103, 108 and 112 before
// it, and no distance is shorter than a vector: sixteen bytes are divided at once, by exclusive-or
// alone. The remainder after the last quotient has the message's CRC, and is short enough for the
// tables.
//
// The last seven vectors of the quotient stay in registers, h0 the oldest. A round divides seven
// vectors. Each new one takes the name of the one that no distance reaches any more, so that
// nothing moves.

/** Bytes of one round, and of the remainder. */
const STRIDE: usize = 112;
const REMAINDER = memory.data(112, 16);
// Before the message there is no quotient, nor after its last vector.
const NO: v128 = i64x2.splat(0);

/**
 * Reads `length` bytes at `address`, a multiple of 16 and at least 128. Returns the remainder that
 * the tables would have after them, had they begun with `running`. REMAINDER holds nothing between
 * calls.
 */
export function afterWindowCastagnoli(
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
	let h6 = v128.xor(v128.load(address), i32x4.replace_lane(NO, 0, running));
	address += 16;
	while ((last - address) % STRIDE !== 0) {
		const quotient = divide(v128.load(address), h0, h1, h2, h3, h4, h5, h6);
		h0 = h1;
		h1 = h2;
		h2 = h3;
		h3 = h4;
		h4 = h5;
		h5 = h6;
		h6 = quotient;
		address += 16;
	}
	while (address < last) {
		h0 = divide(v128.load(address), h0, h1, h2, h3, h4, h5, h6);
		h1 = divide(v128.load(address, 16), h1, h2, h3, h4, h5, h6, h0);
		h2 = divide(v128.load(address, 32), h2, h3, h4, h5, h6, h0, h1);
		h3 = divide(v128.load(address, 48), h3, h4, h5, h6, h0, h1, h2);
		h4 = divide(v128.load(address, 64), h4, h5, h6, h0, h1, h2, h3);
		h5 = divide(v128.load(address, 80), h5, h6, h0, h1, h2, h3, h4);
		h6 = divide(v128.load(address, 96), h6, h0, h1, h2, h3, h4, h5);
		address += STRIDE;
	}
	leave(0, divide(v128.load(address), h0, h1, h2, h3, h4, h5, h6));
	leave(16, divide(v128.load(address, 16), h1, h2, h3, h4, h5, h6, NO));
	leave(32, divide(v128.load(address, 32), h2, h3, h4, h5, h6, NO, NO));
	leave(48, divide(v128.load(address, 48), h3, h4, h5, h6, NO, NO, NO));
	leave(64, divide(v128.load(address, 64), h4, h5, h6, NO, NO, NO, NO));
	leave(80, divide(v128.load(address, 80), h5, h6, NO, NO, NO, NO, NO));
	leave(96, divide(v128.load(address, 96), h6, NO, NO, NO, NO, NO, NO));
	return afterBytesCastagnoli(0, REMAINDER, STRIDE);
}

// Near vectors are added last: they are ready last.
function divide(
	message: v128,
	h0: v128,
	h1: v128,
	h2: v128,
	h3: v128,
	h4: v128,
	h5: v128,
	h6: v128,
): v128 {
	let sum = v128.xor(message, h0);
	sum = v128.xor(sum, skip4(h0, h1));
	sum = v128.xor(sum, skip9(h0, h1));
	sum = v128.xor(sum, skip9(h1, h2));
	sum = v128.xor(sum, skip1(h3, h4));
	sum = v128.xor(sum, skip2(h3, h4));
	return v128.xor(sum, skip15(h5, h6));
}

function leave(offset: usize, vector: v128): void {
	v128.store(REMAINDER + offset, vector);
}

// Sixteen bytes out of two neighbours, beginning this many bytes into the first. The engine makes
// each of these one instruction, and unlike a load at an odd address it needs no quotient in
// memory.
function skip1(a: v128, b: v128): v128 {
	// biome-ignore format: a shuffle's lanes are one run
	return v128.shuffle<u8>(a, b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
}

function skip2(a: v128, b: v128): v128 {
	return v128.shuffle<u16>(a, b, 1, 2, 3, 4, 5, 6, 7, 8);
}

function skip4(a: v128, b: v128): v128 {
	return v128.shuffle<u32>(a, b, 1, 2, 3, 4);
}

function skip9(a: v128, b: v128): v128 {
	// biome-ignore format: a shuffle's lanes are one run
	return v128.shuffle<u8>(a, b, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24);
}

function skip15(a: v128, b: v128): v128 {
	// biome-ignore format: a shuffle's lanes are one run
	return v128.shuffle<u8>(a, b, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
}
