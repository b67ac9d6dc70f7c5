import { assert } from "chai";
import type { StorageErrorCode } from "../../../src/errors.ts";
import type { Host } from "../../../src/host/host.ts";
import { PageCache } from "../../../src/paged/cache.ts";
import { PagedBlob } from "../../../src/paged/paged-blob.ts";
import { contextOf, Storage } from "../../../src/storage/storage.ts";
import { UNSYNCED_WINDOW } from "../../../src/storage/unsynced-window.ts";
import { importFrom } from "../../../src/transfer/index.ts";
import { bitFlips } from "../../support/disks/bit-flips.ts";
import { InterceptedHost } from "../../support/hosts/intercepted-host.ts";
import {
	existsRaw,
	imageOf,
	readRaw,
	truncateRaw,
	writeRaw,
} from "../../support/hosts/raw-file.ts";
import { bytesOf, pattern, textOf } from "../../support/runs/bytes.ts";
import { assertFails } from "../../support/runs/failure.ts";
import {
	hostTest,
	MEMORY,
	type Suite,
	withStorage,
} from "../../support/runs/suite.ts";
import { streamOf, tar } from "../../support/stores/archives.ts";
import { sealed, sealedConfig } from "../../support/stores/own-files.ts";

const CONFIG = "dualslot.json";
const MARKER = "dualslot.open";
const IMPORT = "dualslot.import";
const LEFT = "dualslot.closed";
const BLOB = "pages/6e616d65";
const OWN_FILES = [CONFIG, MARKER, IMPORT];
const TOO_LARGE = 64 * 1024 * 1024 + 1;

/** Partitions that a dualslot.json may not have, by their fault. */
const MISFITS: Readonly<Record<string, unknown>> = {
	"no object": null,
	"a list": [1],
	"a partition that is nothing": { pg: null },
	"a name that leads out": { "../..": { kind: "paged", pageSize: 64 } },
	"a name of nothing": { "": { kind: "paged", pageSize: 64 } },
	"no kind": { pg: { pageSize: 64 } },
	"a kind of every object": { pg: { kind: "toString", pageSize: 64 } },
	"a page of nothing": { pg: { kind: "paged", pageSize: 0 } },
	"a page that is too large": { pg: { kind: "paged", pageSize: 65536 } },
	"a page and a half": { pg: { kind: "paged", pageSize: 1.5 } },
	"a page of text": { pg: { kind: "paged", pageSize: "64" } },
	"a field too many": { pg: { kind: "paged", pageSize: 64, entry: 1 } },
	"no entry": { pg: { kind: "fixed", pageSize: 64 } },
	"an entry of nothing": {
		pg: { kind: "fixed", pageSize: 64, entry: { size: 0 } },
	},
	"another compression": {
		pg: { kind: "variable", pageSize: 64, compression: "gzip" },
	},
	"an index that leads out": { pg: { kind: "glob", index: "../index" } },
	"values that lead out": {
		pg: {
			...{ kind: "oversized", pageSize: 64, values: "../values" },
			entry: { size: 20, offsetAt: 8, sizeAt: 16 },
		},
	},
	"a width that no field has": {
		pg: {
			...{ kind: "oversized", pageSize: 64, values: "values" },
			entry: { size: 20, offsetAt: 0, sizeAt: 8, sizeWidth: 9 },
		},
	},
	"an entry without room": {
		pg: {
			...{ kind: "oversized", pageSize: 64, values: "values" },
			entry: { size: 12, offsetAt: 8, sizeAt: 0 },
		},
	},
};

/** A format that no own file has yet. */
const LATER = 4;

export function ownFileRows(suite: Suite): void {
	versionRows(suite);
	configRows(suite);
	markerRows(suite);
	importRows(suite);
}

function versionRows(suite: Suite): void {
	const onHost = hostTest(suite);

	onHost(
		"an own file of a later version is refused, and nothing is changed for it",
		async (host) => {
			await makeStore(host);
			for (const path of OWN_FILES) {
				const content = { anything: [1, { else: "there" }] };
				await withFile(host, path, sealed(LATER, content), async () => {
					await assertRefused(host, "ERR_VERSION", path);
				});
			}
			await assertWhole(host);
		},
	);

	onHost(
		"a later version whose checksum is wrong is damage, and no version",
		async (host) => {
			await makeStore(host);
			const bytes = sealed(LATER, { partitions: {} });
			bytes[bytes.length - 4] = 0x20;
			await withFile(host, CONFIG, bytes, () =>
				assertRefused(host, "ERR_CONFIG", CONFIG),
			);
			await assertWhole(host);
		},
	);

	onHost(
		"an own file that is too large is refused, or taken for damaged, before it is read",
		async (host) => {
			await makeStore(host);
			const watched = new InterceptedHost(host);
			for (const path of OWN_FILES) {
				await withFile(host, path, bytesOf(""), async () => {
					await truncateRaw(host, path, TOO_LARGE);
					watched.hooks.read = (read, call) => {
						assert.notEqual(read, path);
						return call();
					};
					if (path === MARKER) {
						await assertOwesAll(watched);
					} else {
						await assertFails("ERR_CONFIG", () =>
							Storage.open(watched, { memory: MEMORY, readOnly: true }),
						);
					}
				});
			}
			await assertWhole(host);
		},
	);

	onHost(
		"a blob, and each own file, is durable before it gets its name",
		async (own) => {
			const host = new InterceptedHost(own);
			const unsynced = new Set<string>();
			const named: string[] = [];
			host.hooks = {
				write: (path, _write, call) => {
					unsynced.add(path);
					return call();
				},
				sync: async (path, call) => {
					await call();
					unsynced.delete(path);
				},
				rename: (from, to, call) => {
					assert.notInclude([...unsynced], from, to);
					named.push(to);
					return call();
				},
			};
			await makeStore(host);
			assert.includeMembers(named, [CONFIG, MARKER, LEFT, BLOB]);
		},
	);

	onHost("an archive with an own file of a later version is refused", (host) =>
		withStorage(host, async (storage) => {
			for (const path of [CONFIG, MARKER]) {
				const archive = tar([{ path, content: sealed(LATER, {}) }]);
				await assertFails("ERR_VERSION", () =>
					importFrom(storage, streamOf(archive)),
				);
			}
		}),
	);
}

function configRows(suite: Suite): void {
	const onHost = hostTest(suite);

	onHost(
		"dualslot.json that says what no store can be is refused, though its checksum is right",
		async (host) => {
			await makeStore(host);
			for (const [what, partitions] of Object.entries(MISFITS)) {
				const bytes = sealedConfig(partitions);
				await withFile(host, CONFIG, bytes, () =>
					assertRefused(host, "ERR_CONFIG", CONFIG, what),
				);
			}
			await assertWhole(host);
		},
	);

	onHost(
		"dualslot.json that is nested deeply is refused, as any other that is none",
		async (host) => {
			await makeStore(host);
			for (const levels of [20, 1000, 100_000]) {
				const text = `{"format":1,"partitions":${"[".repeat(levels)}${"]".repeat(levels)}}`;
				await withFile(host, CONFIG, bytesOf(text), () =>
					assertRefused(host, "ERR_CONFIG", CONFIG),
				);
			}
			await assertWhole(host);
		},
	);

	onHost(
		"an archive whose dualslot.json says what no store can be is refused",
		(host) =>
			withStorage(host, async (storage) => {
				for (const partitions of Object.values(MISFITS)) {
					const content = sealedConfig(partitions);
					const archive = tar([{ path: CONFIG, content }]);
					await assertFails("ERR_CONFIG", () =>
						importFrom(storage, streamOf(archive)),
					);
				}
				await storage.close();
			}),
	);
}

function markerRows(suite: Suite): void {
	const onHost = hostTest(suite);
	const flipped = bitFlips(suite);

	onHost(
		`any flipped bit of dualslot.open owes every blob a look within 8 MiB`,
		async (host) => {
			await makeStore(host);
			const owed = sealed(2, { window: 4096, owed: ["pages/6e616d65"] });
			for (const whole of [owed, owed.subarray(0, 40)]) {
				for (const { bytes } of flipped(whole)) {
					await withFile(host, MARKER, bytes, () => assertOwesAll(host));
				}
			}
			await assertWhole(host);
		},
	);

	onHost(
		"dualslot.open with a window that no version has owes every blob a look within 8 MiB",
		async (host) => {
			await makeStore(host);
			const owed = "all";
			for (const window of [-1, 0, 0.5, UNSYNCED_WINDOW + 1, 2 ** 53, "8"]) {
				for (const bytes of [
					sealed(2, { window, owed }),
					bytesOf(`${JSON.stringify({ window, owed })}\n`),
				]) {
					await withFile(host, MARKER, bytes, () => assertOwesAll(host));
				}
			}
			await assertWhole(host);
		},
	);

	onHost(
		"dualslot.open names blobs alone, and what a version without checksums wrote is heeded",
		async (host) => {
			await makeStore(host);
			const window = UNSYNCED_WINDOW;
			for (const path of ["../../etc/6e616d65", "pages", "pages/NAME", 7]) {
				const bytes = sealed(2, { window, owed: [path] });
				await withFile(host, MARKER, bytes, () => assertOwesAll(host));
			}
			const unsealed = `{"window":${window},"owed":["other/6e616d65"]}\n`;
			await withFile(host, MARKER, bytesOf(unsealed), () =>
				withReader(host, (storage) => {
					const { marker } = contextOf(storage);
					assert.isFalse(marker.owes("pages/6e616d65"));
					assert.isTrue(marker.owes("other/6e616d65"));
				}),
			);
		},
	);
}

function importRows(suite: Suite): void {
	const onHost = hostTest(suite);

	onHost(
		"dualslot.import in a store that counts as whole is refused, and nothing is emptied",
		async (host) => {
			await makeStore(host);
			const raised = sealed(2, { window: UNSYNCED_WINDOW, owed: "all" });
			const foreign = [
				...[bytesOf(""), bytesOf("anything"), bytesOf("{}")],
				sealed(2, { import: "another", marker: true }),
				sealed(2, { import: "another", marker: false }),
				sealed(2, { import: 7, marker: true }),
				sealed(2, {}),
			];
			for (const bytes of foreign) {
				await withFile(host, IMPORT, bytes, async () => {
					await assertRefused(host, "ERR_CONFIG", IMPORT);
					await withFile(host, MARKER, raised, () =>
						assertRefused(host, "ERR_CONFIG", IMPORT),
					);
				});
			}
			await assertWhole(host);
		},
	);

	onHost(
		"dualslot.import names the import that the marker names",
		async (own) => {
			const host = new InterceptedHost(own);
			const names: unknown[] = [];
			await withStorage(host, async (storage) => {
				host.hooks.remove = async (path, call) => {
					if (path === IMPORT) {
						names.push(await saidIn(host, IMPORT, "import"));
						names.push(await saidIn(host, MARKER, "importing"));
					}
					return call();
				};
				const content = bytesOf("CWIC\0\0\0\0");
				const archive = tar([{ path: "raw/00", content }]);
				await importFrom(storage, streamOf(archive));
				host.hooks = {};
				await storage.close();
			});
			assert.lengthOf(names, 2);
			assert.isString(names[0]);
			assert.equal(names[0], names[1]);
		},
	);

	onHost(
		"a store that is closed with a part of an import in it is emptied when it is opened again",
		async (own) => {
			const host = new InterceptedHost(own);
			await withStorage(host, async (storage) => {
				const content = bytesOf("CWIC\0\0\0\0");
				const archive = tar([{ path: "raw/00", content }]);
				host.hooks.remove = () => {
					throw new Error("not removed");
				};
				const cut = archive.subarray(0, archive.length - 1);
				await assertFails("ERR_IMPORT_INCOMPLETE", () =>
					importFrom(storage, streamOf(cut)),
				);
				host.hooks = {};
				await storage.close();
			});
			await withStorage(host, async (storage) => {
				await assertFails("ERR_PARTITION_MISSING", () => storage.scan("raw"));
			});
		},
	);
}

/** A store with a blob of pages, closed clean. */
async function makeStore(host: Host): Promise<void> {
	await withStorage(host, async (storage) => {
		const paged = await openPaged(storage);
		await paged.append(pattern(300));
		await storage.close();
	});
}

async function assertWhole(host: Host): Promise<void> {
	await withStorage(host, async (storage) => {
		const paged = await openPaged(storage);
		assert.deepEqual(await paged.read(0, 300), pattern(300));
		assert.equal(paged.size, 300);
		await storage.close();
	});
}

async function openPaged(storage: Storage): Promise<PagedBlob> {
	const cache = new PageCache(storage, { pageSize: 64, pages: 4 });
	return PagedBlob.open(await storage.open("pages", "name"), { cache });
}

/** Replaces a file's bytes for a while. */
async function withFile(
	host: Host,
	path: string,
	bytes: Uint8Array,
	body: () => Promise<unknown>,
): Promise<void> {
	const before = (await existsRaw(host, path)) && (await readRaw(host, path));
	await writeRaw(host, path, bytes);
	await body();
	if (before === false) {
		await host.remove(path);
	} else {
		await writeRaw(host, path, before);
	}
}

async function assertRefused(
	host: Host,
	code: StorageErrorCode,
	path: string,
	what = "",
): Promise<void> {
	const before = await imageOf(host);
	for (const readOnly of [true, false]) {
		const error = await assertFails(code, () =>
			Storage.open(host, { memory: MEMORY, readOnly }),
		);
		assert.include(error.place, { path }, what);
	}
	assert.deepEqual(await imageOf(host), before);
}

function assertOwesAll(host: Host): Promise<void> {
	return withReader(host, (storage) => {
		const { marker } = contextOf(storage);
		assert.isTrue(storage.recovery.foundCrash);
		assert.isTrue(marker.owes("any/00"));
		assert.equal(marker.window, UNSYNCED_WINDOW);
	});
}

function withReader(
	host: Host,
	body: (storage: Storage) => void,
): Promise<void> {
	return withStorage(host, async (storage) => body(storage), {
		readOnly: true,
	});
}

async function saidIn(host: Host, path: string, key: string): Promise<unknown> {
	return JSON.parse(textOf(await readRaw(host, path)))[key];
}
