import type { StoreContext } from "../../storage/context.ts";
import { keepPages } from "../page-partition.ts";
import type { SectionCut } from "../report.ts";
import type { EntrySection } from "./entry-section.ts";

/**
 * Durably cuts an incomplete entry from the end of a section whose pages are recovered; in a store
 * that is open for reading, hides it. Returns all that opening cut from the section.
 */
export async function cutTornEntry(
	storage: StoreContext,
	section: bigint,
	open: EntrySection,
): Promise<SectionCut> {
	const { recovery } = open.paged;
	const cut: SectionCut = {
		section,
		why: recovery.cut === "none" ? [] : [recovery.cut],
		entriesKept: open.count,
		entriesCut: 0,
		bytesCut: recovery.bytesCut,
		valueBytesCut: 0,
		copies: recovery.copy === undefined ? [] : [recovery.copy],
	};
	const bytes = open.paged.size - open.size;
	if (bytes === 0) {
		return cut;
	}
	if (open.paged.endsDamaged) {
		await completeEntry(storage, open, bytes);
		return { ...cut, entriesKept: open.count };
	}
	// Appends are written page by page, so a crash of dualslot leaves this.
	const copies = recovery.foundCrash ? [] : await keepEntries(storage, open);
	if (!storage.readOnly) {
		await open.shrink(open.size);
	}
	return {
		...cut,
		why: [...cut.why, "torn-entry"],
		bytesCut: cut.bytesCut + bytes,
		copies: [...cut.copies, ...copies],
	};
}

/**
 * A damaged page cannot be cut inside. The entry that ends behind the page stays, completed with
 * zeros; reads of it reject.
 */
async function completeEntry(
	storage: StoreContext,
	{ paged, entrySize }: EntrySection,
	bytes: number,
): Promise<void> {
	if (!storage.readOnly) {
		await paged.resize(paged.size + entrySize - bytes);
	}
}

/**
 * Copies the pages from the one on in which the first `count` entries end. Returns the copy's path.
 */
export async function keepEntries(
	storage: StoreContext,
	open: EntrySection,
	count = open.count,
): Promise<string[]> {
	const { entrySize, pageSize } = open.layout;
	const size = count * entrySize;
	const copy = await keepPages(storage, open.blob, pageSize, size);
	return copy === undefined ? [] : [copy];
}
