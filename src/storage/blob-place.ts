import type { ErrorPlace } from "../errors.ts";
import { blobPath, type NamedBlob } from "./names.ts";

/** Where a blob is, for errors about it. */
export function placeOf(
	blob: NamedBlob,
): ErrorPlace & { readonly path: string } {
	const { partition, hexName } = blob;
	return { path: blobPath(blob), partition, blob: hexName };
}
