import { type ErrorPlace, isStorageError, StorageError } from "./errors.ts";

/** ERR_CLOSED: the subject was closed or dropped before this call. */
export function closed(subject: string, place: ErrorPlace = {}): StorageError {
	return new StorageError("ERR_CLOSED", `closed: ${subject}`, place);
}

/** ERR_READ_ONLY: the call would change a store that is open for reading. */
export function openForReading(
	subject: string,
	place: ErrorPlace,
): StorageError {
	const message = `${subject}: the store is open for reading only`;
	return new StorageError("ERR_READ_ONLY", message, place);
}

/**
 * ERR_POISONED: an earlier change of the file failed, so its bytes are unknown. When that change
 * failed because the store has another owner by now, its ERR_OWNER_LOST is returned instead.
 */
export function poisoned(
	path: string,
	failedStep: string,
	cause: unknown,
): StorageError {
	return isStorageError(cause) && cause.code === "ERR_OWNER_LOST"
		? cause
		: new StorageError(
				"ERR_POISONED",
				`${path}: refused after a failed ${failedStep}; close it and open it again`,
				{ path },
				cause,
			);
}

/** ERR_BLOB_INSUFFICIENT_LENGTH: the range ends behind the last of `size` bytes. */
export function tooShort(
	place: ErrorPlace,
	offset: number,
	length: number,
	size: number,
): StorageError {
	return new StorageError(
		"ERR_BLOB_INSUFFICIENT_LENGTH",
		`blob insufficient length: ${length} bytes at ${offset} of ${place.path}, which has ${size}`,
		{ ...place, offset, expected: offset + length, found: size },
	);
}
