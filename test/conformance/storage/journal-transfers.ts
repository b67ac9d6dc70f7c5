import { assert } from "chai";
import { VariableJournal } from "../../../src/journal/items/variable-journal.ts";
import { OversizedJournal } from "../../../src/journal/oversized/oversized-journal.ts";
import { PageCache } from "../../../src/paged/cache.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import { importFrom } from "../../../src/transfer/index.ts";
import { pattern, toHex } from "../../support/runs/bytes.ts";
import {
	hostTest,
	inMemory,
	type Suite,
	withStorage,
} from "../../support/runs/suite.ts";
import {
	copiedWhile,
	exported,
	streamOf,
	withImported,
} from "../../support/stores/archives.ts";
import { pointer } from "../../support/stores/journal-store.ts";

const ENTRY = { size: 20, offsetAt: 8, sizeAt: 16 };

/** Journals that are exported during their work, and imported. */
export function journalTransferRows(suite: Suite): void {
	const onHost = hostTest(suite);

	onHost(
		"an oversized journal that is appended to while it is copied opens with nothing to repair",
		(host) =>
			withStorage(host, async (storage) => {
				const journal = await openOversized(storage);
				for (let id = 0; id < 40; id += 1) {
					await journal.append(id % 3, pointer(id), pattern(70, id));
				}
				const archive = await copiedWhile(storage, async (at) => {
					await journal.append(at % 5, pointer(at), pattern(70, at));
					await journal.syncAll();
				});
				await withImported(archive, async (other) => {
					const copy = await openOversized(other);
					assert.deepEqual(copy.recovery.cuts, []);
					assert.deepEqual(copy.recovery.orphans, []);
					assert.deepEqual(copy.sections(), [0n, 1n, 2n]);
					assert.equal(await copy.size(0), 14 * ENTRY.size);
				});
			}),
	);

	onHost(
		"a variable journal that is appended to while it is copied has the items of that moment in the copy, and goes on there",
		(host) =>
			withStorage(host, async (storage) => {
				const journal = await openVariable(storage);
				for (let id = 0; id < 40; id += 1) {
					await journal.append(id % 3, pattern(id * 20, id));
				}
				const items = await itemsOf(journal);
				const archive = await copiedWhile(storage, async (at) => {
					await journal.append(at % 5, pattern(70, at));
					await journal.syncAll();
				});
				assert.isAbove((await itemsOf(journal)).length, items.length);
				await withImported(archive, async (other) => {
					const copy = await openVariable(other);
					assert.deepEqual(await itemsOf(copy), items);
					await copy.append(2, pattern(70));
					assert.deepEqual(copy.recovery.cuts, []);
					assert.lengthOf(await itemsOf(copy), items.length + 1);
				});
			}),
	);

	onHost(
		"a torn item that was imported is cut by the first append behind it",
		async (host) => {
			const archive = await withStorage(inMemory().host, async (storage) => {
				const journal = await openVariable(storage);
				await journal.appendMany(1, [pattern(100), pattern(100)]);
				await journal.rewindSection(1, 150);
				return exported(storage);
			});
			await withStorage(host, async (storage) => {
				await importFrom(storage, streamOf(archive));
				const journal = await openVariable(storage);
				assert.equal(await journal.size(1), 150);
				assert.include(await journal.append(1, pattern(9)), { offset: 101 });
				assert.deepEqual(await itemsOf(journal), [
					`1 ${toHex(pattern(100))}`,
					`1 ${toHex(pattern(9))}`,
				]);
				const [cut] = journal.recovery.cuts;
				assert.equal(cut?.why, "torn-item");
			});
		},
	);
}

function openOversized(storage: Storage): Promise<OversizedJournal> {
	return OversizedJournal.open(storage, {
		index: "index",
		values: "values",
		cache: new PageCache(storage, { pageSize: 64, pages: 4 }),
		entry: ENTRY,
		writeBuffer: 1024,
		valueBuffer: 1024,
	});
}

function openVariable(storage: Storage): Promise<VariableJournal> {
	return VariableJournal.open(storage, {
		partition: "variable",
		cache: new PageCache(storage, { pageSize: 64, pages: 4 }),
		writeBuffer: 1024,
	});
}

/** All items, each in hex behind its section. */
async function itemsOf(journal: VariableJournal): Promise<string[]> {
	const items: string[] = [];
	for await (const { section, item } of journal.replay()) {
		items.push(`${section} ${toHex(item)}`);
	}
	return items;
}
