import { StorageError } from "./errors.ts";

/**
 * So many bytes, all zero, where a file or a caller says how many: the platform may not have them. Throws ERR_MEMORY.
 */
export function newBytes(length: number): Uint8Array<ArrayBuffer> {
	return withMemory(length, () => new Uint8Array(length));
}

/** Runs what takes `size` bytes from the platform, which throws RangeErrors where it has none left. */
export function withMemory<T>(size: number, take: () => T): T {
	try {
		return take();
	} catch (cause) {
		throw outOfMemory(size, cause);
	}
}

export function outOfMemory(size: number, cause: unknown): StorageError {
	return new StorageError(
		"ERR_MEMORY",
		`this platform cannot give ${size} bytes of memory`,
		{ expected: size },
		cause,
	);
}
