import type { ErrorPlace } from "../errors.ts";
import { blobPath } from "./names.ts";

/** Where a blob is, for errors about it. */
export function placeOf(blob: {
	readonly partition: string;
	readonly hexName: string;
}): ErrorPlace & { readonly path: string } {
	const { partition, hexName } = blob;
	return { path: blobPath(blob), partition, blob: hexName };
}
