import { assert } from "chai";

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
	return new TextEncoder().encode(text);
}

export function textOf(bytes: Uint8Array): string {
	return new TextDecoder().decode(bytes);
}

/** Consecutive values from `first` to `last`, both included, modulo 256. */
export function span(first: number, last: number): Uint8Array {
	return Uint8Array.from(
		{ length: last - first + 1 },
		(_, index) => first + index,
	);
}

/** Bytes in which no run repeats at a power of two. */
export function pattern(length: number, seed = 0): Uint8Array {
	const bytes = new Uint8Array(length);
	for (let at = 0; at < length; at += 1) {
		bytes[at] = (at + seed) % 251;
	}
	return bytes;
}

export function filled(length: number, value: number): Uint8Array {
	return new Uint8Array(length).fill(value);
}

export function joined(
	...parts: readonly Uint8Array[]
): Uint8Array<ArrayBuffer> {
	const length = parts.reduce((sum, part) => sum + part.length, 0);
	const whole = new Uint8Array(length);
	let at = 0;
	for (const part of parts) {
		whole.set(part, at);
		at += part.length;
	}
	return whole;
}

/** Spaces are for the reader; `00x11` stands for eleven zero bytes. */
export function fromHex(text: string): Uint8Array {
	const digits = text
		.replaceAll(/00x(\d+)/g, (_, count: string) => "00".repeat(Number(count)))
		.replaceAll(" ", "");
	return Uint8Array.from({ length: digits.length / 2 }, (_, index) =>
		Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16),
	);
}

const DIGITS = Array.from({ length: 256 }, (_, byte) =>
	byte.toString(16).padStart(2, "0"),
);

export function toHex(bytes: Uint8Array): string {
	let text = "";
	for (const byte of bytes) {
		text += DIGITS[byte];
	}
	return text;
}

/**
 * Compares without printing millions of bytes that differ, and without a call for each of millions
 * that do not.
 */
export function assertSame(found: Uint8Array, expected: Uint8Array): void {
	assert.equal(found.length, expected.length, "the length");
	let same = 0;
	while (same < found.length && found[same] === expected[same]) {
		same += 1;
	}
	assert.equal(same, found.length, "the first byte that differs");
}
