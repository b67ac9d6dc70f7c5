import { assert } from "chai";
import { Storage } from "../../../src/storage/storage.ts";
import { importFrom } from "../../../src/transfer/index.ts";
import { flippedCopies } from "../../support/disks/bit-flips.ts";
import { InterceptedHost } from "../../support/hosts/intercepted-host.ts";
import {
	existsRaw,
	namesIn,
	readRaw,
	truncateRaw,
	writeRaw,
} from "../../support/hosts/raw-file.ts";
import { bytesOf, pattern } from "../../support/runs/bytes.ts";
import {
	assertFails,
	DISK_FULL,
	KERNEL_ERROR,
} from "../../support/runs/failure.ts";
import {
	hostTest,
	inMemory,
	type Suite,
	withStorage,
} from "../../support/runs/suite.ts";
import { exported, streamOf } from "../../support/stores/archives.ts";
import { copy, session } from "../../support/stores/left-session.ts";

const RECORD = "dualslot.closed";
const TEMPORARY = "dualslot.tmp";

/** A clean close's record of a store's files, and its time. */
export function closeRecordRows(suite: Suite): void {
	recordRows(suite);
	fullDiskRows(suite);
}

function recordRows(suite: Suite): void {
	const onHost = hostTest(suite);

	onHost(
		"dualslot.closed is durable before dualslot.open is removed, and is not written again for nothing",
		async (host) => {
			const events: string[] = [];
			const watched = new InterceptedHost(host);
			watched.hooks = {
				rename: (_from, to, call) => {
					events.push(`rename ${to}`);
					return call();
				},
				syncDirectory: (path, call) => {
					events.push(`sync ${path}`);
					return call();
				},
				remove: (path, call) => {
					events.push(`remove ${path}`);
					return call();
				},
			};
			await session(watched, async (storage) => {
				const blob = await storage.open("raw", "b");
				await blob.write(0, bytesOf("x"));
			});
			const last = events.slice(events.lastIndexOf(`rename ${RECORD}`));
			assert.deepEqual(last, [
				`rename ${RECORD}`,
				"sync ",
				"remove dualslot.open",
				"sync ",
			]);
			events.length = 0;
			await session(watched, async (storage) => {
				await storage.open("raw", "b");
			});
			assert.notInclude(events, `rename ${RECORD}`);
		},
	);

	onHost(
		"a session without metadata leaves no dualslot.closed",
		async (host) => {
			await session(
				host,
				async (storage) => {
					await storage.open("raw", "b");
				},
				{ metadata: false },
			);
			assert.deepEqual(await namesIn(host), ["raw"]);
		},
	);

	onHost(
		"a dualslot.closed that is damaged is told, and nothing is compared with it",
		async (host) => {
			await session(host, async (storage) => {
				const blob = await storage.open("raw", "b");
				await blob.write(0, bytesOf("x"));
			});
			const whole = await readRaw(host, RECORD);
			for (const { bytes } of flippedCopies(whole, 5)) {
				await writeRaw(host, RECORD, bytes);
				const reader = await Storage.open(host, { readOnly: true });
				await reader.scan("raw");
				assert.deepEqual(reader.recovery.changedOutside, [
					{ path: RECORD, what: "content" },
				]);
				await reader.close();
			}
			await session(host, (storage) => storage.scan("raw"));
			await withStorage(host, async ({ recovery }) => {
				assert.deepEqual(recovery.changedOutside, []);
			});
		},
	);

	onHost(
		"what a session removes or has failed to make is not told by the next one",
		async (host) => {
			await session(host, async (storage) => {
				for (const name of ["a", "b", "c"]) {
					await storage.open("raw", name);
				}
				await storage.open("gone", "a");
			});
			const watched = new InterceptedHost(host);
			await session(watched, async (storage) => {
				await storage.remove("raw", "b");
				await storage.remove("gone");
				watched.hooks = {
					syncDirectory: (path, call) => {
						if (path === "raw") {
							throw new Error("no sync");
						}
						return call();
					},
				};
				await storage.open("raw", "d").then(
					() => assert.fail("it was made"),
					() => undefined,
				);
				watched.hooks = {};
			});
			await withStorage(host, async (storage) => {
				assert.lengthOf(await storage.scan("raw"), 3);
				await storage.open("gone", "a");
				assert.deepEqual(storage.recovery.changedOutside, []);
			});
		},
	);

	onHost(
		"what others change of a store after it was imported and closed is told",
		async (host) => {
			const archive = await withStorage(inMemory().host, async (storage) => {
				for (const name of ["a", "b", "c"]) {
					const blob = await storage.open("raw", name);
					await blob.write(0, bytesOf(`the value of ${name}`));
				}
				return exported(storage);
			});
			await session(host, (storage) => importFrom(storage, streamOf(archive)));
			await copy(host, "raw/61", "raw/62");
			await copy(host, "raw/61", "raw/64");
			await host.remove("raw/63");
			await withStorage(host, async (storage) => {
				for (const name of await storage.scan("raw")) {
					await storage.open("raw", name);
				}
				assert.deepEqual(storage.recovery.changedOutside, [
					{ path: "raw/63", what: "missing" },
					{ path: "raw/64", what: "new" },
					{ path: "raw/62", what: "content" },
				]);
			});
		},
	);

	onHost(
		"a blob that a session removes is not missing in the next one, beside those that it leaves",
		async (host) => {
			await session(host, async (storage) => {
				await storage.open("raw", "a");
				await storage.open("raw", "b");
			});
			await session(host, (storage) => storage.remove("raw", "b"));
			await withStorage(host, async (storage) => {
				assert.lengthOf(await storage.scan("raw"), 1);
				assert.deepEqual(storage.recovery.changedOutside, []);
			});
		},
	);

	onHost(
		"an export has no dualslot.closed, and an import into a store that has one is told of nothing",
		async (host) => {
			await session(host, async (storage) => {
				const blob = await storage.open("raw", "b");
				await blob.write(0, pattern(100));
			});
			const archive = await withStorage(inMemory().host, async (storage) => {
				const blob = await storage.open("raw", "b");
				await blob.write(0, pattern(50));
				return exported(storage);
			});
			await session(host, async (storage) => {
				await storage.remove("raw");
				await importFrom(storage, streamOf(archive));
			});
			assert.isTrue(await existsRaw(host, RECORD));
			await session(host, async (storage) => {
				await storage.scan("raw");
				await storage.open("raw", "b");
				assert.deepEqual(storage.recovery.changedOutside, []);
				const again = await exported(storage);
				assert.deepEqual(again, archive);
			});
		},
	);
}

function fullDiskRows(suite: Suite): void {
	const onHost = hostTest(suite);

	onHost(
		"a store closes where the disk has no room for dualslot.closed, and the next report says that nothing is compared",
		async (host) => {
			await session(host, async (storage) => {
				assert.isFalse(storage.recovery.foundRecord);
				await storage.open("raw", "b");
			});
			const full = new InterceptedHost(host);
			await session(full, async (storage) => {
				assert.isTrue(storage.recovery.foundRecord);
				const blob = await storage.open("raw", "b");
				await blob.write(0, pattern(100));
				full.hooks = {
					write: (path, _write, call) => {
						if (path === TEMPORARY) {
							throw DISK_FULL;
						}
						return call();
					},
				};
			});
			assert.deepEqual(await namesIn(host), ["raw"]);
			await truncateRaw(host, "raw/62", 50);
			await session(host, async (storage) => {
				const blob = await storage.open("raw", "b");
				assert.equal(blob.size, 50 - 8);
				const { foundCrash, foundRecord, changedOutside } = storage.recovery;
				assert.isFalse(foundCrash);
				assert.isFalse(foundRecord);
				assert.deepEqual(changedOutside, []);
			});
			await withStorage(host, async ({ recovery }) => {
				assert.isTrue(recovery.foundRecord);
			});
		},
	);

	onHost(
		"a dualslot.closed that cannot be written for another reason than room fails the close, and counts as a crash",
		async (host) => {
			await session(host, (storage) => storage.open("raw", "b"));
			const broken = new InterceptedHost(host);
			await assertFails("ERR_IO", () =>
				session(broken, async (storage) => {
					const blob = await storage.open("raw", "b");
					await blob.write(0, pattern(100));
					broken.hooks = {
						rename: (_from, to, call) => {
							if (to === RECORD) {
								throw KERNEL_ERROR;
							}
							return call();
						},
					};
				}),
			);
			await withStorage(host, async ({ recovery }) => {
				assert.isTrue(recovery.foundCrash);
				assert.isFalse(recovery.foundRecord);
			});
		},
	);
}
