import { checkBytes, isBytes, ownBytes } from "../checks.ts";

/**
 * One buffer, or several that lie one after the other in the blob. The host uses them until the
 * call settles: they must not be changed or transferred before. Shared or resizable memory is
 * copied.
 */
export type Bytes = Uint8Array | readonly Uint8Array[];

/** The bytes to write, without empty parts. */
export function writtenParts(bytes: Bytes): Uint8Array[] {
	return partsOf(bytes)
		.filter((part) => part.length > 0)
		.map(ownBytes);
}

/** Copies into the caller's targets where copies of them were filled. */
export function copyBack(
	own: readonly Uint8Array[],
	targets: readonly Uint8Array[],
): void {
	for (const [index, part] of own.entries()) {
		if (part !== targets[index]) {
			targets[index]?.set(part);
		}
	}
}

/** Throws TypeError for anything but bytes. */
export function partsOf(bytes: Bytes): readonly Uint8Array[] {
	const parts = isBytes(bytes) ? [bytes] : bytes;
	if (!Array.isArray(parts)) {
		throw new TypeError("bytes are a Uint8Array or an array of them");
	}
	parts.forEach(checkBytes);
	return parts;
}
