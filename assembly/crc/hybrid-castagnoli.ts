import { afterWindowCastagnoli } from "./window-castagnoli";

// CRC-32C of a long run, divided as in window-castagnoli.ts, but by
//
//    x^210 + x^185 + x^66 + x^41 + x^12 + 1
//
// that is, by the bytes 25, 144, 169, 198 and 210 before: two distances less, but too far for
// registers. So the last nine vectors of the quotient stay in registers, for 25 and 144; those at
// the other distances are loaded from memory.
//
// That memory is a ring of one round, fourteen vectors, each of which lies at the same place in
// every round. All its addresses are constants: an engine that checks addresses at run time has
// none to check here. A vector's place holds the vector of the round before, and is overwritten
// after all loads of that. A load that begins near the ring's end goes on with this round's first
// vectors, and so these are also stored behind the ring.

/** Bytes of one round, and of the remainder. */
const ROUND: usize = 224;
/** With room for the rest of the message after the last round. */
const RING = memory.data(448, 64);
// Before the message there is no quotient, nor after its last vector.
const NO: v128 = i64x2.splat(0);

/**
 * Reads `length` bytes at `address`, a multiple of 16 and at least 448. Returns the remainder that
 * the tables would have after them, had they begun with `running`. Between calls the content of
 * RING has no meaning.
 */
export function afterHybridCastagnoli(
	running: u32,
	address: usize,
	length: usize,
): u32 {
	assert(length % 16 === 0 && length >= 2 * ROUND);
	clear(RING, ROUND);
	let carried = i32x4.replace_lane(NO, 0, running);
	let h5 = NO;
	let h6 = NO;
	let h7 = NO;
	let h8 = NO;
	let h9 = NO;
	let h10 = NO;
	let h11 = NO;
	let h12 = NO;
	let h13 = NO;
	const left = ROUND + (length % ROUND);
	const last = address + length - left;
	while (address < last) {
		const h0 = divide(0, v128.xor(v128.load(address), carried), h5, h12, h13);
		const h1 = divide(16, v128.load(address, 16), h6, h13, h0);
		const h2 = divide(32, v128.load(address, 32), h7, h0, h1);
		const h3 = divide(48, v128.load(address, 48), h8, h1, h2);
		const h4 = divide(64, v128.load(address, 64), h9, h2, h3);
		v128.store(RING, h0, ROUND);
		v128.store(RING, h1, ROUND + 16);
		v128.store(RING, h2, ROUND + 32);
		v128.store(RING, h3, ROUND + 48);
		h5 = divide(80, v128.load(address, 80), h10, h3, h4);
		h6 = divide(96, v128.load(address, 96), h11, h4, h5);
		h7 = divide(112, v128.load(address, 112), h12, h5, h6);
		h8 = divide(128, v128.load(address, 128), h13, h6, h7);
		h9 = divide(144, v128.load(address, 144), h0, h7, h8);
		h10 = divide(160, v128.load(address, 160), h1, h8, h9);
		h11 = divide(176, v128.load(address, 176), h2, h9, h10);
		h12 = divide(192, v128.load(address, 192), h3, h10, h11);
		h13 = divide(208, v128.load(address, 208), h4, h11, h12);
		carried = NO;
		address += ROUND;
	}
	clear(RING + ROUND, 64);
	divide(0, v128.load(address), h5, h12, h13);
	divide(16, v128.load(address, 16), h6, h13, NO);
	divide(32, v128.load(address, 32), h7, NO, NO);
	divide(48, v128.load(address, 48), h8, NO, NO);
	divide(64, v128.load(address, 64), h9, NO, NO);
	divide(80, v128.load(address, 80), h10, NO, NO);
	divide(96, v128.load(address, 96), h11, NO, NO);
	divide(112, v128.load(address, 112), h12, NO, NO);
	divide(128, v128.load(address, 128), h13, NO, NO);
	divide(144, v128.load(address, 144), NO, NO, NO);
	divide(160, v128.load(address, 160), NO, NO, NO);
	divide(176, v128.load(address, 176), NO, NO, NO);
	divide(192, v128.load(address, 192), NO, NO, NO);
	divide(208, v128.load(address, 208), NO, NO, NO);
	for (let at = ROUND; at < left; at += 16) {
		v128.store(RING + at, v128.load(address + at));
	}
	return afterWindowCastagnoli(0, RING, left);
}

// Divides the vector at `at` of a round, and stores it there. The parameters are the vectors at
// near distances, named as for the first one of a round.
function divide(
	at: usize,
	message: v128,
	h5: v128,
	h12: v128,
	h13: v128,
): v128 {
	let sum = v128.xor(message, v128.load(RING + (at + ROUND - 210)));
	sum = v128.xor(sum, v128.load(RING + (at + ROUND - 198)));
	sum = v128.xor(sum, v128.load(RING + (at + ROUND - 169)));
	sum = v128.xor(sum, h5);
	sum = v128.xor(sum, skip7(h12, h13));
	v128.store(RING + at, sum);
	return sum;
}

function clear(address: usize, length: usize): void {
	for (let at: usize = 0; at < length; at += 16) {
		v128.store(address + at, NO);
	}
}

function skip7(a: v128, b: v128): v128 {
	// biome-ignore format: a shuffle's lanes are one run
	return v128.shuffle<u8>(a, b, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22);
}
