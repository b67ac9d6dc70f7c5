import type { StoreContext } from "../../storage/context.ts";
import { keepPages } from "../page-partition.ts";
import type { SectionCut } from "../report.ts";
import type { EntrySection } from "./entry-section.ts";

/**
 * Cuts what is left of an entry that is not whole from the end of a section whose pages are
 * recovered, durably; in a store that is open for reading, hides it. Answers all that opening has
 * cut of the section.
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
	// Appends are handed over page by page, so that a crash of ours leaves this.
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
 * A damaged page cannot be cut within: the entry that ends behind it stays too, with zeros for its
 * rest, and reads of it fail.
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
 * Keeps a copy of the pages from the one on in which the entries up to `count` end, and answers its
 * path.
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
