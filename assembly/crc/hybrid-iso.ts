import { afterWindowIso } from "./window-iso";

// CRC-32/ISO-HDLC as hybrid-castagnoli.ts does it, over a ring of thirteen vectors, eight of them
// in registers, and by
//
//    x^203 + x^186 + x^123 + x^85 + x^79 + 1
//
// that is, by the bytes 17, 80, 118, 124 and 203 before. Only the last of these is loaded.

/** Bytes of one round, and of the remainder. */
const ROUND: usize = 208;
/** With room for the rest of the message after the last round. */
const RING = memory.data(416, 64);
// Before the message there is no quotient, nor after its last vector.
const NO: v128 = i64x2.splat(0);

/**
 * Reads `length` bytes at `address`, a multiple of 16 and at least 416. Returns the remainder that
 * the tables would have after them, had they begun with `running`. Between calls the content of
 * RING has no meaning.
 */
export function afterHybridIso(
	running: u32,
	address: usize,
	length: usize,
): u32 {
	assert(length % 16 === 0 && length >= 2 * ROUND);
	clearRing();
	let carried = i32x4.replace_lane(NO, 0, running);
	let h5 = NO;
	let h6 = NO;
	let h7 = NO;
	let h8 = NO;
	let h9 = NO;
	let h10 = NO;
	let h11 = NO;
	let h12 = NO;
	const left = ROUND + (length % ROUND);
	const last = address + length - left;
	while (address < last) {
		const first = v128.xor(v128.load(address), carried);
		const h0 = divide(0, first, h5, h6, h8, h11, h12);
		v128.store(RING, h0, ROUND);
		const h1 = divide(16, v128.load(address, 16), h6, h7, h9, h12, h0);
		const h2 = divide(32, v128.load(address, 32), h7, h8, h10, h0, h1);
		const h3 = divide(48, v128.load(address, 48), h8, h9, h11, h1, h2);
		const h4 = divide(64, v128.load(address, 64), h9, h10, h12, h2, h3);
		h5 = divide(80, v128.load(address, 80), h10, h11, h0, h3, h4);
		h6 = divide(96, v128.load(address, 96), h11, h12, h1, h4, h5);
		h7 = divide(112, v128.load(address, 112), h12, h0, h2, h5, h6);
		h8 = divide(128, v128.load(address, 128), h0, h1, h3, h6, h7);
		h9 = divide(144, v128.load(address, 144), h1, h2, h4, h7, h8);
		h10 = divide(160, v128.load(address, 160), h2, h3, h5, h8, h9);
		h11 = divide(176, v128.load(address, 176), h3, h4, h6, h9, h10);
		h12 = divide(192, v128.load(address, 192), h4, h5, h7, h10, h11);
		carried = NO;
		address += ROUND;
	}
	v128.store(RING, NO, ROUND);
	divide(0, v128.load(address), h5, h6, h8, h11, h12);
	divide(16, v128.load(address, 16), h6, h7, h9, h12, NO);
	divide(32, v128.load(address, 32), h7, h8, h10, NO, NO);
	divide(48, v128.load(address, 48), h8, h9, h11, NO, NO);
	divide(64, v128.load(address, 64), h9, h10, h12, NO, NO);
	divide(80, v128.load(address, 80), h10, h11, NO, NO, NO);
	divide(96, v128.load(address, 96), h11, h12, NO, NO, NO);
	divide(112, v128.load(address, 112), h12, NO, NO, NO, NO);
	divide(128, v128.load(address, 128), NO, NO, NO, NO, NO);
	divide(144, v128.load(address, 144), NO, NO, NO, NO, NO);
	divide(160, v128.load(address, 160), NO, NO, NO, NO, NO);
	divide(176, v128.load(address, 176), NO, NO, NO, NO, NO);
	divide(192, v128.load(address, 192), NO, NO, NO, NO, NO);
	for (let at = ROUND; at < left; at += 16) {
		v128.store(RING + at, v128.load(address + at));
	}
	return afterWindowIso(0, RING, left);
}

// Divides the vector at `at` of a round, and stores it there. The parameters are the vectors at
// near distances, named as for the first one of a round.
function divide(
	at: usize,
	message: v128,
	h5: v128,
	h6: v128,
	h8: v128,
	h11: v128,
	h12: v128,
): v128 {
	let sum = v128.xor(message, v128.load(RING + (at + ROUND - 203)));
	sum = v128.xor(sum, skip4(h5, h6));
	sum = v128.xor(sum, skip10(h5, h6));
	sum = v128.xor(sum, h8);
	sum = v128.xor(sum, skip15(h11, h12));
	v128.store(RING + at, sum);
	return sum;
}

function clearRing(): void {
	for (let at: usize = 0; at < ROUND; at += 16) {
		v128.store(RING + at, NO);
	}
}

function skip4(a: v128, b: v128): v128 {
	return v128.shuffle<u32>(a, b, 1, 2, 3, 4);
}

function skip10(a: v128, b: v128): v128 {
	return v128.shuffle<u16>(a, b, 5, 6, 7, 8, 9, 10, 11, 12);
}

function skip15(a: v128, b: v128): v128 {
	// biome-ignore format: a shuffle's lanes are one run
	return v128.shuffle<u8>(a, b, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
}
