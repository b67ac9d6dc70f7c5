import { placesOf } from "../runs/share.ts";
import type { Suite } from "../runs/suite.ts";

export interface Flipped {
	readonly bit: number;
	readonly bytes: Uint8Array;
}

/**
 * Gives a row copies of bytes, each with another bit flipped, or some of them in a share. The core
 * decides which bytes are damaged. Opening a store in a browser takes some 50 ms, so there one bit
 * of each byte is flipped.
 */
export function bitFlips({
	host,
}: Suite): (whole: Uint8Array) => Generator<Flipped> {
	const step = host === "opfs" ? 9 : 1;
	return (whole) => flippedCopies(whole, step);
}

/** Flips every `step`-th bit. */
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
