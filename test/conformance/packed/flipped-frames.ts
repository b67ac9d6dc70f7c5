import { assert } from "chai";
import {
	FRAME_RECORD_SIZE,
	FRAME_SIZE,
	STAMPS,
} from "../../../assembly/format.ts";
import { StorageError } from "../../../src/errors.ts";
import { DelegatingHost } from "../../../src/host/delegating.ts";
import type { Host } from "../../../src/host/host.ts";
import { FRAMES_PATH } from "../../../src/packed/frames/frame-file.ts";
import { CHECKSUMS_PATH } from "../../../src/packed/frames/frame-records.ts";
import { LOG_PATH } from "../../../src/packed/manifest/manifest-log.ts";
import type { PackedStoreOptions } from "../../../src/packed/options.ts";
import { PackedStore } from "../../../src/packed/packed-store.ts";
import { longLog } from "../../crash/long-log.ts";
import {
	sectorFrame,
	sectorGuid,
	versionsIn,
} from "../../support/disks/sector-frames.ts";
import { InterceptedHost } from "../../support/hosts/intercepted-host.ts";
import {
	mangleRaw,
	readRaw,
	truncateRaw,
	withFile,
} from "../../support/hosts/raw-file.ts";
import { toHex } from "../../support/runs/bytes.ts";
import { assertFails } from "../../support/runs/failure.ts";
import { type Random, seeded } from "../../support/runs/prng.ts";
import { hostTest, type Suite } from "../../support/runs/suite.ts";

const OPTIONS: PackedStoreOptions = {
	...{ frames: 2, wait: false, directIO: "preferred" },
};
/** holt 0.7.1 opens the directory, or an owner without checksums. */
const SOMEBODY_ELSE: PackedStoreOptions = {
	...{ checksums: false, rewrite: "in-place", verdicts: "holt-0.7.1" },
};
const RECORDS = STAMPS * FRAME_RECORD_SIZE;
const COUNT = 3;

/** Frames and their records with flipped bits; and frames.crc as somebody else has left it. */
export function flippedFrameRows(suite: Suite): void {
	flippedBitRows(suite);
	flippedChecksumRows(suite);
	missingChecksumRows(suite);
	staleChecksumRows(suite);
	lostFlushRows(suite);
}

function flippedBitRows(suite: Suite): void {
	const test = hostTest(suite);

	test("no frame with a flipped bit is read, and the error says where it lies", (host) =>
		seeded(async (random) => {
			await fill(host);
			const slot = random.integer(0, COUNT);
			for (const offset of placesIn(FRAME_SIZE, random)) {
				const flip = () =>
					flipBit(host, FRAMES_PATH, slot * FRAME_SIZE + offset, random);
				const unflipped = await flip();
				await withStore(host, {}, async (store) => {
					const target = new Uint8Array(FRAME_SIZE);
					const guid = sectorGuid(slot);
					const range = target.subarray(0, 1);
					const at = (offset + 4096) % FRAME_SIZE;
					await refused(slot, () => store.read(guid, target));
					await refused(slot, () => store.readMany([guid], [target]));
					await refused(slot, () => store.readRange(guid, at, range));
					assert.deepEqual(await versions(store, slot), [slot]);
				});
				await unflipped();
			}
		})());

	test("the error of a damaged frame is JSON, with its slot as a decimal string", (host) =>
		seeded(async (random) => {
			await fill(host);
			await flipBit(host, FRAMES_PATH, FRAME_SIZE + 600, random);
			await withStore(host, {}, async (store) => {
				const error = await assertFails("ERR_FRAME_CORRUPT", () =>
					store.read(sectorGuid(1), new Uint8Array(FRAME_SIZE)),
				);
				const { code, place } = JSON.parse(JSON.stringify(error));
				assert.equal(code, "ERR_FRAME_CORRUPT");
				assert.include(place, { slot: "1", guid: error.place.guid });
			});
		})());

	test("a range that is read unchecked is what the disk holds", (host) =>
		seeded(async (random) => {
			await fill(host);
			await flipBit(host, FRAMES_PATH, 5, random);
			await withStore(host, {}, async (store) => {
				const target = new Uint8Array(16);
				await store.readRange(sectorGuid(0), 0, target, { checked: false });
				const raw = (await readRaw(host, FRAMES_PATH)).subarray(0, 16);
				assert.deepEqual([...target], [...raw]);
			});
		})());

	test("where checksums are not wanted nothing is said of a flipped bit", (host) =>
		seeded(async (random) => {
			await fill(host, { checksums: false });
			await flipBit(host, FRAMES_PATH, 600, random);
			await withStore(host, { checksums: false }, async (store) => {
				assert.isUndefined(store.recovery.checksums);
				await store.read(sectorGuid(0), new Uint8Array(FRAME_SIZE));
			});
		})());
}

function flippedChecksumRows(suite: Suite): void {
	const test = hostTest(suite);

	test("a flipped bit of a frame's checksum leaves the frame unchecked, and raises no alarm", (host) =>
		seeded(async (random) => {
			await fill(host);
			for (const at of placesIn(FRAME_RECORD_SIZE, random)) {
				const slot = random.integer(0, COUNT);
				const place = RECORDS + slot * FRAME_RECORD_SIZE + at;
				const unflip = await flipBit(host, CHECKSUMS_PATH, place, random);
				await assertCoverage(host, { covered: COUNT - 1, uncovered: 1 });
				await unflip();
				await assertCoverage(host, { covered: COUNT, uncovered: 0 });
			}
		})());

	test("a flipped bit of the stamp leaves all frames unchecked, until they are covered", (host) =>
		seeded(async (random) => {
			await fill(host);
			await flipBit(host, CHECKSUMS_PATH, random.integer(0, 32), random);
			await assertCoverage(host, { covered: 0, uncovered: COUNT });
			await withStore(host, {}, async (store) => {
				assert.equal(await store.coverFrames(), COUNT);
			});
			await assertCoverage(host, { covered: COUNT, uncovered: 0 });
		})());
}

function missingChecksumRows(suite: Suite): void {
	const test = hostTest(suite);

	test("a store whose frames.crc is gone says that it has none, and makes one where it is wanted", async (host) => {
		await fill(host);
		await host.remove(CHECKSUMS_PATH);
		await withStore(host, {}, async (store) => {
			assert.isUndefined(store.recovery.checksums);
			assert.isUndefined(store.checksums);
			assert.equal(await store.coverFrames(), 0);
		});
		await withStore(host, { checksums: true }, async (store) => {
			const found = { covered: 0, uncovered: COUNT };
			assert.deepEqual(store.recovery.checksums, found);
			assert.equal(await store.coverFrames(), COUNT);
		});
		await assertCoverage(host, { covered: COUNT, uncovered: 0 });
	});

	test("a frames.crc that is begun anew is empty, durably, before it has a stamp", async (host) => {
		await fill(host);
		await mangleRaw(host, CHECKSUMS_PATH, 0, new Uint8Array(RECORDS));
		const calls: string[] = [];
		const telling =
			(what: string) =>
			(path: string, ...rest: unknown[]) => {
				if (path === CHECKSUMS_PATH) {
					calls.push(what);
				}
				return (rest.at(-1) as () => Promise<void>)();
			};
		const told = new InterceptedHost(host, {
			truncate: telling("truncate"),
			write: telling("write"),
			sync: telling("sync"),
		});
		await withStore(told, {}, async ({ recovery }) => {
			const found = { covered: 0, uncovered: COUNT };
			assert.deepEqual(recovery.checksums, found);
		});
		const anew = calls.slice(calls.indexOf("truncate"));
		assert.deepEqual(anew.slice(0, 4), ["truncate", "sync", "write", "sync"]);
	});

	test("what covers frames notices bits that are flipped later", (host) =>
		seeded(async (random) => {
			await fill(host, { checksums: false });
			await withStore(host, { checksums: true }, async (store) => {
				await store.coverFrames();
			});
			await flipBit(host, FRAMES_PATH, FRAME_SIZE + 9, random);
			await withStore(host, {}, async (store) => {
				const target = new Uint8Array(FRAME_SIZE);
				await refused(1, () => store.read(sectorGuid(1), target));
			});
		})());

	test("frames that are covered after the log was folded up stay covered", async (host) => {
		await host.makeDirectory("");
		await withFile(host, LOG_PATH, "create", (file) =>
			file.write([longLog(4)], 0),
		);
		await fill(host, { checksums: false });
		await withStore(host, { checksums: true }, async (store) => {
			const frame = sectorFrame(1);
			await store.writeMany([
				[sectorGuid(0), frame],
				[sectorGuid(0), frame],
			]);
			await store.flush();
			assert.equal(await store.coverFrames(), COUNT - 1);
		});
		assert.equal((await readRaw(host, LOG_PATH)).length, 0);
		await assertCoverage(host, { covered: COUNT, uncovered: 0 });
	});
}

function staleChecksumRows(suite: Suite): void {
	const test = hostTest(suite);

	test("frames that somebody else has overwritten go unchecked, and no others", async (host) => {
		await fill(host);
		await withStore(host, SOMEBODY_ELSE, (store) => rewrite(store, 1, 77));
		await assertCoverage(host, { covered: COUNT - 1, uncovered: 1 }, [77]);
	});

	test("frames that were written after a copy of frames.crc was taken go unchecked", async (host) => {
		await fill(host);
		const copy = await readRaw(host, CHECKSUMS_PATH);
		await withStore(host, {}, (store) => rewrite(store, 1, 77));
		await withFile(host, CHECKSUMS_PATH, "replace", (file) =>
			file.write([copy], 0),
		);
		await assertCoverage(host, { covered: COUNT - 1, uncovered: 1 }, [77]);
	});

	test("a snapshot that never got its name raises no alarm for one that is the same, of frames that somebody else has overwritten", async (host) => {
		await host.makeDirectory("");
		await withFile(host, LOG_PATH, "create", (file) =>
			file.write([longLog(COUNT - 1)], 0),
		);
		const store = await PackedStore.open(new NamelessHost(host), {
			...OPTIONS,
			checksums: true,
		});
		for (const number of [0, 1, 2]) {
			await store.write(sectorGuid(number), sectorFrame(number + 1));
		}
		await store.flush().catch(() => undefined);
		await store.drop();
		await assertCoverage(host, { covered: COUNT, uncovered: 0 });
		await withStore(host, SOMEBODY_ELSE, (other) => rewrite(other, 1, 77));
		assert.equal((await readRaw(host, LOG_PATH)).length, 0);
		await assertCoverage(host, { covered: 0, uncovered: COUNT }, [77]);
	});

	test("a flush that the log has lost raises no alarm for what somebody else then writes in its place", async (host) => {
		await fill(host);
		const { length } = await readRaw(host, LOG_PATH);
		await withStore(host, {}, (store) => rewrite(store, 5, 76));
		await truncateRaw(host, LOG_PATH, length);
		await assertCoverage(host, { covered: COUNT, uncovered: 0 });
		await withStore(host, SOMEBODY_ELSE, (store) => rewrite(store, 5, 77));
		await assertCoverage(host, { covered: COUNT, uncovered: 1 }, [77]);
	});
}

function lostFlushRows(suite: Suite): void {
	const test = hostTest(suite);

	test("a flush that the log has lost, to a slot that was free, raises no alarm for what somebody else then writes there", async (host) => {
		await fill(host);
		await withStore(host, {}, (store) => rewrite(store, 1, 75));
		const { length } = await readRaw(host, LOG_PATH);
		await withStore(host, {}, (store) => rewrite(store, 5, 76));
		await truncateRaw(host, LOG_PATH, length);
		await assertCoverage(host, { covered: COUNT, uncovered: 0 }, [75]);
		await withStore(host, SOMEBODY_ELSE, (store) => rewrite(store, 5, 77));
		await assertCoverage(host, { covered: COUNT, uncovered: 1 }, [75, 77]);
	});

	test("frames stay covered, however often the power goes between a snapshot and the emptying of the log", async (host) => {
		await host.makeDirectory("");
		await withFile(host, LOG_PATH, "create", (file) =>
			file.write([longLog(COUNT - 1)], 0),
		);
		const full = new InterceptedHost(host, {
			truncate: (path, size, call) => {
				if (path === LOG_PATH && size === 0) {
					throw new Error("the power goes");
				}
				return call();
			},
		});
		for (const version of [1, 11, 21]) {
			const store = await PackedStore.open(full, {
				...{ ...OPTIONS, checksums: true },
			});
			for (const number of [0, 1, 2]) {
				await store.write(sectorGuid(number), sectorFrame(version + number));
			}
			await store.flush().catch(() => undefined);
			await store.drop();
			assert.isAbove((await readRaw(host, LOG_PATH)).length, 0);
		}
		const versions = [11, 12, 13, 21, 22, 23];
		await assertCoverage(host, { covered: COUNT, uncovered: 0 }, versions);
	});
}

/** A host that renames nothing. */
class NamelessHost extends DelegatingHost {
	override rename(): never {
		throw new Error("no file is renamed");
	}
}

/** Frames 0, 1 and 2, in the slots of their numbers, with versions 1, 2 and 3. */
async function fill(
	host: Host,
	options: PackedStoreOptions = {},
): Promise<void> {
	await withStore(host, options, async (store) => {
		for (let number = 0; number < COUNT; number += 1) {
			await store.write(sectorGuid(number), sectorFrame(number + 1));
		}
		await store.flush();
	});
}

async function rewrite(
	store: PackedStore,
	guid: number,
	version: number,
): Promise<void> {
	await store.write(sectorGuid(guid), sectorFrame(version));
	await store.flush();
}

async function withStore(
	host: Host,
	options: PackedStoreOptions,
	body: (store: PackedStore) => Promise<void>,
): Promise<void> {
	const store = await PackedStore.open(host, { ...OPTIONS, ...options });
	try {
		await body(store);
	} finally {
		await store.close();
	}
}

/** Opens the store, and reads every frame: with these versions, or those of fill. */
async function assertCoverage(
	host: Host,
	expected: { readonly covered: number; readonly uncovered: number },
	others: readonly number[] = [],
): Promise<void> {
	await withStore(host, {}, async (store) => {
		assert.deepEqual(store.recovery.checksums, expected);
		const target = new Uint8Array(FRAME_SIZE);
		for (const guid of store.list()) {
			await store.read(guid, target);
			const [version = 0, ...mixed] = versionsIn(target);
			assert.deepEqual(mixed, []);
			assert.include([1, 2, 3, ...others], version);
		}
	});
}

/** Reads all frames but one, and returns which slots could not be read. */
async function versions(
	store: PackedStore,
	damaged: number,
): Promise<number[]> {
	const failed: number[] = [];
	for (const guid of store.list()) {
		const number = (guid[0] ?? 0) - (sectorGuid(0)[0] ?? 0);
		const target = new Uint8Array(FRAME_SIZE);
		await store.read(guid, target).catch(() => failed.push(number));
		if (number !== damaged) {
			assert.deepEqual([...versionsIn(target)], [number + 1]);
		}
	}
	return failed;
}

async function refused(slot: number, read: () => Promise<void>): Promise<void> {
	const error = await read().then(
		() => undefined,
		(reason: unknown) => reason,
	);
	assert.instanceOf(error, StorageError);
	assert.equal(error.code, "ERR_FRAME_CORRUPT");
	const { path, guid, slot: found } = error.place;
	assert.deepEqual([path, found], [FRAMES_PATH, BigInt(slot)]);
	assert.equal(guid, toHex(sectorGuid(slot)));
	assert.notEqual(error.place.expected, error.place.found);
}

/** The first and the last byte, and some between. */
function placesIn(size: number, random: Random): number[] {
	const some = Array.from({ length: 4 }, () => random.integer(0, size));
	return [0, size - 1, ...some];
}

/** Flips one bit of a byte, and returns what flips it back. */
async function flipBit(
	host: Host,
	path: string,
	offset: number,
	random: Random,
): Promise<() => Promise<void>> {
	const mask = 1 << random.integer(0, 8);
	const flip = async () => {
		const byte = new Uint8Array(1);
		await withFile(host, path, "read", (file) => file.read([byte], offset));
		byte[0] = (byte[0] ?? 0) ^ mask;
		await mangleRaw(host, path, offset, byte);
	};
	await flip();
	return flip;
}
