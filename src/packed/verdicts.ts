import { type ErrorPlace, StorageError } from "../errors.ts";

/**
 * The rules for a damaged manifest. holt's rules trust a length before its CRC is checked, so that
 * one flipped bit can make the rest of the log a torn tail; and they take a tail of zeros for
 * damage. dualslot's rules cut only a tail that a crash explains, and keep a copy of it. All else
 * is damage.
 */
export type Verdicts = "dualslot" | "holt-0.7.1";

/** ERR_MANIFEST_CORRUPT: `what` is damaged, in holt's words. */
export function corruptManifest(
	what: string,
	path: string,
	offset: number,
	values: Pick<ErrorPlace, "expected" | "found"> = {},
): StorageError {
	return new StorageError(
		"ERR_MANIFEST_CORRUPT",
		`node corrupt at FileBlobStore::${what}: ${path} at ${offset}`,
		{ path, offset, ...values },
	);
}
