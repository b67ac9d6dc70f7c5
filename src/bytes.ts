import { StorageError } from "./errors.ts";

/**
 * This many zero bytes, for a length from a file or a caller: the platform may not have them.
 * Throws ERR_MEMORY.
 */
export function newBytes(length: number): Uint8Array<ArrayBuffer> {
	try {
		return new Uint8Array(length);
	} catch (cause) {
		throw outOfMemory(length, cause);
	}
}

/** For the RangeError of a platform that has no memory left. */
export function outOfMemory(size: number, cause: unknown): StorageError {
	return new StorageError(
		"ERR_MEMORY",
		`this platform cannot give ${size} bytes of memory`,
		{ expected: size },
		cause,
	);
}

/** How many bytes several buffers have together. */
export function lengthOf(parts: readonly Uint8Array[]): number {
	let length = 0;
	for (const part of parts) {
		length += part.length;
	}
	return length;
}

/** Two runs of bytes as one. */
export function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
	const bytes = new Uint8Array(head.length + tail.length);
	bytes.set(head);
	bytes.set(tail, head.length);
	return bytes;
}

/** Made once: sections are opened by the thousand, each with a name and an end. */
const DIGITS = Array.from({ length: 256 }, (_, byte) =>
	byte.toString(16).padStart(2, "0"),
);

export function hex(bytes: Uint8Array): string {
	let text = "";
	for (const byte of bytes) {
		text += DIGITS[byte];
	}
	return text;
}

/** Whether a text is the hex of bytes: compared without a new text. */
export function isHexOf(text: string | undefined, bytes: Uint8Array): boolean {
	return (
		text?.length === 2 * bytes.length &&
		bytes.every((byte, at) => text.startsWith(DIGITS[byte] ?? "", 2 * at))
	);
}
