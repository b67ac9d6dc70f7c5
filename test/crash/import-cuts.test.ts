import { assert } from "chai";
import { test } from "vitest";
import { memoryHost } from "../../hosts/memory.ts";
import type { Host } from "../../src/host/host.ts";
import { FixedJournal } from "../../src/journal/entries/fixed-journal.ts";
import { PageCache } from "../../src/paged/cache.ts";
import { Storage } from "../../src/storage/storage.ts";
import { importFrom } from "../../src/transfer/index.ts";
import {
	CrashDisk,
	type CutMode,
	EMPTY_IMAGE,
	hostOf,
	WHOLE_FILES,
} from "../support/disks/crash-disk.ts";
import { CrashLog } from "../support/disks/crash-log.ts";
import { imageOf } from "../support/hosts/raw-file.ts";
import { pattern } from "../support/runs/bytes.ts";
import { assertFails } from "../support/runs/failure.ts";
import { type Random, seeded } from "../support/runs/prng.ts";
import { MEMORY, withStorage } from "../support/runs/suite.ts";
import { exported, streamOf } from "../support/stores/archives.ts";
import { numbered } from "../support/stores/journal-store.ts";

const MODES: readonly CutMode[] = ["prefix", "subset", "reorder"];
const CUTS_OF_A_STEP = 10;

test(
	"a power cut at any step of an import leaves an empty store or a whole one",
	seeded(async (random) => {
		const archive = await sample();
		const seen = await cutEverywhere(random, archive, (storage) =>
			importFrom(storage, streamOf(archive)),
		);
		assert.isAbove(seen.empty, 100);
		assert.isAbove(seen.whole, 10);
		assert.isAbove(seen.refused, 100);
	}),
);

test(
	"a power cut at any step of emptying a store after an import that failed leaves it empty",
	seeded(async (random) => {
		const archive = await sample();
		const cut = archive.subarray(0, archive.length - 1);
		const seen = await cutEverywhere(random, archive, (storage) =>
			assertFails("ERR_ARCHIVE", () => importFrom(storage, streamOf(cut))),
		);
		assert.isAbove(seen.empty, 100);
		assert.equal(seen.whole, 0);
	}),
);

interface Seen {
	/** Refused to who opens to read only; empty for who opens to write. */
	refused: number;
	empty: number;
	whole: number;
}

async function cutEverywhere(
	random: Random,
	archive: Uint8Array,
	work: (storage: Storage) => Promise<unknown>,
): Promise<Seen> {
	const whole = await storeOf(archive);
	const log = new CrashLog(memoryHost());
	await withStorage(log, async (storage) => {
		await work(storage);
		await storage.close();
	});
	const disk = new CrashDisk(EMPTY_IMAGE, WHOLE_FILES);
	const seen = { refused: 0, empty: 0, whole: 0 };
	for (const step of log.steps) {
		for (let cut = 0; cut < CUTS_OF_A_STEP; cut += 1) {
			const image = disk.cut(random.pick(MODES), step, random);
			const host = await hostOf(image);
			const { isRefused, found } = await opened(host);
			seen.refused += isRefused ? 1 : 0;
			seen.empty += found.length === 0 ? 1 : 0;
			if (found.length > 0) {
				assert.isFalse(isRefused);
				assert.deepEqual(found, whole);
				seen.whole += 1;
			}
		}
		disk.take(step);
	}
	return seen;
}

/** What an image holds for who opens it, besides the marker and the record of its close. */
async function opened(host: Host) {
	const isHalf = (await host.list(""))?.some(
		({ name }) => name === "dualslot.import",
	);
	const options = { memory: MEMORY, readOnly: true };
	if (isHalf) {
		await assertFails("ERR_IMPORT_INCOMPLETE", () =>
			Storage.open(host, options),
		);
	}
	await withStorage(host, (storage) => storage.close());
	return { isRefused: isHalf === true, found: await contentOf(host) };
}

async function contentOf(host: Host): Promise<string[]> {
	return (await imageOf(host)).filter(
		(line) => !/^dualslot\.(open|closed) /.test(line),
	);
}

async function storeOf(archive: Uint8Array): Promise<string[]> {
	const host = memoryHost();
	await withStorage(host, async (storage) => {
		await importFrom(storage, streamOf(archive));
		await storage.close();
	});
	return contentOf(host);
}

/** An archive of a store with two partitions, one of them a journal's. */
function sample(): Promise<Uint8Array> {
	return withStorage(memoryHost(), async (storage) => {
		const raw = await storage.open("raw", "name");
		await raw.write(0, pattern(3000));
		const journal = await FixedJournal.open(storage, {
			partition: "fixed",
			cache: new PageCache(storage, { pageSize: 64, pages: 4 }),
			entry: { size: 8 },
		});
		for (let section = 0; section < 3; section += 1) {
			await journal.append(section, numbered(section));
		}
		return exported(storage);
	});
}
