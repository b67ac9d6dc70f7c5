// The generator of commonware's conformance tests: rand_chacha as rand 0.8 seeds it from a number.

const MULTIPLIER = 6364136223846793005n;
const INCREMENT = 11634580027462260723n;
const WORD_64 = 2n ** 64n - 1n;
const SIGMA = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574];

const ROUNDS_OF_COLUMNS = [
	[0, 4, 8, 12],
	[1, 5, 9, 13],
	[2, 6, 10, 14],
	[3, 7, 11, 15],
] as const;
const ROUNDS_OF_DIAGONALS = [
	[0, 5, 10, 15],
	[1, 6, 11, 12],
	[2, 7, 8, 13],
	[3, 4, 9, 14],
] as const;

/** The key that `seed_from_u64` expands a seed to: eight words of a PCG32 stream. */
export function keyFromSeed(seed: number): Uint32Array {
	let state = BigInt(seed);
	return Uint32Array.from({ length: 8 }, () => {
		state = (state * MULTIPLIER + INCREMENT) & WORD_64;
		const word = Number(BigInt.asUintN(32, ((state >> 18n) ^ state) >> 27n));
		const turn = Number(state >> 59n);
		return (word >>> turn) | (word << (32 - turn));
	});
}

/** Block `counter` of ChaCha with `rounds` rounds and stream 0: 64 bytes. */
export function chachaBlock(
	key: Uint32Array,
	counter: number,
	rounds: 8 | 12 | 20,
): Uint8Array<ArrayBuffer> {
	const input = Uint32Array.from([...SIGMA, ...key, counter, 0, 0, 0]);
	const state = input.slice();
	for (let round = 0; round < rounds; round += 2) {
		for (const [a, b, c, d] of ROUNDS_OF_COLUMNS) {
			quarterRound(state, a, b, c, d);
		}
		for (const [a, b, c, d] of ROUNDS_OF_DIAGONALS) {
			quarterRound(state, a, b, c, d);
		}
	}
	const block = new DataView(new ArrayBuffer(64));
	for (const [index, word] of state.entries()) {
		block.setUint32(index * 4, word + at(input, index), true);
	}
	return new Uint8Array(block.buffer);
}

function quarterRound(
	state: Uint32Array,
	a: number,
	b: number,
	c: number,
	d: number,
): void {
	mix(state, a, b, d, 16);
	mix(state, c, d, b, 12);
	mix(state, a, b, d, 8);
	mix(state, c, d, b, 7);
}

function mix(
	state: Uint32Array,
	sum: number,
	addend: number,
	turned: number,
	bits: number,
): void {
	const total = (at(state, sum) + at(state, addend)) | 0;
	state[sum] = total;
	const word = at(state, turned) ^ total;
	state[turned] = (word << bits) | (word >>> (32 - bits));
}

function at(words: Uint32Array, index: number): number {
	return words[index] ?? 0;
}
