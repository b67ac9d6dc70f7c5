import { assert } from "chai";
import type { Host } from "../../../src/host/host.ts";
import type { PackedStoreOptions } from "../../../src/packed/options.ts";
import type { PackedStore } from "../../../src/packed/packed-store.ts";
import type { OutsideChange } from "../../../src/storage/own-files/outside-change.ts";
import { flippedCopies } from "../../support/disks/bit-flips.ts";
import { InterceptedHost } from "../../support/hosts/intercepted-host.ts";
import {
	existsRaw,
	namesIn,
	readRaw,
	truncateRaw,
	writeRaw,
} from "../../support/hosts/raw-file.ts";
import { bytesOf } from "../../support/runs/bytes.ts";
import { assertFails, DISK_FULL } from "../../support/runs/failure.ts";
import { hostTest, type Suite } from "../../support/runs/suite.ts";
import { sealed } from "../../support/stores/own-files.ts";
import {
	CHECKSUMS_PATH,
	FRAMES_PATH,
	guidOf,
	LOG_PATH,
	SNAPSHOT_PATH,
	setRecord,
	snapshotBytes,
} from "../../support/stores/packed-files.ts";
import { frameOf, withPacked } from "../../support/stores/packed-store.ts";

const RECORD = "dualslot.closed";
/** Written frames, by GUID. */
type Frames = Readonly<Record<number, number>>;

/** Changes by others between a clean close and the next open of a packed store. */
export function changedOutsideRows(suite: Suite): void {
	putBackRows(suite);
	changeRows(suite);
	sessionRows(suite);
	recordRows(suite);
	fullDiskRows(suite);
}

function putBackRows(suite: Suite): void {
	const onHost = hostTest(suite);
	const kinds: readonly (readonly [
		string,
		PackedStoreOptions,
		readonly string[],
	])[] = [
		["a store", {}, [LOG_PATH, CHECKSUMS_PATH, FRAMES_PATH]],
		["a store without checksums", { checksums: false }, [LOG_PATH]],
		[
			"a store without checksums",
			{ checksums: false, rewrite: "in-place" },
			[FRAMES_PATH],
		],
	];

	for (const [kind, options, paths] of kinds) {
		for (const path of paths) {
			onHost(
				`of ${kind} written ${options.rewrite ?? "shadow"}, ${path} of an earlier session that is put back is told`,
				async (host) => {
					await session(host, options, { 1: 1, 2: 2 });
					const earlier = await readRaw(host, path);
					await session(host, options, { 1: 3 });
					const what =
						(await readRaw(host, path)).length === earlier.length
							? "content"
							: "size";
					await writeRaw(host, path, earlier);
					await assertTold(host, options, [{ path, what }]);
				},
			);
		}
	}

	onHost(
		"a log of one length with another that is put back is told",
		async (host) => {
			await session(host, {}, { 1: 1 });
			await writeRaw(host, LOG_PATH, setRecord(2, 0));
			await assertTold(host, {}, [{ path: LOG_PATH, what: "content" }]);
		},
	);
}

/** Changes of a closed store's files, and the reports of them. */
const CHANGES: Record<
	string,
	{ make(host: Host): Promise<unknown>; told: readonly OutsideChange[] }
> = {
	"a log that was removed": {
		make: async (host) => host.remove(LOG_PATH),
		told: [{ path: LOG_PATH, what: "missing" }],
	},
	"a snapshot that was added": {
		make: (host) =>
			writeRaw(host, SNAPSHOT_PATH, snapshotBytes({ mappings: [[1, 0]] })),
		told: [{ path: SNAPSHOT_PATH, what: "new" }],
	},
	"checksums that were removed": {
		make: async (host) => host.remove(CHECKSUMS_PATH),
		told: [{ path: CHECKSUMS_PATH, what: "missing" }],
	},
	"frames that were removed": {
		make: async (host) => host.remove(FRAMES_PATH),
		told: [{ path: FRAMES_PATH, what: "missing" }],
	},
	"frames that were cut": {
		make: (host) => truncateRaw(host, FRAMES_PATH, 4096),
		told: [{ path: FRAMES_PATH, what: "size" }],
	},
	"a log with one record more": {
		make: async (host) => {
			const log = await readRaw(host, LOG_PATH);
			const more = Uint8Array.of(...log, ...setRecord(9, 9));
			await writeRaw(host, LOG_PATH, more);
		},
		told: [{ path: LOG_PATH, what: "size" }],
	},
	"all that another store has": {
		make: async (host) => {
			for (const path of [LOG_PATH, CHECKSUMS_PATH]) {
				const bytes = await readRaw(host, path);
				bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
				await writeRaw(host, path, bytes.subarray(0, -1));
			}
			await writeRaw(host, FRAMES_PATH, frameOf(7));
		},
		told: [FRAMES_PATH, LOG_PATH, CHECKSUMS_PATH].map((path) => {
			return { path, what: "size" };
		}),
	},
};

function changeRows(suite: Suite): void {
	const onHost = hostTest(suite);

	for (const [change, { make, told }] of Object.entries(CHANGES)) {
		onHost(`of a packed store, ${change} is told`, async (host) => {
			await session(host, {}, { 1: 1, 2: 2 });
			await make(host);
			await assertTold(host, {}, told);
		});
	}
}

function sessionRows(suite: Suite): void {
	const onHost = hostTest(suite);

	onHost(
		"of a packed store, nothing is told of what no other has changed, whatever sessions have",
		async (host) => {
			const sessions: readonly (readonly [PackedStoreOptions, Frames])[] = [
				[{}, { 1: 1, 2: 2 }],
				[{}, {}],
				[{ rewrite: "in-place" }, { 1: 3 }],
				[{ checksums: false }, { 2: 4, 3: 5 }],
				[{ checksums: true }, {}],
				[{}, { 1: 0, 2: 0, 3: 0 }],
			];
			for (const [index, [options, frames]] of sessions.entries()) {
				if (index > 0) {
					await assertTold(host, options, []);
				}
				await session(host, options, frames);
			}
			await assertTold(host, {}, []);
		},
	);

	onHost(
		"of a packed store, nothing is compared after a session that changed something and did not end",
		async (host) => {
			await session(host, {}, { 1: 1 });
			await withPacked(host, {}, async (store) => {
				await store.write(guidOf(2), frameOf(2));
			});
			await withPacked(host, {}, async ({ recovery }) => {
				assert.isUndefined(recovery.changedOutside);
			});
		},
	);

	onHost(
		"of a packed store, what a close left outlives sessions that change nothing, whether or not they end",
		async (host) => {
			await session(host, {}, { 1: 1 });
			const record = await readRaw(host, RECORD);
			await session(host, {}, {});
			await withPacked(host, {}, (store) => store.read(guidOf(1), frameOf(0)));
			assert.deepEqual(await readRaw(host, RECORD), record);
			await assertTold(host, {}, []);
		},
	);

	onHost(
		"of a packed store, what was told once is how it is left by the close of that session",
		async (host) => {
			await session(host, {}, { 1: 1, 2: 2 });
			const earlier = await readRaw(host, LOG_PATH);
			await session(host, {}, { 1: 3 });
			await writeRaw(host, LOG_PATH, earlier);
			await session(host, {}, {});
			await assertTold(host, {}, []);
		},
	);

	onHost(
		"the last frame that a packed store was given may be deleted, and nothing is told",
		async (host) => {
			await session(host, {}, { 1: 1, 2: 2 });
			await withPacked(host, {}, async (store) => {
				await store.delete(guidOf(2));
				await store.close();
			});
			await assertTold(host, {}, []);
		},
	);
}

function recordRows(suite: Suite): void {
	const onHost = hostTest(suite);

	onHost(
		"dualslot.closed of a packed store is removed, durably, before the first change of a file",
		async (host) => {
			await session(host, {}, { 1: 1 });
			const changes: readonly ((store: PackedStore) => Promise<unknown>)[] = [
				(store) => store.write(guidOf(2), frameOf(2)),
				async (store) => {
					await store.delete(guidOf(1));
					await store.flush();
				},
			];
			for (const change of changes) {
				const events: string[] = [];
				await withPacked(watched(host, events), {}, async (store) => {
					events.length = 0;
					await change(store);
					await store.close();
				});
				const removed = events.indexOf(`remove ${RECORD}`);
				assert.isAtLeast(removed, 0);
				assert.equal(events[removed + 1], "sync ");
				const isOfFile = (event: string) => /^(write|allocate)/.test(event);
				assert.isAbove(events.findIndex(isOfFile), removed + 1);
				assert.deepEqual(events.slice(-2), [`rename ${RECORD}`, "sync "]);
			}
		},
	);

	onHost(
		"that dualslot.closed is gone from a packed store is durable before the first change, though a killed session removed it",
		async (host) => {
			await session(host, {}, { 1: 1 });
			await host.remove(RECORD);
			const events: string[] = [];
			await withPacked(watched(host, events), {}, async (store) => {
				events.length = 0;
				await store.write(guidOf(1), frameOf(2));
				const written = events.findIndex((event) => /^write/.test(event));
				assert.include(events.slice(0, written), "sync ");
				await store.close();
			});
		},
	);

	onHost(
		"a torn tail of the log that is cut is told, and the record of before it is removed first",
		async (host) => {
			await session(host, {}, { 1: 1 });
			const log = await readRaw(host, LOG_PATH);
			const torn = Uint8Array.of(...log, ...bytesOf("MLG1"));
			await writeRaw(host, LOG_PATH, torn);
			const events: string[] = [];
			await withPacked(watched(host, events), {}, async ({ recovery }) => {
				assert.equal(recovery.cut?.bytes, 4);
				assert.deepEqual(recovery.changedOutside, [
					{ path: LOG_PATH, what: "size" },
				]);
			});
			const cut = events.indexOf(`truncate ${LOG_PATH}`);
			assert.isBelow(events.indexOf(`remove ${RECORD}`), cut);
			assert.isFalse(await existsRaw(host, RECORD));
		},
	);

	onHost(
		"what a session that did not end has left is synced before a dualslot.closed tells of it",
		async (host) => {
			await withPacked(host, {}, (store) => store.write(guidOf(1), frameOf(1)));
			const events: string[] = [];
			const telling = new InterceptedHost(host, {
				sync: (path, call) => {
					events.push(path);
					return call();
				},
				rename: (_from, to, call) => {
					events.push(to);
					return call();
				},
			});
			await session(telling, {}, {});
			const synced = events.slice(0, events.indexOf(RECORD));
			assert.includeMembers(synced, [FRAMES_PATH, LOG_PATH]);
		},
	);

	onHost(
		"frames.crc that is made where there was none is not told after a crash",
		async (host) => {
			await session(host, { checksums: false }, { 1: 1 });
			const broken = new InterceptedHost(host, {
				truncate: (path, _size, call) => {
					if (path === CHECKSUMS_PATH) {
						throw new Error("the power goes");
					}
					return call();
				},
			});
			await assertFails("ERR_IO", () =>
				withPacked(broken, { checksums: true }, async () => undefined),
			);
			await withPacked(host, {}, async ({ recovery }) => {
				assert.isUndefined(recovery.changedOutside);
			});
		},
	);

	onHost(
		"a dualslot.closed of a packed store that is damaged is told, and nothing is compared with it",
		async (host) => {
			await session(host, {}, { 1: 1 });
			const whole = await readRaw(host, RECORD);
			await truncateRaw(host, FRAMES_PATH, 600_000);
			for (const { bytes } of flippedCopies(whole, 37)) {
				await writeRaw(host, RECORD, bytes);
				await assertTold(host, {}, [{ path: RECORD, what: "content" }]);
			}
			await writeRaw(host, RECORD, sealed(2, {}));
			await assertFails("ERR_VERSION", () =>
				withPacked(host, {}, async () => undefined),
			);
		},
	);
}

function fullDiskRows(suite: Suite): void {
	const onHost = hostTest(suite);

	onHost(
		"a packed store closes where the disk has no room for dualslot.closed, and the next open says that nothing was compared",
		async (host) => {
			await session(host, {}, { 1: 1 });
			await truncateRaw(host, FRAMES_PATH, 600_000);
			const full = new InterceptedHost(host, {
				write: (path, _write, call) => {
					if (path === "dualslot.tmp") {
						throw DISK_FULL;
					}
					return call();
				},
			});
			await session(full, {}, {});
			const names = await namesIn(host);
			assert.notInclude(names, RECORD);
			assert.notInclude(names, "dualslot.tmp");
			await withPacked(host, {}, async (store) => {
				assert.isUndefined(store.recovery.changedOutside);
				await store.read(guidOf(1), frameOf(0));
			});
		},
	);
}

/** The report of an open, whatever the open makes of the files. */
async function assertTold(
	host: Host,
	options: PackedStoreOptions,
	expected: readonly OutsideChange[],
): Promise<void> {
	await withPacked(host, options, async ({ recovery }) => {
		assert.deepEqual(recovery.changedOutside, expected);
	});
}

/** A session that ends with a clean close; 0 deletes a GUID. */
async function session(
	host: Host,
	options: PackedStoreOptions,
	frames: Frames,
): Promise<void> {
	await withPacked(host, options, async (store) => {
		for (const [guid, value] of Object.entries(frames)) {
			await (value === 0
				? store.delete(guidOf(Number(guid)))
				: store.write(guidOf(Number(guid)), frameOf(value)));
		}
		await store.close();
	});
}

/** Logs the calls that change something, in order. */
function watched(host: Host, events: string[]): Host {
	const telling =
		(what: string) =>
		<T>(path: string, ...rest: readonly unknown[]): T => {
			const to = what === "rename" ? rest[0] : path;
			events.push(`${what} ${to}`);
			return (rest.at(-1) as () => T)();
		};
	return new InterceptedHost(host, {
		remove: telling("remove"),
		rename: telling("rename"),
		syncDirectory: telling("sync"),
		write: telling("write"),
		truncate: telling("truncate"),
		allocate: telling("allocate"),
	});
}
