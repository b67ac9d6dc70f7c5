import type { ValueVerdict } from "../../core/answers.ts";
import { StorageError } from "../../errors.ts";
import { placeOf } from "../../storage/blob-place.ts";
import type { StorageBlob } from "../../storage/storage-blob.ts";
import type { ValuePlace } from "./value.ts";

/** For a place that is none of the `found` bytes of a section. */
export function insufficient(
	blob: StorageBlob,
	{ offset, size }: ValuePlace,
	found: number,
): StorageError {
	const { path, ...place } = placeOf(blob);
	return new StorageError(
		"ERR_BLOB_INSUFFICIENT_LENGTH",
		`blob insufficient length: a value of ${size} bytes at ${offset} of ${path}, which has ${found}`,
		{ ...place, offset, expected: offset + size, found },
	);
}

/** For a value that is not whole. */
export function damaged(
	blob: StorageBlob,
	offset: number,
	{ stored, computed }: ValueVerdict,
): StorageError {
	const { path, ...place } = placeOf(blob);
	return new StorageError(
		"ERR_INVALID_CHECKSUM",
		`invalid or missing checksum: the value at ${offset} of ${path} has ${computed}, and ${stored} behind it`,
		{ ...place, offset, expected: stored, found: computed },
	);
}
