import type { PageVerdict } from "../core/answers.ts";
import { SEQUENTIAL_READ_BYTES } from "../host/read-sizes.ts";
import type { StoreContext } from "../storage/context.ts";
import type { PhysicalPages } from "./physical-pages.ts";

/** One physical page as it lies on disk, with its two slots and the resulting verdict. */
export interface PageInspection extends PageVerdict {
	/** The page's number, from 0 on. */
	readonly page: number;
	/** The physical page's first byte, in the blob (without the header). */
	readonly physicalOffset: number;
	/** 'full', 'partial' (expected only of the last page) or 'invalid'. */
	readonly verdict: "full" | "partial" | "invalid";
}

/**
 * Judges every whole physical page of a blob in order, and changes nothing. For tools: unflushed
 * bytes are not seen.
 */
export async function* inspectPages(
	storage: StoreContext,
	pages: PhysicalPages,
	pageSize: number,
): AsyncGenerator<PageInspection, void, undefined> {
	const step = pages.together(SEQUENTIAL_READ_BYTES);
	for (let first = 0; first < pages.count; first += step) {
		const count = Math.min(step, pages.count - first);
		yield* await pages.withPages(first, count, (address) =>
			Array.from({ length: count }, (_, index) => {
				const at = address + index * pages.stride;
				const judged = storage.core.pages.validatePage(at, pageSize);
				const page = first + index;
				const physicalOffset = page * pages.stride;
				return {
					...judged,
					page,
					physicalOffset,
					verdict: nameOf(judged, pageSize),
				};
			}),
		);
	}
}

function nameOf(
	{ slot, length }: PageVerdict,
	pageSize: number,
): PageInspection["verdict"] {
	if (slot === 0) {
		return "invalid";
	}
	return length === pageSize ? "full" : "partial";
}
