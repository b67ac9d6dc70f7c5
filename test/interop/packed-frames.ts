import { createHash } from "node:crypto";
import { FRAME_SIZE } from "../../assembly/format.ts";
import type { Random } from "../support/runs/prng.ts";

/** Between neighbouring words of a frame. */
const STEP = 0x9e3779b9;

/** Words that count up from `fill` by STEP, little-endian: no two fills have one in the same place. */
export function fillFrame(frame: Uint8Array, fill: number): void {
	const words = new DataView(frame.buffer, frame.byteOffset, frame.length);
	let word = fill;
	for (let at = 0; at < frame.length; at += 4) {
		words.setUint32(at, word, true);
		word = (word + STEP) >>> 0;
	}
}

/** In hex: 32 digits. */
export function randomGuid(random: Random): string {
	return Buffer.from(random.bytes(16)).toString("hex");
}

/** `guid:fill`, as lines have it. */
export function randomWrite(random: Random, guid: string): string {
	return `${guid}:${random.word()}`;
}

/** One hash over frames of these fills, as `digest` answers it. */
export function digestOfFills(fills: readonly number[]): string {
	const hash = createHash("sha256");
	const frame = new Uint8Array(FRAME_SIZE);
	for (const fill of fills) {
		fillFrame(frame, fill);
		hash.update(frame);
	}
	return hash.digest("hex");
}
