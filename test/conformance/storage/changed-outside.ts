import { assert } from "chai";
import type { Host } from "../../../src/host.ts";
import type { OutsideChange } from "../../../src/left-files.ts";
import { Storage } from "../../../src/storage.ts";
import { exported, streamOf } from "../../support/archives.ts";
import { flippedCopies } from "../../support/bit-flips.ts";
import { bytesOf, pattern } from "../../support/bytes.ts";
import { assertFails, DISK_FULL, KERNEL_ERROR } from "../../support/failure.ts";
import { InterceptedHost } from "../../support/intercepted-host.ts";
import {
	KINDS,
	type Kind,
	pathOf,
	SECTIONS,
} from "../../support/left-kinds.ts";
import {
	existsRaw,
	namesIn,
	readRaw,
	truncateRaw,
	writeRaw,
} from "../../support/raw-file.ts";
import {
	hostTest,
	inMemory,
	MEMORY,
	type Suite,
	withStorage,
} from "../../support/suite.ts";

const RECORD = "dualslot.closed";
const TEMPORARY = "dualslot.tmp";
const [FIRST, SECOND, THIRD, FOURTH] = [1, 2, 3, 4] as const;

/** What somebody does to files that are closed, and what is told of it: a file's number, and what is said of it. */
const CHANGES: Record<
	string,
	{
		make(host: Host, kind: Kind): Promise<void>;
		told: readonly (readonly [number, OutsideChange["what"]])[];
	}
> = {
	"two files of equal sizes that were swapped": {
		make: swap,
		told: [
			[FIRST, "content"],
			[SECOND, "content"],
		],
	},
	"a file that was copied over another": {
		make: (host, kind) => copy(host, pathOf(kind, FIRST), pathOf(kind, SECOND)),
		told: [[SECOND, "content"]],
	},
	"a file that was copied under a new name": {
		make: (host, kind) => copy(host, pathOf(kind, FIRST), pathOf(kind, FOURTH)),
		told: [[FOURTH, "new"]],
	},
	"a file that was removed": {
		make: async (host, kind) => {
			await host.remove(pathOf(kind, SECOND));
		},
		told: [[SECOND, "missing"]],
	},
	"a file that is longer": {
		make: async (host, kind) => {
			const path = pathOf(kind, THIRD);
			const bytes = await readRaw(host, path);
			await writeRaw(host, path, Uint8Array.of(...bytes, ...bytesOf("more")));
		},
		told: [[THIRD, "size"]],
	},
	"a file that is shorter": {
		make: (host, kind) => truncateRaw(host, pathOf(kind, THIRD), 8),
		told: [[THIRD, "size"]],
	},
	"a partition that was removed": {
		make: async (host, kind) => {
			await host.remove(kind.partition);
		},
		told: SECTIONS.map((section) => [section, "missing"] as const),
	},
};

/** What others change between a clean close and the next open. */
export function changedOutsideRows(suite: Suite): void {
	for (const kind of KINDS) {
		changeRows(suite, kind);
		sessionRows(suite, kind);
	}
	recordRows(suite);
	fullDiskRows(suite);
	readerRows(suite);
}

function changeRows(suite: Suite, kind: Kind): void {
	const onHost = hostTest(suite);

	for (const [change, { make, told }] of Object.entries(CHANGES)) {
		onHost(`of ${kind.name}, ${change} is told`, async (host) => {
			await session(host, (storage) => kind.write(storage));
			await make(host, kind);
			const expected = told.map(([section, what]) => {
				return { path: pathOf(kind, section), what };
			});
			await withStorage(host, async (storage) => {
				const report = await kind.look(storage);
				assert.sameDeepMembers([...storage.recovery.changedOutside], expected);
				if (report !== undefined) {
					assert.sameDeepMembers([...(report.changedOutside ?? [])], expected);
				}
			});
		});
	}
}

function sessionRows(suite: Suite, kind: Kind): void {
	const onHost = hostTest(suite);

	onHost(
		`of ${kind.name}, nothing is told of what no other has changed, whatever sessions have`,
		async (host) => {
			for (const turn of [1, 2, 3]) {
				await session(host, async (storage) => {
					await kind.write(storage);
					await kind.look(storage);
					assert.deepEqual(storage.recovery.changedOutside, [], `${turn}`);
				});
				await untold(host, kind);
			}
		},
	);

	onHost(
		`of ${kind.name}, two files that were swapped after a crash are not told`,
		async (host) => {
			await session(host, (storage) => kind.write(storage));
			await withStorage(host, (storage) => kind.look(storage));
			await swap(host, kind);
			await withStorage(host, async (storage) => {
				await kind.look(storage);
				assert.isTrue(storage.recovery.foundCrash);
				assert.deepEqual(storage.recovery.changedOutside, []);
			});
		},
	);

	onHost(
		`of ${kind.name}, a file of an earlier session that was put back is told`,
		async (host) => {
			await session(host, (storage) => kind.write(storage));
			const earlier = await readRaw(host, pathOf(kind, SECOND));
			await session(host, (storage) => kind.write(storage));
			await writeRaw(host, pathOf(kind, SECOND), earlier);
			await withStorage(host, async (storage) => {
				await kind.look(storage);
				const [change, ...others] = storage.recovery.changedOutside;
				assert.include(change, { path: pathOf(kind, SECOND) });
				assert.lengthOf(others, 0);
			});
		},
	);

	onHost(
		`of ${kind.name}, what a close left of a file carries over sessions that open others`,
		async (host) => {
			await session(host, (storage) => kind.write(storage));
			for (const turn of [1, 2, 3]) {
				await session(host, async (storage) => {
					const blob = await storage.open("other", `${turn}`);
					await blob.write(0, bytesOf("other"));
				});
			}
			await swap(host, kind);
			await withStorage(host, async (storage) => {
				await kind.look(storage);
				assert.lengthOf(storage.recovery.changedOutside, 2);
			});
		},
	);

	onHost(
		`of ${kind.name}, what was told once is how it is left by the close of that session`,
		async (host) => {
			await session(host, (storage) => kind.write(storage));
			await copy(host, pathOf(kind, FIRST), pathOf(kind, SECOND));
			await session(host, async (storage) => {
				await kind.look(storage);
				assert.lengthOf(storage.recovery.changedOutside, 1);
			});
			await untold(host, kind);
		},
	);
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
				await storage.importFrom(streamOf(archive));
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

function readerRows(suite: Suite): void {
	const onHost = hostTest(suite);

	onHost(
		"a reader tells what others have changed, and writes nothing",
		async (host) => {
			await session(host, async (storage) => {
				const blob = await storage.open("raw", "b");
				await blob.write(0, pattern(100));
			});
			const record = await readRaw(host, RECORD);
			await truncateRaw(host, "raw/62", 50);
			const reader = await Storage.open(host, { readOnly: true });
			await reader.open("raw", "b");
			assert.deepEqual(reader.recovery.changedOutside, [
				{ path: "raw/62", what: "size" },
			]);
			await reader.close();
			assert.deepEqual(await readRaw(host, RECORD), record);
		},
	);

	onHost(
		"a reader tells nothing of what a writer of dualslot changes beside it",
		async (host) => {
			await session(host, async (storage) => {
				const blob = await storage.open("raw", "b");
				await blob.write(0, pattern(100));
			});
			for (const end of ["close", "drop"] as const) {
				const reader = await Storage.open(host, { readOnly: true });
				const writer = await Storage.open(host, { memory: MEMORY });
				const blob = await writer.open("raw", "b");
				await blob.write(100, pattern(7));
				await writer[end]();
				await reader.open("raw", "b");
				assert.deepEqual(reader.recovery.changedOutside, [], end);
				await reader.close();
			}
		},
	);
}

async function untold(host: Host, kind: Kind): Promise<void> {
	await session(host, async (storage) => {
		await kind.look(storage);
		assert.deepEqual(storage.recovery.changedOutside, []);
	});
}

/** A session that ends with a clean close. */
async function session(
	host: Host,
	body: (storage: Storage) => Promise<unknown>,
	options = {},
): Promise<void> {
	await withStorage(
		host,
		async (storage) => {
			await body(storage);
			await storage.close();
		},
		options,
	);
}

async function copy(host: Host, from: string, to: string): Promise<void> {
	await writeRaw(host, to, await readRaw(host, from));
}

async function swap(host: Host, kind: Kind): Promise<void> {
	const first = await readRaw(host, pathOf(kind, FIRST));
	await copy(host, pathOf(kind, SECOND), pathOf(kind, FIRST));
	await writeRaw(host, pathOf(kind, SECOND), first);
}
