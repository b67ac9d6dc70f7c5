import { assert } from "chai";
import type { VariableJournal } from "../../../src/journal/items/variable-journal.ts";
import { physicalPage } from "../oracles/page.ts";
import { joined } from "../runs/bytes.ts";
import { INDEX, type JournalStore } from "./journal-store.ts";

const PAGE_SIZE = 64;

/** A section's blob as another writer would leave it: any bytes in good pages of 64. */
export async function writePages(
	store: JournalStore,
	section: bigint,
	bytes: Uint8Array,
): Promise<void> {
	const pages: Uint8Array[] = [];
	for (let at = 0; at < bytes.length; at += PAGE_SIZE) {
		const data = bytes.subarray(at, at + PAGE_SIZE);
		pages.push(physicalPage(PAGE_SIZE, data, data.length));
	}
	await store.withBlob(INDEX, section, async (blob) => {
		await blob.resize(0);
		await blob.write(0, joined(...pages));
		await blob.sync();
	});
}

/** A frame with a length of one byte. */
export function frame(...item: readonly number[]): Uint8Array {
	return Uint8Array.of(item.length, ...item);
}

/** A section's items in a replay. */
export async function itemsOf(
	journal: VariableJournal,
	section: bigint,
): Promise<number[][]> {
	const items: number[][] = [];
	for await (const found of journal.replay({ from: section })) {
		if (found.section === section) {
			items.push([...found.item]);
		}
	}
	return items;
}

export async function assertItems(
	journal: VariableJournal,
	section: bigint,
	items: readonly (readonly number[])[],
): Promise<void> {
	assert.deepEqual(
		await itemsOf(journal, section),
		items.map((item) => [...item]),
	);
}
