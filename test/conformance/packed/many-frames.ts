import { assert } from "chai";
import type { Host } from "../../../src/host/host.ts";
import type { PackedStore } from "../../../src/packed/packed-store.ts";
import { HollowFrames } from "../../support/hosts/hollow-frames.ts";
import {
	mangleRaw,
	readRaw,
	truncateRaw,
	writeRaw,
} from "../../support/hosts/raw-file.ts";
import { toHex } from "../../support/runs/bytes.ts";
import { assertFails } from "../../support/runs/failure.ts";
import { hostTest, type Suite } from "../../support/runs/suite.ts";
import { turnsDuring } from "../../support/runs/turns.ts";
import {
	CHECKSUMS_PATH,
	FRAME_SIZE,
	LOG_PATH,
	longLog,
} from "../../support/stores/packed-files.ts";
import {
	GENERATION,
	layMany,
	manyGuid,
	manyRecord,
	RECORD_SIZE,
	RECORDS_START,
} from "../../support/stores/packed-many.ts";
import { withPacked } from "../../support/stores/packed-store.ts";

/** More frames than the records, and the mappings, that are read together. */
const FRAMES = 5000;
/** The last of those that are read together, and the first of the next. */
const EDGES = [2047, 2048, 4095, 4096];
/** Past what the memory of a new store holds, and past a first one of the manifest's own. */
const GROWN = 200_000;
const TOGETHER = 25_000;
const FRAME = new Uint8Array(FRAME_SIZE);
/** Some hosts are slow to be told of so many writes. */
const A_MINUTE = 60_000;
const MAPPING_SIZE = 24;
/** Bytes of a manifest's files that are read together. */
const PIECE = 64 * 1024;

/** Stores with very many frames, none of whose bytes are kept. */
export function manyFrameRows(suite: Suite): void {
	judgingRows(suite);
	listingRows(suite);
	growthRows(suite);
	turnRows(suite);
}

function judgingRows(suite: Suite): void {
	const test = hostTest(suite);

	test("of thousands of frames each is judged by its own record, and those without one are covered in their slots alone", async (host) => {
		const hollow = new HollowFrames(host);
		await layMany(hollow, FRAMES);
		const whole = await readRaw(hollow, CHECKSUMS_PATH);
		const missing = await damage(hollow);
		await withPacked(hollow, {}, async (store) => {
			const uncovered = missing.length;
			const expected = { covered: FRAMES - uncovered, uncovered };
			assert.deepEqual(store.recovery.checksums, expected);
			assert.deepEqual(store.checksums, expected);
			assert.equal(await store.coverFrames(), uncovered);
			assert.deepEqual(store.checksums, { covered: FRAMES, uncovered: 0 });
		});
		assert.equal(toHex(await readRaw(hollow, CHECKSUMS_PATH)), toHex(whole));
	});

	test("of thousands of frames those that are not what their records say are refused with their slots, and no other", async (host) => {
		const hollow = new HollowFrames(host);
		await layMany(hollow, FRAMES);
		const wrong = [0, 7, ...EDGES, FRAMES - 1];
		for (const slot of wrong) {
			await mangle(hollow, slot, manyRecord(slot, { crc: slot + 1 }));
		}
		await withPacked(hollow, {}, async (store) => {
			for (const slot of wrong) {
				const error = await assertFails("ERR_FRAME_CORRUPT", () =>
					readIn(store, slot),
				);
				assert.deepInclude(error.place, {
					...{ guid: toHex(manyGuid(slot)), slot: BigInt(slot) },
					...{ expected: slot + 1 },
				});
			}
			for (const slot of [1, 6, 8, 2046, 2049, 4094, 4097, FRAMES - 2]) {
				await readIn(store, slot);
			}
		});
	});
}

function listingRows(suite: Suite): void {
	const test = hostTest(suite);

	test("thousands of GUIDs are listed in ascending order of their bytes, before and after changes, each in bytes of its own", async (host) => {
		const hollow = new HollowFrames(host);
		await layMany(hollow, FRAMES);
		await withPacked(hollow, {}, async (store) => {
			const expected = Array.from({ length: FRAMES }, (_, slot) =>
				toHex(manyGuid(slot)),
			).sort();
			assert.deepEqual(store.list().map(toHex), expected);
			const [first] = store.list();
			first?.fill(255);
			assert.deepEqual(store.list().map(toHex), expected);
			await store.delete(manyGuid(3));
			await store.write("ff".repeat(16), new Uint8Array(FRAME_SIZE));
			const gone = toHex(manyGuid(3));
			assert.deepEqual(store.list().map(toHex), [
				...expected.filter((guid) => guid !== gone),
				"ff".repeat(16),
			]);
		});
	});
}

function growthRows(suite: Suite): void {
	const test = hostTest(suite);

	test(
		"in one session a store grows past 98,304 frames, and past twice as many: it finds all, lists them in order, and has them after a crash",
		async (host) => {
			const hollow = new HollowFrames(host);
			await withPacked(hollow, { checksums: false }, async (store) => {
				for (let first = 0; first < GROWN; first += TOGETHER) {
					await writeFrom(store, first);
				}
				assert.isTrue(await store.delete(manyGuid(5)));
				await writeFrom(store, 0, 6);
				await store.flush();
				assertGrown(store);
			});
			await withPacked(hollow, { checksums: false }, async (store) => {
				assertGrown(store);
			});
		},
		A_MINUTE,
	);

	test("a store whose memory was given does not grow past it: the write is refused before any change, and others go on", async (host) => {
		const hollow = new HollowFrames(host);
		const options = { checksums: false, memory: 4 * 1024 * 1024 };
		await withPacked(hollow, options, async (store) => {
			await writeFrom(store, 0, 1000);
			await assertFails("ERR_MEMORY", () => writeFrom(store, 1000, 50_000));
			assert.equal(store.size, 1000);
			assert.isFalse(store.has(manyGuid(1000)));
			await writeFrom(store, 1000, 1001);
			assert.equal(store.size, 1001);
		});
	});
}

/** Writes frames under the GUIDs of these slots, all together. */
function writeFrom(
	store: PackedStore,
	first: number,
	end = first + TOGETHER,
): Promise<void> {
	return store.writeMany(
		Array.from({ length: end - first }, (_, index) => {
			return [manyGuid(first + index), FRAME] as const;
		}),
	);
}

function assertGrown(store: PackedStore): void {
	assert.equal(store.size, GROWN);
	const found = store.list().map(orderOf);
	assert.lengthOf(found, GROWN);
	assert.isTrue(found.every((place, at) => place > (found[at - 1] ?? -1)));
	for (const slot of [0, 5, 1023, 98_303, 98_304, 98_305, GROWN - 1]) {
		assert.isTrue(store.has(manyGuid(slot)), `${slot}`);
	}
	assert.isFalse(store.has(manyGuid(GROWN)));
}

/** Of GUIDs that manyGuid makes, their first four bytes: no two have the same. */
function orderOf(guid: Uint8Array): number {
	return new DataView(guid.buffer, guid.byteOffset).getUint32(0);
}

function turnRows(suite: Suite): void {
	const test = hostTest(suite);

	test("while a store of thousands of frames opens, the event loop has turns between the pieces of its snapshot and of its checksums", async (host) => {
		const hollow = new HollowFrames(host);
		await layMany(hollow, 4 * FRAMES);
		const bytes = 4 * FRAMES * (2 * MAPPING_SIZE + RECORD_SIZE);
		assert.isAtLeast(await turnsOfOpen(hollow), turnsFor(bytes));
	});

	test("while a long log is replayed, the event loop has turns between its pieces", async (host) => {
		const log = longLog();
		await writeRaw(host, LOG_PATH, log);
		assert.isAtLeast(await turnsOfOpen(host), turnsFor(log.length));
	});
}

/** A turn's first look at the clock says only when it began: so two pieces come in one turn. */
function turnsFor(bytes: number): number {
	return Math.floor(bytes / PIECE / 2);
}

/** The first open of all also compiles the core, which takes turns of its own. */
async function turnsOfOpen(host: Host): Promise<number> {
	const open = () => withPacked(host, {}, async () => undefined);
	await open();
	return turnsDuring(() => whereAllTakesLong(open));
}

/** Damages records in every way, and returns the slots whose frames none is of any more. */
async function damage(host: Host): Promise<number[]> {
	const bad = [0, ...EDGES, 3000, 3001, 3002].map(
		(slot) => [slot, manyRecord(slot)] as const,
	);
	for (const [slot, record] of bad) {
		record[slot % RECORD_SIZE] = (record[slot % RECORD_SIZE] ?? 0) ^ 16;
		await mangle(host, slot, record);
	}
	await mangle(host, 10, new Uint8Array(RECORD_SIZE));
	await mangle(host, 11, manyRecord(11, { guid: manyGuid(12) }));
	await mangle(host, 13, manyRecord(14));
	await mangle(host, 15, manyRecord(15, { generation: GENERATION }));
	const end = FRAMES - 2;
	await truncateRaw(
		host,
		CHECKSUMS_PATH,
		RECORDS_START + end * RECORD_SIZE - 1,
	);
	return [...bad.map(([slot]) => slot), 10, 11, 13, 15, end - 1, end, end + 1];
}

function mangle(host: Host, slot: number, record: Uint8Array): Promise<void> {
	const offset = RECORDS_START + slot * RECORD_SIZE;
	return mangleRaw(host, CHECKSUMS_PATH, offset, record);
}

function readIn(store: PackedStore, slot: number): Promise<void> {
	return store.read(manyGuid(slot), new Uint8Array(FRAME_SIZE));
}

/** Runs a step by a clock that goes on by a second whenever someone looks at it. */
async function whereAllTakesLong<T>(step: () => Promise<T>): Promise<T> {
	const { now } = performance;
	let time = now.call(performance);
	performance.now = () => {
		time += 1000;
		return time;
	};
	try {
		return await step();
	} finally {
		performance.now = now;
	}
}
