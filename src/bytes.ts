import { StorageError } from "./errors.ts";

/**
 * So many bytes, all zero, where a file or a caller says how many: the platform may not have them. Throws ERR_MEMORY.
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
