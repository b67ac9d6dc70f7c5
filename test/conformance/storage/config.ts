import { assert } from "chai";
import { PageCache } from "../../../src/paged/cache.ts";
import { PagedBlob } from "../../../src/paged/paged-blob.ts";
import { Storage } from "../../../src/storage/storage.ts";
import { bitFlips } from "../../support/disks/bit-flips.ts";
import { InterceptedHost } from "../../support/hosts/intercepted-host.ts";
import {
	existsRaw,
	imageOf,
	namesIn,
	readRaw,
	writeRaw,
} from "../../support/hosts/raw-file.ts";
import { bytesOf, textOf } from "../../support/runs/bytes.ts";
import {
	assertFails,
	assertRefuses,
	callUntyped,
} from "../../support/runs/failure.ts";
import { placesOf } from "../../support/runs/share.ts";
import { hostTest, type Suite, withStorage } from "../../support/runs/suite.ts";

const CONFIG = "dualslot.json";

export function configRows(suite: Suite): void {
	const onHost = hostTest(suite);
	const flipped = bitFlips(suite);

	onHost(
		"dualslot.json is durable before the first page of a partition is written",
		async (host) => {
			const watched = new InterceptedHost(host);
			const events: string[] = [];
			await withStorage(watched, async (storage) => {
				watched.hooks = {
					write: async (path, _write, call) => {
						const isKnown = await existsRaw(host, CONFIG);
						events.push(`write ${path} ${isKnown ? "known" : "unknown"}`);
						return call();
					},
					syncDirectory: (path, call) => {
						events.push(`sync directory '${path}'`);
						return call();
					},
				};
				await append(storage, 64, "first");
			});
			const firstPage = events.indexOf("write pages/6e616d65 known");
			assert.isAbove(firstPage, 0);
			const before = events.slice(0, firstPage);
			assert.include(before, "write dualslot.tmp unknown");
			assert.equal(before[before.length - 1], "sync directory ''");
			assert.notInclude(events, "write pages/6e616d65 unknown");
		},
	);

	onHost(
		"dualslot.json says what each partition holds, and is the same text in every host",
		async (host) => {
			await withStorage(host, (storage) => append(storage, 64, "first"));
			const text = textOf(await readRaw(host, CONFIG));
			const document: unknown = JSON.parse(text);
			assert.deepNestedInclude(document, {
				format: 1,
				"partitions.pages": { kind: "paged", pageSize: 64 },
			});
			await withStorage(host, (storage) => append(storage, 64, "second"));
			assert.equal(textOf(await readRaw(host, CONFIG)), text);
		},
	);

	onHost(
		"a partition opened with another page size is refused, and keeps every byte",
		async (host) => {
			await withStorage(host, (storage) => append(storage, 64, "first"));
			await withStorage(host, async (storage) => {
				const before = await imageOf(host);
				const error = await assertFails("ERR_CONFIG", () =>
					append(storage, 65, "second"),
				);
				assert.include(error.message, '{"kind":"paged","pageSize":64}');
				assert.include(error.place, { partition: "pages" });
				assert.deepEqual(await imageOf(host), before);
			});
		},
	);

	onHost(
		`any flipped bit of dualslot.json is noticed, and nothing is changed for it`,
		async (host) => {
			await withStorage(host, async (storage) => {
				await append(storage, 64, "first");
				await storage.close();
			});
			const whole = await readRaw(host, CONFIG);
			for (const { bytes } of flipped(whole)) {
				await writeRaw(host, CONFIG, bytes);
				for (const readOnly of [true, false]) {
					const error = await assertFails("ERR_CONFIG", () =>
						Storage.open(host, { memory: 65536, readOnly }),
					);
					assert.include(error.message, CONFIG);
				}
			}
			const names = ["dualslot.closed", CONFIG, "pages"];
			assert.deepEqual(await namesIn(host), names);
		},
	);

	onHost("any cut of dualslot.json is noticed", async (host) => {
		await withStorage(host, (storage) => append(storage, 64, "first"));
		const whole = await readRaw(host, CONFIG);
		for (const length of placesOf(whole.length)) {
			await writeRaw(host, CONFIG, whole.subarray(0, length));
			await assertFails("ERR_CONFIG", () =>
				Storage.open(host, { memory: 65536 }),
			);
		}
	});

	onHost(
		"what is no blob, or no cache, is refused before anything is recorded, and the store opens again",
		async (host) => {
			await withStorage(host, (storage) => append(storage, 64, "first"));
			const before = await readRaw(host, CONFIG);
			await withStorage(host, async (storage) => {
				const cache = new PageCache(storage, { pageSize: 64, pages: 1 });
				const blob = await storage.open("other", "name");
				for (const [given, options] of [
					[storage, { cache }],
					[{ partition: "../..", hexName: "00" }, { cache }],
					[null, { cache }],
					[blob, { cache: { storage, pageSize: 64 } }],
					[blob, { cache: storage }],
				]) {
					await assertRefuses(TypeError, () =>
						callUntyped(PagedBlob, "open", given, options),
					);
				}
			});
			assert.deepEqual(await readRaw(host, CONFIG), before);
			await withStorage(host, (storage) => append(storage, 64, "second"));
		},
	);

	onHost(
		"a removed partition is forgotten, and can be made anew with another page size",
		async (host) => {
			await withStorage(host, async (storage) => {
				await append(storage, 64, "first");
				await storage.remove("pages");
				assert.notInclude(textOf(await readRaw(host, CONFIG)), "pages");
				await append(storage, 65, "second");
			});
		},
	);

	onHost(
		"a store without metadata has no file of dualslot's, and is guarded by none",
		async (host) => {
			await withStorage(
				host,
				async (storage) => {
					await append(storage, 64, "first");
					assert.deepEqual(await namesIn(host), ["pages"]);
					await storage.close();
				},
				{ metadata: false },
			);
			assert.deepEqual(await namesIn(host), ["pages"]);
			await withStorage(
				host,
				async (storage) => {
					assert.isFalse(storage.recovery.foundCrash);
					await storage.remove("pages");
					assert.deepEqual(await namesIn(host), []);
				},
				{ metadata: false },
			);
		},
	);

	onHost(
		"dualslot.json is heeded without metadata too, and left as it is",
		async (host) => {
			await withStorage(host, async (storage) => {
				await append(storage, 64, "first");
				await storage.close();
			});
			const before = await imageOf(host);
			await withStorage(
				host,
				(storage) =>
					assertFails("ERR_CONFIG", () => append(storage, 65, "second")),
				{ metadata: false },
			);
			assert.deepEqual(await imageOf(host), before);
		},
	);

	onHost(
		"a torn rewrite of dualslot.json leaves the one before",
		async (host) => {
			await withStorage(host, (storage) => append(storage, 64, "first"));
			const before = textOf(await readRaw(host, CONFIG));
			const faulty = new InterceptedHost(host);
			await withStorage(faulty, async (storage) => {
				const blob = await storage.open("other", "name");
				faulty.hooks.write = async (_path, { parts, offset, file }) => {
					await file.write([(parts[0] ?? bytesOf("")).subarray(0, 9)], offset);
					throw new Error("torn");
				};
				const cache = new PageCache(storage, { pageSize: 32, pages: 1 });
				await assertFails("ERR_IO", () => PagedBlob.open(blob, { cache }));
				assert.equal(textOf(await readRaw(host, CONFIG)), before);
			});
			await withStorage(host, (storage) => append(storage, 64, "second"));
		},
	);
}

async function append(
	storage: Storage,
	pageSize: number,
	text: string,
): Promise<void> {
	const cache = new PageCache(storage, { pageSize, pages: 1 });
	const blob = await storage.open("pages", "name");
	try {
		const paged = await PagedBlob.open(blob, { cache });
		await paged.append(bytesOf(text));
		await paged.close();
	} finally {
		await blob.drop();
		cache.close();
	}
}
