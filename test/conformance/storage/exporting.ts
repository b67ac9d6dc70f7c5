import { assert } from "chai";
import type { Host } from "../../../src/host/host.ts";
import { FixedJournal } from "../../../src/journal/entries/fixed-journal.ts";
import { VariableJournal } from "../../../src/journal/items/variable-journal.ts";
import { Glob } from "../../../src/journal/values/glob.ts";
import { PageCache } from "../../../src/paged/cache.ts";
import { PagedBlob } from "../../../src/paged/paged-blob.ts";
import { Storage } from "../../../src/storage/storage.ts";
import { exportTo, importFrom } from "../../../src/transfer/index.ts";
import type { TransferProgress } from "../../../src/transfer/progress.ts";
import { InterceptedHost } from "../../support/hosts/intercepted-host.ts";
import { imageOf } from "../../support/hosts/raw-file.ts";
import {
	assertSame,
	bytesOf,
	pattern,
	span,
} from "../../support/runs/bytes.ts";
import {
	assertFails,
	assertRefuses,
	callUntyped,
	failureOf,
	KERNEL_ERROR,
} from "../../support/runs/failure.ts";
import {
	hostTest,
	inMemory,
	MEMORY,
	type Suite,
	withStorage,
} from "../../support/runs/suite.ts";
import {
	copiedWhile,
	exported,
	streamOf,
	withImported,
} from "../../support/stores/archives.ts";
import { numbered } from "../../support/stores/journal-store.ts";

export function exportRows(suite: Suite): void {
	wholeRows(suite);
	changeRows(suite);
	limitRows(suite);
	endRows(suite);
}

function wholeRows(suite: Suite): void {
	const onHost = hostTest(suite);

	onHost(
		"what is exported and imported has every file, byte for byte",
		async (host) => {
			const archive = await withStorage(host, async (storage) => {
				await fill(storage);
				const bytes = await exported(storage);
				await storage.close();
				return bytes;
			});
			assert.deepEqual(
				await importedImage(archive),
				(await imageOf(host)).filter(isOfStore),
			);
		},
	);

	onHost("the same files make the same archive in every host", (host) =>
		withStorage(host, async (storage) => {
			await fill(storage);
			const archive = await exported(storage);
			const elsewhere = inMemory().host;
			await withStorage(elsewhere, async (other) => {
				await fill(other);
				assertSame(archive, await exported(other));
			});
		}),
	);

	onHost("a store open to read only is exported as it is", async (host) => {
		const archive = await withStorage(host, async (storage) => {
			await fill(storage);
			const bytes = await exported(storage);
			await storage.close();
			return bytes;
		});
		const read = (storage: Storage) => exported(storage);
		assertSame(await withStorage(host, read, { readOnly: true }), archive);
	});

	onHost("an empty store is exported and imported", async (host) => {
		const archive = await withStorage(host, (storage) => exported(storage));
		assert.equal(archive.length, 1024);
		assert.deepEqual(await importedImage(archive), []);
	});

	onHost(
		"progress tells of every file, and its last sums are the result",
		(host) =>
			withStorage(host, async (storage) => {
				await fill(storage);
				const told: TransferProgress[] = [];
				const progress = (now: TransferProgress) => told.push(now);
				const result = await exportTo(storage, new WritableStream(), {
					progress,
				});
				const last = told[told.length - 1];
				assert.equal(last?.files, result.files);
				assert.equal(last?.bytes, result.bytes);
				assert.equal(last?.totalFiles, result.files);
				assert.equal(last?.totalBytes, result.bytes);
				assert.equal(new Set(told.map(({ path }) => path)).size, result.files);
				const archive = await exported(storage);
				const imported = await withStorage(inMemory().host, (other) =>
					importFrom(other, streamOf(archive)),
				);
				assert.deepEqual(imported, result);
			}),
	);
}

function changeRows(suite: Suite): void {
	const onHost = hostTest(suite);

	onHost(
		"what is appended while a paged blob is copied is not in the archive, and hurts nothing that is",
		(host) =>
			withPaged(host, async (paged, storage) => {
				await paged.append(pattern(300_000));
				const archive = await copiedWhile(storage, async () => {
					await paged.append(pattern(50, 9));
					await paged.sync();
				});
				assert.isAbove(paged.size, 300_000);
				await withImported(archive, async (other) => {
					const copy = await openPaged(other);
					assert.equal(copy.recovery.cut, "none");
					assertSame(await copy.read(0, copy.size), pattern(300_000));
				});
			}),
	);

	onHost(
		"a blob that is cut while it is copied is as long in the archive as it was",
		(host) =>
			withPaged(host, async (paged, storage) => {
				await paged.append(pattern(5000));
				const archive = await copiedWhile(storage, async (at) => {
					if (at === 0) {
						await paged.resize(100);
						await paged.append(pattern(900, 5));
						await paged.sync();
					}
				});
				await withImported(archive, async (other) => {
					const copy = await openPaged(other);
					assertSame(await copy.read(0, copy.size), pattern(5000));
				});
			}),
	);

	onHost(
		"a blob that is removed, and made anew, before it is copied is in the archive as it was",
		(host) =>
			withStorage(host, async (storage) => {
				const glob = await fill(storage);
				const image = await exported(storage);
				const archive = await copiedWhile(storage, async (at) => {
					if (at === 0) {
						await storage.remove("raw", "name");
						const made = await storage.open("raw", "name");
						await made.write(0, bytesOf("another"));
						await glob.destroy();
					}
				});
				assertSame(archive, image);
			}),
	);

	onHost(
		"bytes of a raw blob that are overwritten before they are copied are in the archive as they were",
		(host) =>
			withStorage(host, async (storage) => {
				const blob = await storage.open("raw", "name");
				await blob.write(0, pattern(400_000));
				const image = await exported(storage);
				const archive = await copiedWhile(storage, async (at) => {
					await blob.write(at * 50_000, pattern(3, 100));
					await blob.write(390_000, pattern(20_000, 100));
				});
				assertSame(archive, image);
			}),
	);
}

function limitRows(suite: Suite): void {
	const onHost = hostTest(suite);

	onHost(
		"a target that does not read on stops the reading of files",
		async (own) => {
			const host = new InterceptedHost(own);
			await withStorage(host, async (storage) => {
				const blob = await storage.open("raw", "name");
				await blob.write(0, pattern(2_000_000));
				let reads = 0;
				host.hooks.read = (_, call) => {
					reads += 1;
					return call();
				};
				const { readable, writable } = new TransformStream<
					Uint8Array,
					Uint8Array
				>();
				const exporting = exportTo(storage, writable);
				const reader = readable.getReader();
				let given = 0;
				for (;;) {
					const { done, value } = await reader.read();
					if (done) {
						break;
					}
					given += value.length;
					assert.isAtMost(reads, given / (128 * 1024) + 4);
				}
				await exporting;
				assert.isAbove(reads, 15);
			});
		},
	);

	onHost(
		"an export that would have to keep too much fails, and the change does not",
		(host) =>
			withStorage(host, async (storage) => {
				const blob = await storage.open("raw", "name");
				const length = 9 * 1024 * 1024;
				await blob.write(0, new Uint8Array(length));
				await assertFails("ERR_MEMORY", () =>
					copiedWhile(storage, (at) =>
						at === 0 ? blob.resize(0) : Promise.resolve(),
					),
				);
				assert.equal(blob.size, 0);
			}),
	);
}

function endRows(suite: Suite): void {
	const onHost = hostTest(suite);

	onHost(
		"an export rejects with its signal's reason, and aborts its target with that",
		(host) =>
			withStorage(host, async (storage) => {
				await fill(storage);
				for (const when of ["before", "meanwhile"]) {
					const reason = new Error(`ended ${when}`);
					const abort = new AbortController();
					const told: unknown[] = [];
					// It never takes the first piece.
					const target = new WritableStream<Uint8Array>({
						write: () => {
							abort.abort(reason);
							return new Promise(() => undefined);
						},
						abort: (why) => {
							told.push(why);
						},
					});
					if (when === "before") {
						abort.abort(reason);
					}
					const { signal } = abort;
					const failure = await failureOf(() =>
						exportTo(storage, target, { signal }),
					);
					assert.equal(failure, reason);
				}
				await fillMore(storage);
			}),
	);

	onHost("an export rejects with what its target fails with", (host) =>
		withStorage(host, async (storage) => {
			await fill(storage);
			const failure = new Error("no room");
			const target = new WritableStream<Uint8Array>({
				write: () => Promise.reject(failure),
			});
			assert.equal(await failureOf(() => exportTo(storage, target)), failure);
			await fillMore(storage);
		}),
	);

	onHost("what cannot be read fails the export", async (own) => {
		const host = new InterceptedHost(own);
		await withStorage(host, async (storage) => {
			await fill(storage);
			host.hooks.read = (path, call) => {
				if (path.startsWith("raw/")) {
					throw KERNEL_ERROR;
				}
				return call();
			};
			await assertFails("ERR_READ_FAILED", () => exported(storage));
			host.hooks = {};
			await fillMore(storage);
		});
	});

	onHost("a store that is closed ends its export", async (host) => {
		const storage = await Storage.open(host, { memory: MEMORY });
		await fill(storage);
		const target = new WritableStream<Uint8Array>({
			write: () => new Promise(() => undefined),
		});
		const failing = failureOf(() => exportTo(storage, target));
		await storage.close();
		assert.propertyVal(await failing, "code", "ERR_CLOSED");
		await assertFails("ERR_CLOSED", () => exported(storage));
	});

	onHost("an export refuses what is no stream and no signal", (host) =>
		withStorage(host, async (storage) => {
			await assertRefuses(TypeError, () =>
				callUntyped(storage, "exportTo", []),
			);
			for (const options of [{ signal: 1 }, { progress: 1 }]) {
				await assertRefuses(TypeError, () =>
					callUntyped(storage, "exportTo", new WritableStream(), options),
				);
			}
		}),
	);
}

/** Some of everything. Returns the glob. */
async function fill(storage: Storage): Promise<Glob> {
	const raw = await storage.open("raw", "name", { versions: [0, 3] });
	await raw.write(0, pattern(200_000));
	await storage.open("raw", "empty");
	await storage.open("raw", span(0, 100));
	await storage.open("none", "left");
	await storage.remove("none", "left");
	const cache = new PageCache(storage, { pageSize: 64, pages: 4 });
	const fixed = await FixedJournal.open(storage, {
		partition: "fixed",
		cache,
		entry: { size: 8 },
		writeBuffer: 1024,
	});
	await fixed.append(3, numbered(1));
	const variable = await VariableJournal.open(storage, {
		partition: "variable",
		cache,
		writeBuffer: 1024,
	});
	await variable.append(3, pattern(300));
	const glob = await Glob.open(storage, {
		partition: "glob",
		writeBuffer: 1024,
	});
	await glob.append(1, pattern(5000));
	await glob.append(2, pattern(50));
	return glob;
}

/** Shows that a store goes on after any export. */
async function fillMore(storage: Storage): Promise<void> {
	const more = await storage.open("more", "name");
	await more.writeSync(0, bytesOf("goes on"));
	await more.close();
	await exported(storage);
}

async function withPaged(
	host: Host,
	body: (paged: PagedBlob, storage: Storage) => Promise<void>,
): Promise<void> {
	await withStorage(host, async (storage) =>
		body(await openPaged(storage), storage),
	);
}

async function openPaged(storage: Storage): Promise<PagedBlob> {
	const cache = new PageCache(storage, { pageSize: 64, pages: 4 });
	const blob = await storage.open("pages", "name");
	return PagedBlob.open(blob, { cache, writeBuffer: 1024 });
}

/** All files of a store that was imported, and closed. */
async function importedImage(archive: Uint8Array): Promise<string[]> {
	const { host } = inMemory();
	await withStorage(host, async (storage) => {
		await importFrom(storage, streamOf(archive));
		await storage.close();
	});
	return (await imageOf(host)).filter(isOfStore);
}

/** Not dualslot.closed: it depends on the order of changes. */
function isOfStore(line: string): boolean {
	return !line.startsWith("dualslot.closed ");
}
