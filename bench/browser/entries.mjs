// Numbered byte strings of one size, from a pool.
import { ENTRY } from "./sizes.mjs";

const POOL = Array.from({ length: 1024 }, (_, index) => {
	const bytes = new Uint8Array(ENTRY);
	let state = index + 1;
	for (let at = 0; at < ENTRY; at += 1) {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		bytes[at] = state >>> 24;
	}
	return bytes;
});

export function entryAt(index) {
	return POOL[index % POOL.length];
}

/** What every store's digest of these must be. */
export function digestOf(indices) {
	let digest = 0;
	for (const index of indices) {
		digest += partOf(entryAt(index));
	}
	return digest;
}

/** What an entry adds to a digest. */
export function partOf(bytes) {
	return bytes[0] * 256 + bytes[bytes.length - 1];
}

/** Numbers below `count`, the same in each run. */
export function scattered(length, count) {
	return Array.from(
		{ length },
		(_, index) => (Math.imul(index + 1, 0x9e3779b1) >>> 0) % count,
	);
}
