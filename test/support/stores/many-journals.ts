import type { Host } from "../../../src/host/host.ts";
import { FixedJournal } from "../../../src/journal/entries/fixed-journal.ts";
import { VariableJournal } from "../../../src/journal/items/variable-journal.ts";
import { OversizedJournal } from "../../../src/journal/oversized/oversized-journal.ts";
import { Glob } from "../../../src/journal/values/glob.ts";
import { PageCache } from "../../../src/paged/cache.ts";
import { contextOf, Storage } from "../../../src/storage/storage.ts";
import { assertSame } from "../runs/bytes.ts";
import { pointer, sixteen } from "./journal-store.ts";

const SECTIONS = [1n, 2n, 3n];

/** A journal whose n-th record of a section is sixteen times n. */
interface NumberedJournal {
	append(section: bigint, record: number): Promise<unknown>;
	get(section: bigint, record: number): Promise<Uint8Array>;
	syncAll(): Promise<void>;
}

export type OpenNumbered = (
	storage: Storage,
	partition: string,
	cache: PageCache,
) => Promise<NumberedJournal>;

/** Each kind of journal. */
export const JOURNAL_KINDS: readonly (readonly [string, OpenNumbered])[] = [
	[
		"fixed journals",
		async (storage, partition, cache) => {
			const entry = { size: 16 };
			const options = { partition, cache, entry };
			const journal = await FixedJournal.open(storage, options);
			return {
				append: (section, record) => journal.append(section, sixteen(record)),
				get: (section, record) => journal.get(section, record),
				syncAll: () => journal.syncAll(),
			};
		},
	],
	[
		"variable journals",
		async (storage, partition, cache) => {
			const journal = await VariableJournal.open(storage, { partition, cache });
			return {
				append: (section, record) => journal.append(section, sixteen(record)),
				get: (section, record) => journal.get(section, record * 17),
				syncAll: () => journal.syncAll(),
			};
		},
	],
	[
		"oversized journals",
		async (storage, partition, cache) => {
			const journal = await OversizedJournal.open(storage, {
				...{ index: partition, values: `${partition}-values`, cache },
				entry: { size: 20, offsetAt: 8, sizeAt: 16 },
			});
			return {
				append: (section, record) =>
					journal.append(section, pointer(record), sixteen(record)),
				get: (section, record) => journal.getValue(section, record * 20, 20),
				syncAll: () => journal.syncAll(),
			};
		},
	],
	[
		"globs",
		async (storage, partition) => {
			const journal = await Glob.open(storage, { partition });
			return {
				append: (section, record) => journal.append(section, sixteen(record)),
				get: (section, record) => journal.get(section, record * 20, 20),
				syncAll: () => journal.syncAll(),
			};
		},
	],
];

/** The memory of two sessions. */
export interface TwoMemories {
	readonly much: number;
	readonly little: number;
}

/**
 * Writes so many journals of a kind with much memory, all open at once. Then they are opened with
 * little, all at once too, read, appended to one after another and all at once, synced and read
 * again.
 */
export async function writeManyThenOpen(
	host: Host,
	open: OpenNumbered,
	count: number,
	{ much, little }: TwoMemories,
): Promise<void> {
	await inSession(host, open, count, much, async (journals) => {
		await appendToAll(journals, 0);
		await syncAll(journals);
		await appendAtOnce(journals, 1);
	});
	await inSession(host, open, count, little, async (journals) => {
		await assertRecords(journals, 2);
		await appendToAll(journals, 2);
		await assertRecords(journals, 3);
		await appendAtOnce(journals, 3);
		await syncAll(journals);
		await assertRecords(journals, 4);
	});
	await inSession(host, open, count, little, (journals) =>
		assertRecords(journals, 4),
	);
}

/**
 * One session with a clean close. The memory of every write buffer is released when all is synced:
 * it can be taken in one piece.
 */
async function inSession(
	host: Host,
	open: OpenNumbered,
	count: number,
	memory: number,
	body: (journals: readonly NumberedJournal[]) => Promise<void>,
): Promise<void> {
	const storage = await Storage.open(host, { memory });
	try {
		const cache = new PageCache(storage, { pageSize: 1024, pages: 2 });
		const free = contextOf(storage).arena.freeBytes;
		const journals: NumberedJournal[] = [];
		for (let index = 0; index < count; index += 1) {
			journals.push(await open(storage, `journal-${index}`, cache));
		}
		await body(journals);
		await syncAll(journals);
		// Values that were read lately give way.
		contextOf(storage).arena.allocate(free);
		await storage.close();
	} finally {
		await storage.drop();
	}
}

/** Appends a record to each section of each, one after another. */
async function appendToAll(
	journals: readonly NumberedJournal[],
	record: number,
): Promise<void> {
	for (const section of SECTIONS) {
		for (const journal of journals) {
			await journal.append(section, record);
		}
	}
}

/** As appendToAll, all at once. */
async function appendAtOnce(
	journals: readonly NumberedJournal[],
	record: number,
): Promise<void> {
	const appends = SECTIONS.flatMap((section) =>
		journals.map((journal) => journal.append(section, record)),
	);
	await Promise.all(appends);
}

async function syncAll(journals: readonly NumberedJournal[]): Promise<void> {
	await Promise.all(journals.map((journal) => journal.syncAll()));
}

/** Reads the first records of each section of each: they must be the appended ones. */
async function assertRecords(
	journals: readonly NumberedJournal[],
	count: number,
): Promise<void> {
	for (const journal of journals) {
		for (const section of SECTIONS) {
			for (let record = 0; record < count; record += 1) {
				assertSame(await journal.get(section, record), sixteen(record));
			}
		}
	}
}
