import { assert } from "chai";
import type { Host } from "../../../src/host/host.ts";
import { PageCache } from "../../../src/paged/cache.ts";
import { PagedBlob } from "../../../src/paged/paged-blob.ts";
import { Storage } from "../../../src/storage/storage.ts";
import { importFrom } from "../../../src/transfer/index.ts";
import type { TransferProgress } from "../../../src/transfer/progress.ts";
import { flippedCopies } from "../../support/disks/bit-flips.ts";
import { InterceptedHost } from "../../support/hosts/intercepted-host.ts";
import { existsRaw, imageOf, namesIn } from "../../support/hosts/raw-file.ts";
import { bytesOf, filled, joined, pattern } from "../../support/runs/bytes.ts";
import {
	assertFails,
	assertRefuses,
	callUntyped,
	failureOf,
	KERNEL_ERROR,
} from "../../support/runs/failure.ts";
import { callsInTurn, placesOf, SHARE } from "../../support/runs/share.ts";
import {
	hostTest,
	inMemory,
	MEMORY,
	type Suite,
	withStorage,
} from "../../support/runs/suite.ts";
import { exported, streamOf, tar } from "../../support/stores/archives.ts";

const HEADER = bytesOf("CWIC\0\0\0\0");

export function importRows(suite: Suite): void {
	stateRows(suite);
	damageRows(suite);
	foreignRows(suite);
	failureRows(suite);
	endRows(suite);
}

function stateRows(suite: Suite): void {
	const onHost = hostTest(suite);

	onHost(
		"what was imported is there at once, in the session that imported it and in the next",
		async (host) => {
			const archive = await sample();
			for (const session of ["this", "the next"]) {
				await withStorage(host, async (storage) => {
					if (session === "this") {
						await importFrom(storage, streamOf(archive));
					}
					const cache = new PageCache(storage, { pageSize: 64, pages: 4 });
					const blob = await storage.open("pages", "name");
					const paged = await PagedBlob.open(blob, { cache });
					assert.deepEqual(await paged.read(0, 900), pattern(900));
					await paged.close();
					const again = await storage.open("pages", "name");
					const other = new PageCache(storage, { pageSize: 32, pages: 4 });
					await assertFails("ERR_CONFIG", () =>
						PagedBlob.open(again, { cache: other }),
					);
					await storage.close();
				});
			}
		},
	);

	onHost(
		"a store that holds something, or has something open, imports nothing",
		(host) =>
			withStorage(host, async (storage) => {
				const archive = await sample();
				const blob = await storage.open("partition", "name");
				const call = () => importFrom(storage, streamOf(archive));
				await assertFails("ERR_NOT_EMPTY", call);
				await blob.close();
				await assertFails("ERR_NOT_EMPTY", call);
				assert.deepEqual(await namesIn(host, "partition"), ["6e616d65"]);
				await storage.remove("partition");
				await call();
			}),
	);

	onHost("a store that is open to read only imports nothing", async (host) => {
		await withStorage(host, (storage) => storage.close());
		const archive = await sample();
		await withStorage(
			host,
			(storage) =>
				assertFails("ERR_READ_ONLY", () =>
					importFrom(storage, streamOf(archive)),
				),
			{ readOnly: true },
		);
	});

	onHost(
		"a store that is to stay without dualslot's files imports blobs alone",
		async (host) => {
			await withStorage(
				host,
				async (storage) => {
					await importFrom(storage, streamOf(await sample()));
					await storage.close();
				},
				{ metadata: false },
			);
			assert.deepEqual(await namesIn(host), ["pages", "raw"]);
		},
	);

	onHost(
		"a blob that a crash has left, and nobody looked into, is looked into after the import",
		async (host) => {
			const { host: crashed } = inMemory();
			await withStorage(crashed, async (storage) => {
				const paged = await openPaged(storage);
				await paged.append(pattern(900));
				await paged.sync();
			});
			const archive = await withStorage(crashed, exported);
			await withStorage(host, async (storage) => {
				await importFrom(storage, streamOf(archive));
				await storage.close();
			});
			await withStorage(host, async (storage) => {
				assert.isTrue(storage.recovery.foundCrash);
				const paged = await openPaged(storage);
				assert.isTrue(paged.recovery.foundCrash);
				assert.equal(paged.recovery.cut, "none");
			});
		},
	);
}

function damageRows(suite: Suite): void {
	const onHost = hostTest(suite);

	onHost("an archive that is cut short anywhere is refused", (host) =>
		withStorage(host, async (storage) => {
			const archive = await small();
			// Each length costs an import: the ends of blocks, and the bytes around them, stand for all.
			const lengths = Array.from(archive.keys()).filter(
				(length) => (length + 3) % 512 < 6 || length % 61 === 0,
			);
			for (const at of placesOf(lengths.length)) {
				const length = lengths[at];
				const error = await assertFails("ERR_ARCHIVE", () =>
					importFrom(storage, streamOf(archive.subarray(0, length))),
				);
				assert.equal(error.place.found, length, `${length} bytes`);
			}
			await assertEmpty(host);
			await importFrom(storage, streamOf(archive));
		}),
	);

	onHost("a flipped bit of a header is refused, or changes nothing", (host) =>
		withStorage(host, async (storage) => {
			const archive = tar([{ path: "raw/00", content: HEADER }]);
			const whole = await imported(archive);
			const step = suite.host === "memory" && SHARE >= 1 ? 1 : 37;
			for (const { bit, bytes } of flippedCopies(
				archive.subarray(0, 512),
				step,
			)) {
				try {
					await importFrom(
						storage,
						streamOf(joined(bytes, archive.subarray(512))),
					);
				} catch (error) {
					assert.propertyVal(error, "code", "ERR_ARCHIVE", `bit ${bit}`);
					continue;
				}
				assert.include(whole, (await imageOf(host, "raw"))[0], `bit ${bit}`);
				await storage.remove("raw");
			}
		}),
	);
}

function foreignRows(suite: Suite): void {
	const onHost = hostTest(suite);

	onHost("names outside a store, and what is no file, are refused", (host) =>
		withStorage(host, async (storage) => {
			for (const path of [
				...["../00", "/raw/00", "raw/../00", "raw/./00", "raw", ""],
				...["raw/name", "raw/0", "raw/0A", "raw/00/00", "a b/00"],
				...["dualslot.other", `raw/${"00".repeat(128)}`, "dualslot.import"],
			]) {
				const archive = tar([
					{ path: "first/00", content: HEADER },
					{ path, content: HEADER },
				]);
				const error = await assertFails("ERR_ARCHIVE", () =>
					importFrom(storage, streamOf(archive)),
				);
				assert.equal(error.place.offset, 1024, path);
			}
			for (const type of ["1", "2", "3", "6", "L", "g", "S"]) {
				const archive = tar([{ path: "raw/00", content: HEADER, type }]);
				await assertFails("ERR_ARCHIVE", () =>
					importFrom(storage, streamOf(archive)),
				);
			}
			await assertEmpty(host);
		}),
	);

	onHost(
		"a name in an archive with a zero byte is refused, and not cut",
		(host) =>
			withStorage(host, async (storage) => {
				for (const path of [
					"raw/00\u0000/../../private",
					`raw/00\u0000${"x".repeat(200)}`,
				]) {
					const archive = tar([
						{ path: "first/00", content: HEADER },
						{ path, content: HEADER },
					]);
					const error = await assertFails("ERR_ARCHIVE", () =>
						importFrom(storage, streamOf(archive)),
					);
					assert.include(error.message, "zero byte");
				}
				await assertEmpty(host);
			}),
	);

	onHost(
		"two files of one name, and what follows the end, are refused",
		(host) =>
			withStorage(host, async (storage) => {
				const file = { path: "raw/00", content: HEADER };
				const whole = tar([file]);
				for (const archive of [
					tar([file, file]),
					joined(whole, whole),
					joined(whole, filled(1, 1)),
				]) {
					await assertFails("ERR_ARCHIVE", () =>
						importFrom(storage, streamOf(archive)),
					);
				}
				await assertEmpty(host);
				await importFrom(storage, streamOf(joined(whole, filled(9000, 0))));
			}),
	);

	onHost(
		"an archive with what recovery kept and what was being made is imported without them",
		(host) =>
			withStorage(host, async (storage) => {
				const archive = tar([
					{ path: "./raw/00", content: HEADER },
					{ path: "dualslot.tmp", content: pattern(700) },
					{ path: "dualslot.cut/raw.00.0.0", content: pattern(700) },
				]);
				const result = await importFrom(storage, streamOf(archive));
				assert.deepEqual(result, { files: 1, bytes: 8 });
				assert.deepEqual(await namesIn(host), ["dualslot.open", "raw"]);
			}),
	);

	onHost("a dualslot.json that is damaged is refused", (host) =>
		withStorage(host, async (storage) => {
			const archive = tar([
				{ path: "raw/00", content: HEADER },
				{ path: "dualslot.json", content: bytesOf("{}") },
			]);
			await assertFails("ERR_CONFIG", () =>
				importFrom(storage, streamOf(archive)),
			);
			await assertEmpty(host);
		}),
	);
}

function failureRows(suite: Suite): void {
	const onHost = hostTest(suite);
	const stride = suite.host === "opfs" ? 3 : 1;

	onHost(
		"an import that the host fails at any of its calls leaves an empty store",
		async (own) => {
			const host = new InterceptedHost(own);
			await withStorage(host, async (storage) => {
				const archive = await sample();
				for (const failing of callsInTurn(stride)) {
					let calls = 0;
					const step = <T>(_: unknown, call: () => T): T => {
						calls += 1;
						if (calls === failing) {
							throw KERNEL_ERROR;
						}
						return call();
					};
					host.hooks = {
						write: (path, _, call) => step(path, call),
						sync: step,
						syncDirectory: step,
						makeDirectory: step,
						rename: (from, _, call) => step(from, call),
					};
					const failure = await importFrom(storage, streamOf(archive)).then(
						() => undefined,
						(error: unknown) => error,
					);
					host.hooks = {};
					if (failure === undefined) {
						assert.isAbove(failing, 15);
						break;
					}
					assert.propertyVal(failure, "code", "ERR_IO");
					await assertEmpty(host);
				}
			});
		},
	);

	onHost(
		"a store that a failed import could not empty is refused, until it is opened again",
		async (own) => {
			const host = new InterceptedHost(own);
			await withStorage(host, async (storage) => {
				const archive = await sample();
				host.hooks.remove = () => {
					throw KERNEL_ERROR;
				};
				const cut = archive.subarray(0, archive.length - 1);
				const code = "ERR_IMPORT_INCOMPLETE";
				await assertFails(code, () => importFrom(storage, streamOf(cut)));
				await assertFails(code, () => storage.open("raw", "name"));
			});
			host.hooks = {};
			const opening = () =>
				Storage.open(host, { memory: MEMORY, readOnly: true });
			await assertFails("ERR_IMPORT_INCOMPLETE", opening);
			assert.isTrue(await existsRaw(host, "dualslot.import"));
			await withStorage(host, async (storage) => {
				await assertEmpty(host);
				await importFrom(storage, streamOf(await sample()));
			});
		},
	);
}

function endRows(suite: Suite): void {
	const onHost = hostTest(suite);

	onHost(
		"an import rejects with its signal's reason, cancels its source, and leaves an empty store",
		(host) =>
			withStorage(host, async (storage) => {
				const archive = await sample();
				for (const when of ["before", "waiting", "progress"]) {
					const reason = new Error(`ended ${when}`);
					const abort = new AbortController();
					const told: unknown[] = [];
					let pulls = 0;
					const source = new ReadableStream<Uint8Array>({
						pull(controller) {
							pulls += 1;
							if (when === "waiting" && pulls === 2) {
								abort.abort(reason);
								return new Promise(() => undefined);
							}
							controller.enqueue(archive.subarray(0, 3000));
						},
						cancel: (why) => {
							told.push(why);
						},
					});
					if (when === "before") {
						abort.abort(reason);
					}
					const progress = ({ bytes }: TransferProgress) => {
						if (when === "progress" && bytes > 0) {
							abort.abort(reason);
						}
					};
					const { signal } = abort;
					const failure = await failureOf(() =>
						importFrom(storage, source, { signal, progress }),
					);
					assert.equal(failure, reason);
					assert.deepEqual(told, [reason]);
					await assertEmpty(host);
				}
				await importFrom(storage, streamOf(archive));
			}),
	);

	onHost("an import rejects with what its source fails with", (host) =>
		withStorage(host, async (storage) => {
			const failure = new Error("the line is dead");
			const archive = await sample();
			let isGiven = false;
			const source = new ReadableStream<Uint8Array>({
				pull(controller) {
					if (isGiven) {
						controller.error(failure);
						return;
					}
					isGiven = true;
					controller.enqueue(archive.subarray(0, archive.length - 5000));
				},
			});
			assert.equal(await failureOf(() => importFrom(storage, source)), failure);
			await assertEmpty(host);
		}),
	);

	onHost("an import refuses what is no stream of bytes", (host) =>
		withStorage(host, async (storage) => {
			for (const source of [undefined, [], new Uint8Array()]) {
				await assertRefuses(TypeError, () =>
					callUntyped(storage, "importFrom", source),
				);
			}
			const text = new ReadableStream({
				start: (controller) => controller.enqueue("text"),
			});
			await assertRefuses(TypeError, () => importFrom(storage, text));
			await assertEmpty(host);
		}),
	);
}

/** An archive of a store with a paged blob and a raw one. */
function sample(): Promise<Uint8Array<ArrayBuffer>> {
	return withStorage(inMemory().host, async (storage) => {
		const paged = await openPaged(storage);
		await paged.append(pattern(900));
		const raw = await storage.open("raw", "name");
		await raw.write(0, pattern(300_000));
		return exported(storage);
	});
}

/** An archive with every kind of block: headers, a long name's, contents, padding and the end. */
async function small(): Promise<Uint8Array> {
	return tar([
		{ path: "raw/00", content: HEADER },
		{ path: `raw/${"00".repeat(120)}`, content: joined(HEADER, pattern(600)) },
	]);
}

async function openPaged(storage: Storage): Promise<PagedBlob> {
	const cache = new PageCache(storage, { pageSize: 64, pages: 4 });
	return PagedBlob.open(await storage.open("pages", "name"), { cache });
}

/** The files that an archive makes. */
async function imported(archive: Uint8Array): Promise<string[]> {
	const { host } = inMemory();
	await withStorage(host, (storage) => importFrom(storage, streamOf(archive)));
	return imageOf(host);
}

async function assertEmpty(host: Host): Promise<void> {
	const names = await namesIn(host);
	const own = ["dualslot.json", "dualslot.open", "dualslot.tmp"];
	assert.isEmpty(names.filter((name) => !own.includes(name)));
}
