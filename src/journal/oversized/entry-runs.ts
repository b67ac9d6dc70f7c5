import { isStorageError } from "../../errors.ts";
import type { OversizedSection } from "./oversized-section.ts";

export interface EntryRun {
	/** The position of the first entry. */
	readonly first: number;
	/** Undefined if the entries from `first` on cannot be read. */
	readonly bytes: Uint8Array | undefined;
}

/** As many entries as `bytes` hold, and at least one. */
export function entriesIn(
	{ entrySize }: OversizedSection,
	bytes: number,
): number {
	return Math.max(1, Math.floor(bytes / entrySize));
}

/** The last entries before `end` that can be read together, at most `most`. */
export async function runBefore(
	{ entrySize, layout, paged }: OversizedSection,
	end: number,
	most: number,
): Promise<EntryRun> {
	let first = Math.max(0, end - most);
	for (;;) {
		try {
			const length = (end - first) * entrySize;
			const bytes = await paged.reads.read(first * entrySize, length);
			return { first, bytes };
		} catch (error) {
			const start = damagedPageOf(error) * layout.pageSize;
			first = Math.ceil((start + layout.pageSize) / entrySize);
			if (first >= end) {
				return { first: Math.floor(start / entrySize), bytes: undefined };
			}
		}
	}
}

/**
 * The damaged page that an error names. Throws any other error: it tells nothing about the entries.
 */
function damagedPageOf(error: unknown): number {
	const isDamage =
		isStorageError(error) && error.code === "ERR_INVALID_CHECKSUM";
	if (!isDamage || error.place.page === undefined) {
		throw error;
	}
	return error.place.page;
}
