// The generator of commonware's conformance tests: rand_chacha, seeded from a number as in rand
// 0.8.

const MULTIPLIER = 6364136223846793005n;
const INCREMENT = 11634580027462260723n;
const WORD_64 = 2n ** 64n - 1n;
const SIGMA = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574];

/** Constants, key, counter and stream of the current block; and the result of the rounds. */
const INPUT = Int32Array.from([...SIGMA, ...Array<number>(12).fill(0)]);
const STATE = new Int32Array(16);

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
	const words = new Uint32Array(16);
	chachaWords(key, counter, rounds, words, 0);
	const block = new DataView(new ArrayBuffer(64));
	for (const [index, word] of words.entries()) {
		block.setUint32(index * 4, word, true);
	}
	return new Uint8Array(block.buffer);
}

/** As chachaBlock, as 16 words from `at` on. */
export function chachaWords(
	key: Uint32Array,
	counter: number,
	rounds: 8 | 12 | 20,
	words: Uint32Array,
	at: number,
): void {
	INPUT.set(key, 4);
	INPUT[12] = counter;
	STATE.set(INPUT);
	for (let round = 0; round < rounds; round += 2) {
		quarterRound(0, 4, 8, 12);
		quarterRound(1, 5, 9, 13);
		quarterRound(2, 6, 10, 14);
		quarterRound(3, 7, 11, 15);
		quarterRound(0, 5, 10, 15);
		quarterRound(1, 6, 11, 12);
		quarterRound(2, 7, 8, 13);
		quarterRound(3, 4, 9, 14);
	}
	for (let index = 0; index < 16; index += 1) {
		words[at + index] = (STATE[index] ?? 0) + (INPUT[index] ?? 0);
	}
}

/** Four of the 16 words of the state, in place. */
function quarterRound(
	first: number,
	second: number,
	third: number,
	fourth: number,
): void {
	let a = STATE[first] ?? 0;
	let b = STATE[second] ?? 0;
	let c = STATE[third] ?? 0;
	let d = STATE[fourth] ?? 0;
	a = (a + b) | 0;
	d = turned(d ^ a, 16);
	c = (c + d) | 0;
	b = turned(b ^ c, 12);
	a = (a + b) | 0;
	d = turned(d ^ a, 8);
	c = (c + d) | 0;
	b = turned(b ^ c, 7);
	STATE[first] = a;
	STATE[second] = b;
	STATE[third] = c;
	STATE[fourth] = d;
}

function turned(word: number, bits: number): number {
	return (word << bits) | (word >>> (32 - bits));
}
