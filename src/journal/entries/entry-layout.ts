import { checkWhole } from "../../checks.ts";
import { pagedCapacity, writeBufferSize } from "../../paged/write-buffer.ts";

/** How entries lie in the pages of a section. */
export interface EntryLayout {
	/** Bytes of each entry. */
	readonly entrySize: number;
	readonly pageSize: number;
	/** Bytes of a write buffer: at least one entry. */
	readonly capacity: number;
}

/** Throws RangeError and TypeError for an invalid layout. */
export function entryLayout(
	entrySize: number,
	pageSize: number,
	writeBuffer?: number,
): EntryLayout {
	checkWhole("an entry's size", entrySize);
	const asked = Math.max(writeBufferSize(writeBuffer), entrySize);
	const capacity = pagedCapacity(asked, pageSize);
	if (entrySize < 1 || entrySize > capacity) {
		throw new RangeError(
			`an entry in pages of ${pageSize} bytes has 1 to ${capacity} bytes, not ${entrySize}`,
		);
	}
	return { entrySize, pageSize, capacity };
}
