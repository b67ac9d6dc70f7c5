import { placesOf } from "./share.ts";
import type { Suite } from "./suite.ts";

/** Which bits a row flips, and what its name calls each of them. */
export interface BitFlips {
	readonly flip: "flipped bit" | "flipped bit, one of each byte,";
	/** Copies of bytes, each with another bit flipped, or some of them where counts are a share. */
	flipped(whole: Uint8Array): Generator<Flipped>;
}

export interface Flipped {
	readonly bit: number;
	readonly bytes: Uint8Array;
}

/** Which bytes are damaged is decided in the core, and opening a store in a browser takes some 50 ms. */
export function bitFlips({ host }: Suite): BitFlips {
	return host === "opfs"
		? {
				flip: "flipped bit, one of each byte,",
				flipped: (whole) => flippedCopies(whole, 9),
			}
		: { flip: "flipped bit", flipped: (whole) => flippedCopies(whole) };
}

/** As BitFlips.flipped, of every so-manieth bit. */
export function* flippedCopies(
	whole: Uint8Array,
	step = 1,
): Generator<Flipped> {
	for (const place of placesOf(Math.ceil((whole.length * 8) / step))) {
		const bit = place * step;
		const bytes = whole.slice();
		bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
		yield { bit, bytes };
	}
}
