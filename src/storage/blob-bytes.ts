import { checkBytes, isBytes, ownBytes } from "../checks.ts";

/**
 * One buffer, or several that lie one after the other in the blob. They are the host's until the
 * call settles, and must not be transferred or change before. In memory that is shared or resizable
 * they are copied.
 */
export type Bytes = Uint8Array | readonly Uint8Array[];

/** What is to be written, without the parts that are nothing. */
export function writtenParts(bytes: Bytes): Uint8Array[] {
	return partsOf(bytes)
		.filter((part) => part.length > 0)
		.map(ownBytes);
}

/** Into the caller's targets, where others were filled in their place. */
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

/** Throws TypeError for what is no bytes. */
export function partsOf(bytes: Bytes): readonly Uint8Array[] {
	const parts = isBytes(bytes) ? [bytes] : bytes;
	if (!Array.isArray(parts)) {
		throw new TypeError("bytes are a Uint8Array or an array of them");
	}
	parts.forEach(checkBytes);
	return parts;
}
