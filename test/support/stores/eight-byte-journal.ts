import { type NodeStorageOptions, openStorage } from "../../../hosts/node.ts";
import { FixedJournal } from "../../../src/journal/entries/fixed-journal.ts";
import { PageCache } from "../../../src/paged/cache.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import { filled } from "../runs/bytes.ts";

export const PARTITION = "events";

/** With entries of eight bytes. */
export async function journalOf(
	storage: Storage,
	name = PARTITION,
): Promise<FixedJournal> {
	const cache = new PageCache(storage, { pageSize: 64, pages: 4 });
	const entry = { size: 8 };
	return FixedJournal.open(storage, { partition: name, cache, entry });
}

/** Two hundred entries that are acknowledged. */
export async function appended(
	journal: FixedJournal,
	section: bigint,
	byte: number,
): Promise<void> {
	await journal.appendMany(section, filled(200 * 8, byte));
	await journal.sync(section);
}

/** Its sections in the store at a path, and their bytes. */
export async function found(
	at: string,
	options: NodeStorageOptions = {},
): Promise<[bigint, number][]> {
	const storage = await openStorage(at, options);
	const journal = await journalOf(storage);
	const sizes: [bigint, number][] = [];
	for (const section of journal.sections()) {
		sizes.push([section, await journal.size(section)]);
	}
	await storage.close();
	return sizes;
}
