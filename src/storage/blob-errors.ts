import { type ErrorPlace, StorageError } from "../errors.ts";
import { blobPath } from "./names.ts";

/** Of a blob, for the errors about it. */
export function placeOf(blob: {
	readonly partition: string;
	readonly hexName: string;
}): ErrorPlace {
	const { partition, hexName } = blob;
	return { path: blobPath(blob), partition, blob: hexName };
}

/**
 * ERR_BLOB_INSUFFICIENT_LENGTH: `length` bytes are asked for at an offset of a blob that has
 * `size`.
 */
export function insufficientLength(
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

/** ERR_READ_ONLY: what would change a blob is refused. */
export function openForReading(place: ErrorPlace): StorageError {
	const message = `${place.path}: the store is open for reading only`;
	return new StorageError("ERR_READ_ONLY", message, place);
}

/** ERR_CLOSED: whoever had a blob open has let go of it. */
export function closedBlob(place: ErrorPlace): StorageError {
	return new StorageError("ERR_CLOSED", `closed: ${place.path}`, place);
}
