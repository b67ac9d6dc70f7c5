import { type ErrorPlace, StorageError } from "../errors.ts";

/**
 * By whose rules a damaged manifest is judged. holt's take a length for true before its CRC is
 * looked at, so that one flipped bit can make the rest of the log a torn tail, and take a tail of
 * zeros for damage. dualslot's call torn what a crash explains, keep a copy of what they cut, and
 * call all else damage.
 */
export type Verdicts = "dualslot" | "holt-0.7.1";

/** ERR_MANIFEST_CORRUPT: `what` is damaged, as holt names it. */
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
