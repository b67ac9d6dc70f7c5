import { StorageError } from "../../../src/errors.ts";
import { FixedJournal } from "../../../src/journal/entries/fixed-journal.ts";
import { VariableJournal } from "../../../src/journal/items/variable-journal.ts";
import { OversizedJournal } from "../../../src/journal/oversized/oversized-journal.ts";
import { blobNameOfSection as nameOf } from "../../../src/journal/section.ts";
import { Glob } from "../../../src/journal/values/glob.ts";
import { PageCache } from "../../../src/paged/cache.ts";
import { PagedBlob } from "../../../src/paged/paged-blob.ts";
import type { OutsideReport } from "../../../src/storage/own-files/outside-change.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import { pattern } from "../runs/bytes.ts";
import { pathOf as pathOfSection, pointer } from "./journal-store.ts";

/** The blobs or sections of every kind, each with its own bytes, all of one length. */
export const SECTIONS = [1, 2, 3];
const ENTRY = { size: 20, offsetAt: 8, sizeAt: 16 };

/** A kind of content of a store's files. */
export interface Kind {
	readonly name: string;
	/** The partition whose files are changed. */
	readonly partition: string;
	/** Appends to each of SECTIONS, and closes all. */
	write(storage: Storage): Promise<void>;
	/** Opens everything; returns the report where there is one. */
	look(storage: Storage): Promise<OutsideReport | undefined>;
}

/** The path of a blob's or section's file. */
export function pathOf({ partition }: Kind, section: number): string {
	return pathOfSection(partition, BigInt(section));
}

export const KINDS: readonly Kind[] = [
	{
		name: "raw blobs",
		partition: "raw",
		write: async (storage) => {
			for (const section of SECTIONS) {
				const blob = await storage.open("raw", nameOf(BigInt(section)));
				await blob.write(blob.size, pattern(100, section));
				await blob.close();
			}
		},
		look: async (storage) => {
			for (const name of await namesIn(storage, "raw")) {
				await storage.open("raw", name);
			}
			return undefined;
		},
	},
	{
		name: "paged blobs",
		partition: "paged",
		write: async (storage) => {
			for (const section of SECTIONS) {
				const paged = await openPaged(storage, nameOf(BigInt(section)));
				await paged.append(pattern(100, section));
				await paged.close();
			}
		},
		look: async (storage) => {
			for (const name of await namesIn(storage, "paged")) {
				await openPaged(storage, name);
			}
			return undefined;
		},
	},
	{
		name: "a fixed journal",
		partition: "fixed",
		write: async (storage) => {
			const journal = await openFixed(storage);
			for (const section of SECTIONS) {
				await journal.append(section, pattern(16, section));
			}
			await journal.close();
		},
		look: async (storage) => (await openFixed(storage)).recovery,
	},
	{
		name: "a variable journal",
		partition: "variable",
		write: async (storage) => {
			const journal = await openVariable(storage);
			for (const section of SECTIONS) {
				await journal.append(section, pattern(30, section));
			}
			await journal.close();
		},
		look: async (storage) => (await openVariable(storage)).recovery,
	},
	{
		name: "a glob",
		partition: "glob",
		write: async (storage) => {
			const glob = await Glob.open(storage, { partition: "glob" });
			for (const section of SECTIONS) {
				await glob.append(section, pattern(30, section));
			}
			await glob.close();
		},
		look: async (storage) => {
			const glob = await Glob.open(storage, { partition: "glob" });
			for (const section of glob.sections()) {
				await glob.size(section);
			}
			return undefined;
		},
	},
	{
		name: "an oversized journal's values",
		partition: "values",
		write: async (storage) => {
			const journal = await openOversized(storage);
			for (const section of SECTIONS) {
				await journal.append(section, pointer(section), pattern(30, section));
			}
			await journal.close();
		},
		look: async (storage) => (await openOversized(storage)).recovery,
	},
];

/** None where the partition is missing. */
function namesIn(storage: Storage, partition: string): Promise<Uint8Array[]> {
	return storage.scan(partition).catch((error: unknown) => {
		if (
			error instanceof StorageError &&
			error.code === "ERR_PARTITION_MISSING"
		) {
			return [];
		}
		throw error;
	});
}

async function openPaged(
	storage: Storage,
	name: Uint8Array,
): Promise<PagedBlob> {
	const cache = new PageCache(storage, { pageSize: 64, pages: 1 });
	return PagedBlob.open(await storage.open("paged", name), { cache });
}

function openFixed(storage: Storage): Promise<FixedJournal> {
	const cache = new PageCache(storage, { pageSize: 64, pages: 4 });
	const partition = "fixed";
	const entry = { size: 16 };
	return FixedJournal.open(storage, { partition, cache, entry });
}

function openVariable(storage: Storage): Promise<VariableJournal> {
	const cache = new PageCache(storage, { pageSize: 64, pages: 4 });
	const writeBuffer = 1024;
	return VariableJournal.open(storage, {
		partition: "variable",
		...{ cache, writeBuffer },
	});
}

function openOversized(storage: Storage): Promise<OversizedJournal> {
	return OversizedJournal.open(storage, {
		index: "index",
		values: "values",
		cache: new PageCache(storage, { pageSize: 64, pages: 4 }),
		entry: ENTRY,
		...{ writeBuffer: 1024, valueBuffer: 1024 },
	});
}
