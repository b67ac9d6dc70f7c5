import { assert } from "chai";
import { StorageError } from "../../../src/errors.ts";
import { PageCache } from "../../../src/paged/cache.ts";
import { PagedBlob } from "../../../src/paged/paged-blob.ts";
import { Storage } from "../../../src/storage/storage.ts";
import { importFrom } from "../../../src/transfer/index.ts";
import { InterceptedHost } from "../../support/hosts/intercepted-host.ts";
import { mangleRaw, writeRaw } from "../../support/hosts/raw-file.ts";
import { filled, pattern } from "../../support/runs/bytes.ts";
import {
	assertFails,
	DISK_FULL,
	KERNEL_ERROR,
} from "../../support/runs/failure.ts";
import { Listening } from "../../support/runs/listening.ts";
import {
	hostTest,
	inMemory,
	MEMORY,
	type Suite,
	withStorage,
} from "../../support/runs/suite.ts";
import { exported, streamOf } from "../../support/stores/archives.ts";
import {
	INDEX,
	JournalStore,
	numbered,
	pathOf,
	VALUES,
} from "../../support/stores/journal-store.ts";
import { append } from "../../support/stores/oversized-pairs.ts";
import { PagedStore } from "../../support/stores/paged-store.ts";
import { frame, writePages } from "../../support/stores/torn-items.ts";

const BLOB = { partition: "partition", blob: "626c6f62" };
const ONE = "0000000000000001";

/** Each event of a store of blobs, once, with its cause. */
export function eventRows(suite: Suite): void {
	bufferRows(suite);
	pageRows(suite);
	sectionRows(suite);
	storeRows(suite);
}

function bufferRows(suite: Suite): void {
	const test = hostTest(suite);

	test("a write buffer that is raised to its floor, or lowered to the window's share, is told by every kind of open", async (host) => {
		const heard = new Listening();
		const memory = 8 * 1024 * 1024;
		const store = await JournalStore.create(host, { memory, ...heard.options });
		await store.fixed({ partition: "fixed", writeBuffer: 1, ...own });
		await store.variable({ partition: "variable", writeBuffer: 1, ...own });
		await store.glob({ partition: "glob", writeBuffer: 1 });
		await store.oversized({ writeBuffer: 1, valueBuffer: 2, ...own });
		const { storage } = store;
		const options = { writeBuffer: 2 * 1024 * 1024, pageSize: 1 };
		await PagedBlob.open(storage, "partition", "blob", options);
		const raised = { kind: "buffer-raised", asked: 1, bytes: 200 } as const;
		assert.sameDeepMembers(heard.events, [
			{ ...raised, partition: "fixed" },
			{ ...raised, partition: "variable" },
			{ ...raised, partition: "glob", bytes: 4 },
			{ ...raised, partition: INDEX },
			{ ...raised, partition: VALUES, asked: 2, bytes: 4 },
			{
				...{ kind: "buffer-lowered", ...BLOB },
				...{ asked: 2 * 1024 * 1024, bytes: 161_319 },
			},
		]);
		await storage.close();
	});

	test("a write buffer of the size that was asked for, or of none, is not told", async (host) => {
		const heard = new Listening();
		await withStorage(
			host,
			async (storage) => {
				const sized = { writeBuffer: 200, pageSize: 100 };
				await PagedBlob.open(storage, "sized", "blob", sized);
				await PagedBlob.open(storage, "default", "blob");
			},
			heard.options,
		);
		assert.isEmpty(heard.events);
	});
}

const own = { cache: undefined as never, pageSize: 100 };

function pageRows(suite: Suite): void {
	const test = hostTest(suite);

	test("pages that an open cuts are told with their place and their copy", async (host) => {
		const heard = new Listening();
		const store = await PagedStore.create(host, heard.options);
		const paged = await store.open();
		await paged.append(pattern(50));
		await paged.close();
		await store.mangle(115, filled(130, 0xee));
		const { recovery } = await store.open();
		heard.assertOne({
			...{ kind: "pages-cut", ...BLOB, why: "torn-tail", size: 50 },
			...{ pages: 1, bytes: 130, copy: recovery.copy ?? "" },
		});
		await store.storage.close();
	});

	test("a store that is open for reading cuts no page, and tells of none", async (host) => {
		const heard = new Listening();
		const store = await PagedStore.create(host);
		const paged = await store.open();
		await paged.append(pattern(50));
		await paged.close();
		await store.mangle(115, filled(130, 0xee));
		await store.restart({ readOnly: true, ...heard.options });
		assert.equal((await store.open()).recovery.bytesCut, 130);
		assert.isEmpty(heard.events.filter(({ kind }) => kind === "pages-cut"));
		await store.storage.close();
	});

	test("damage that a crash does not explain is told, and so is the crash", async (host) => {
		const heard = new Listening();
		const store = await PagedStore.create(host, heard.options);
		const paged = await store.open();
		await paged.append(filled(412, 1));
		await paged.sync();
		await paged.drop();
		await store.mangle(115 + 10, Uint8Array.of(9));
		await store.crash(heard.options);
		await store.open();
		heard.assertOne({ kind: "pages-damaged", ...BLOB, pages: 1 });
		heard.assertOne({ kind: "crash-found" });
		await store.storage.close();
	});

	test("a last page that is read by its fallback slot is told", async (host) => {
		const heard = new Listening();
		const store = await PagedStore.create(host, heard.options);
		const paged = await store.open();
		for (const length of [40, 10]) {
			await paged.append(pattern(length));
			await paged.sync();
		}
		await paged.close();
		await store.mangle(103 + 6 + 2, Uint8Array.of(1, 2, 3));
		await store.open();
		heard.assertOne({
			...{ kind: "slot-fallback", ...BLOB },
			...{ page: 0, slot: 1, size: 40 },
		});
		await store.storage.close();
	});

	test("a first page that is made whole is told", async (host) => {
		const heard = new Listening();
		const sizes = { metadata: false, ...heard.options };
		const store = await PagedStore.create(host, sizes);
		const paged = await store.open();
		await paged.append(pattern(40));
		await paged.close();
		const blob = await store.blob();
		await blob.resize(103 + 6 + 3);
		await blob.close();
		await store.open();
		heard.assertOne({ kind: "page-completed", ...BLOB, bytes: 112 });
		await store.storage.close();
	});

	test("what an open erases of an earlier cut is told", async (host) => {
		const heard = new Listening();
		const store = await PagedStore.create(host);
		const paged = await store.open();
		await paged.append(pattern(90));
		await paged.sync();
		await paged.resize(8);
		await paged.close();
		await store.restart({ erase: true, ...heard.options });
		await store.open();
		heard.assertOne({ kind: "cut-erased", ...BLOB, bytes: 101 });
		await store.storage.close();
	});
}

function sectionRows(suite: Suite): void {
	const test = hostTest(suite);

	test("a section whose file was torn as it was made is made anew, and told with its number", async (host) => {
		await writeRaw(host, pathOf(INDEX, 1n), filled(3, 1));
		const heard = new Listening();
		const store = await JournalStore.create(host, heard.options);
		const journal = await store.fixed();
		heard.assertOne({
			...{ kind: "blob-recreated", partition: INDEX, blob: ONE },
			...{ bytes: 3, section: "1" },
		});
		await journal.append(1n, numbered(1));
		await store.storage.close();
	});

	test("the removal of a section that was found half done is told", async (host) => {
		const heard = new Listening();
		const store = await JournalStore.create(host, heard.options);
		const journal = await store.fixed();
		await journal.append(1n, numbered(1));
		await journal.sync(1n);
		await host.remove(pathOf(INDEX, 1n));
		await journal.removeSection(1n);
		heard.assertOne({
			...{ kind: "removal-repeated", partition: INDEX, section: "1" },
		});
		await store.storage.close();
	});

	test("an entry that was cut for want of its value is told, and values that no entry points at", async (host) => {
		const heard = new Listening();
		const store = await JournalStore.create(host, heard.options);
		let journal = await store.oversized();
		await append(journal, 1n, [0, 1, 2]);
		await append(journal, 2n, [5]);
		await journal.close();
		await store.resizeBlob(VALUES, 1n, 30);
		await store.storage.remove(INDEX, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 2));
		journal = await store.oversized();
		const { cuts, orphans } = journal.recovery;
		heard.assertOne({
			...{ kind: "entries-cut", partition: INDEX, section: "1" },
			...{ why: ["value-missing", "no-entry"], entriesKept: 1, entriesCut: 2 },
			...{ bytes: 40, valueBytes: 10, copies: cuts[0]?.copies ?? [] },
		});
		const [orphan] = orphans;
		heard.assertOne({
			...{ kind: "orphan-removed", partition: INDEX, section: "2" },
			...{ bytes: 20, copy: orphan?.copy ?? "" },
		});
		await store.storage.close();
	});

	test("values of which none is whole are told as damage", async (host) => {
		const heard = new Listening();
		const store = await JournalStore.create(host, heard.options);
		const journal = await store.oversized();
		await append(journal, 1n, [0]);
		await journal.append(1n, new Uint8Array(20), new Uint8Array(9_000_000));
		await append(journal, 1n, [1]);
		await journal.close();
		await mangleRaw(host, pathOf(VALUES, 1n), 8 + 9_000_004 + 20, filled(9, 7));
		await mangleRaw(host, pathOf(VALUES, 1n), 8 + 20, filled(9, 7));
		await store.oversized();
		heard.assertOne({
			...{ kind: "section-damaged", partition: INDEX, section: "1" },
		});
		await store.storage.close();
	});

	test("what is left of an item is told when it is cut", async (host) => {
		const heard = new Listening();
		const store = await JournalStore.create(host, {
			...{ pageSize: 64, ...heard.options },
		});
		const first = await store.variable();
		await first.append(1n, Uint8Array.of(1));
		await first.close();
		await writePages(store, 1n, Uint8Array.of(...frame(1, 2, 3), 9, 1));
		const journal = await store.variable();
		await journal.append(1n, Uint8Array.of(7));
		const [cut] = journal.recovery.cuts;
		heard.assertOne({
			...{ kind: "item-cut", partition: INDEX, section: "1" },
			...{ offset: 4, bytes: 2, copy: cut?.copy ?? "" },
		});
		await store.storage.close();
	});
}

function storeRows(suite: Suite): void {
	const test = hostTest(suite);

	test("a half import that an open empties is told", async (own) => {
		const host = new InterceptedHost(own);
		const archive = await withStorage(inMemory().host, async (storage) => {
			const blob = await storage.open("partition", "blob");
			await blob.write(0, pattern(10));
			return exported(storage);
		});
		await withStorage(host, async (storage) => {
			host.hooks.remove = () => {
				throw KERNEL_ERROR;
			};
			const cut = archive.subarray(0, archive.length - 1);
			const importing = () => importFrom(storage, streamOf(cut));
			await assertFails("ERR_IMPORT_INCOMPLETE", importing);
		});
		host.hooks = {};
		const heard = new Listening();
		await withStorage(host, async () => undefined, heard.options);
		heard.assertOne({ kind: "import-emptied" });
	});

	test("a file that somebody else has changed is told when it is opened", async (host) => {
		const heard = new Listening();
		const storage = await Storage.open(host, { memory: MEMORY });
		const blob = await storage.open("partition", "blob");
		await blob.write(0, pattern(10));
		await storage.close();
		await writeRaw(host, "partition/626c6f62", filled(30, 0));
		await withStorage(
			host,
			async (again) => {
				await assertFails("ERR_BLOB_CORRUPT", () =>
					again.open("partition", "blob"),
				);
			},
			heard.options,
		);
		const path = "partition/626c6f62";
		heard.assertOne({ kind: "changed-outside", path, what: "size" });
	});

	test("what a close cannot write down for want of room is told", async (own) => {
		const heard = new Listening();
		const host = new InterceptedHost(own);
		const options = { memory: MEMORY, ...heard.options };
		const storage = await Storage.open(host, options);
		const cache = new PageCache(storage, { pageSize: 100, pages: 1 });
		const blob = await storage.open("partition", "blob");
		const paged = await PagedBlob.open(blob, { cache });
		await paged.append(pattern(10));
		await paged.close();
		host.hooks.write = (path, _, call) => {
			if (path === "dualslot.tmp") {
				throw DISK_FULL;
			}
			return call();
		};
		await storage.close();
		heard.assertOne({ kind: "record-skipped", path: "dualslot.closed" });
	});

	test("a write that finds the disk full and is undone is told", async (own) => {
		const heard = new Listening();
		const host = new InterceptedHost(own);
		await withStorage(
			host,
			async (storage) => {
				const blob = await storage.open("partition", "blob");
				host.hooks.write = () => {
					throw DISK_FULL;
				};
				const error = await assertFails("ERR_NO_SPACE", () =>
					blob.write(0, pattern(10)),
				);
				assert.instanceOf(error, StorageError);
				host.hooks = {};
			},
			heard.options,
		);
		const path = "partition/626c6f62";
		heard.assertOne({ kind: "write-undone", path });
		assert.isEmpty(heard.errors);
	});
}
