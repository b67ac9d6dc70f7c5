import { assert } from "chai";
import { PageCache } from "../../../src/paged/cache.ts";
import { PagedBlob } from "../../../src/paged/paged-blob.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import { importFrom } from "../../../src/transfer/index.ts";
import { readRaw } from "../../support/hosts/raw-file.ts";
import { physicalPage } from "../../support/oracles/page.ts";
import {
	assertSame,
	filled,
	joined,
	pattern,
} from "../../support/runs/bytes.ts";
import {
	hostTest,
	inMemory,
	type Suite,
	withStorage,
} from "../../support/runs/suite.ts";
import { exported, streamOf } from "../../support/stores/archives.ts";

const PAGE = 1000;
const FILE = "pages/6e616d65";
const HEADER = 8;

/** The bytes of a blob's pages that an export has. */
export function exportedPageRows(suite: Suite): void {
	const onHost = hostTest(suite);

	// The last page lies in one piece of the copy, at its very start, and in two.
	for (const pages of [0, 1, 129]) {
		onHost(
			`an export has zeros for what was cut from the last of ${pages + 1} pages`,
			(host) =>
				withStorage(host, async (storage) => {
					const size = pages * PAGE + 8;
					const paged = await openPaged(storage);
					await paged.append(pattern(pages * PAGE + 900));
					await paged.resize(size);
					const page = physicalPage(PAGE, pattern(8, pages * PAGE), 0, 8);
					const copy = await importedFile(storage);
					const start = HEADER + pages * page.length;
					assertSame(copy.subarray(start), page);
					assertSame(
						copy.subarray(0, start),
						(await readRaw(host, FILE)).subarray(0, start),
					);
				}),
		);
	}

	for (const [name, page] of [
		["that no slot validates", damaged(physicalPage(PAGE, text(), 8), 2)],
		["that is full", physicalPage(PAGE, text(), 8, PAGE)],
		["with a second length that is damaged", longerIsDamaged()],
	] as const) {
		onHost(`a page ${name} is exported as it is`, (host) =>
			withStorage(host, async (storage) => {
				await (await openPaged(storage)).close();
				const blob = await storage.open("pages", "name");
				await blob.write(0, page);
				await blob.sync();
				assertSame(
					(await importedFile(storage)).subarray(HEADER),
					await blob.read(0, blob.size),
				);
			}),
		);
	}

	onHost("a damaged page before the last one is exported as it is", (host) =>
		withStorage(host, async (storage) => {
			await (await openPaged(storage)).close();
			const blob = await storage.open("pages", "name");
			const before = physicalPage(PAGE, text(), 8);
			const last = physicalPage(PAGE, text().subarray(0, 8), 8);
			await blob.write(0, joined(before, last));
			await blob.sync();
			const copy = await importedFile(storage);
			assertSame(copy.subarray(HEADER), joined(before, last));
		}),
	);

	onHost(
		"an export has bytes up to the longer of the last page's lengths, and zeros behind it",
		(host) =>
			withStorage(host, async (storage) => {
				await (await openPaged(storage)).close();
				const torn = damaged(physicalPage(PAGE, text(), 8, 500), 8);
				const blob = await storage.open("pages", "name");
				await blob.write(0, torn);
				await blob.sync();
				const copy = (await importedFile(storage)).subarray(HEADER);
				assertSame(
					copy,
					joined(torn.subarray(0, 500), zeros(500), record(torn)),
				);
			}),
	);

	onHost(
		"the blob of an export whose last page was cut opens, and goes on",
		(host) =>
			withStorage(host, async (storage) => {
				const paged = await openPaged(storage);
				await paged.append(pattern(900));
				await paged.resize(8);
				const archive = await exported(storage);
				await withStorage(inMemory().host, async (other) => {
					await importFrom(other, streamOf(archive));
					const copy = await openPaged(other);
					assert.equal(copy.recovery.cut, "none");
					await copy.append(pattern(50, 8));
					await copy.sync();
					assertSame(await copy.read(0, copy.size), pattern(58));
				});
			}),
	);
}

async function openPaged(storage: Storage): Promise<PagedBlob> {
	const cache = new PageCache(storage, { pageSize: PAGE, pages: 4 });
	const blob = await storage.open("pages", "name");
	return PagedBlob.open(blob, { cache, writeBuffer: 2 * PAGE });
}

/** The blob's file in another store, after an import of the export. */
async function importedFile(storage: Storage): Promise<Uint8Array> {
	const archive = await exported(storage);
	const { host } = inMemory();
	await withStorage(host, async (other) => {
		await importFrom(other, streamOf(archive));
		await other.close();
	});
	return readRaw(host, FILE);
}

/** A page without zeros. */
function text(): Uint8Array {
	return filled(PAGE, 7);
}

function zeros(count: number): Uint8Array {
	return new Uint8Array(count);
}

function record(page: Uint8Array): Uint8Array {
	return page.subarray(PAGE);
}

/** The page with a byte of its record inverted. */
function damaged(page: Uint8Array, at: number): Uint8Array {
	page[PAGE + at] = ~(page[PAGE + at] ?? 0);
	return page;
}

/** A page whose second slot has the full length, and is damaged. */
function longerIsDamaged(): Uint8Array {
	return damaged(physicalPage(PAGE, text(), 8, PAGE), 8);
}
