import { assert } from "chai";
import type { Host } from "../../../src/host/host.ts";
import { holdNextRead } from "../../support/hosts/held-read.ts";
import { settleTurns } from "../../support/hosts/held-syncs.ts";
import { readRaw } from "../../support/hosts/raw-file.ts";
import { assertFails, KERNEL_ERROR } from "../../support/runs/failure.ts";
import { hostTest, type Suite } from "../../support/runs/suite.ts";
import {
	CHECKSUMS_PATH,
	FRAME_SIZE,
	FRAMES_PATH,
	guidOf,
} from "../../support/stores/packed-files.ts";
import {
	frameOf,
	frameValue,
	type PackedSession,
	packedTest,
	withPacked,
} from "../../support/stores/packed-store.ts";

const ERASE = { erase: true };
const RECORD_SIZE = 32;
const STAMPS = 2;

/** The bytes in blobs.dat of a frame whose GUID is gone, with `erase` and without. */
export function erasingRows(suite: Suite): void {
	flushRows(suite);
	readerRows(suite);
	failureRows(suite);
	openRows(suite);
}

function flushRows(suite: Suite): void {
	const test = packedTest(suite);

	test(
		"with erase a flush leaves zeros in place of frames that were deleted or replaced, and forgets their checksums",
		async (session) => {
			await session.writeMany([1, 1], [2, 2], [3, 3]);
			await session.store.flush();
			await session.delete(1);
			await session.write(2, 4);
			await session.store.flush();
			assert.deepEqual(await valuesIn(session.host, 4), [0, 0, 3, 4]);
			const records = await recordsOf(session.host);
			assert.deepEqual(records, [false, false, true, true]);
			await session.assertDurable([2, 4], [3, 3]);
		},
		{ ...ERASE, checksums: true },
	);

	test("without erase a deleted frame stays in its slot until another one is written there", async (session) => {
		await session.write(1, 1);
		await session.store.flush();
		await session.delete(1);
		await session.store.flush();
		assert.deepEqual(await valuesIn(session.host, 1), [1]);
	});

	test(
		"with erase a frame is overwritten when the log says durably that it is gone, and durably before its slot is used again",
		async (session) => {
			await session.write(1, 1);
			await session.store.flush();
			await session.delete(1);
			const calls = callsOn(session);
			await session.store.flush();
			assert.deepEqual(calls.splice(0), [
				...["write manifest.log", "sync manifest.log"],
				...["write blobs.dat", "sync blobs.dat"],
			]);
			await session.write(2, 2);
			assert.equal(await session.valueIn(0), 2);
		},
		{ ...ERASE, checksums: false },
	);

	test(
		"with erase a frame that was replaced before it was flushed is overwritten too",
		async (session) => {
			await session.write(1, 1);
			await session.write(1, 2);
			await session.write(3, 3);
			await session.delete(3);
			await session.store.flush();
			assert.deepEqual(await valuesIn(session.host, 3), [0, 2, 0]);
		},
		ERASE,
	);

	test(
		"with erase many frames are erased by one flush, though users have all frames of memory",
		async (session) => {
			const { store } = session;
			for (let guid = 0; guid < 5; guid += 1) {
				await session.write(guid, guid + 1);
			}
			await store.flush();
			const frames = [await store.allocateFrame(), await store.allocateFrame()];
			for (let guid = 0; guid < 4; guid += 1) {
				await session.delete(guid);
			}
			await store.flush();
			for (const frame of frames) {
				frame.release();
			}
			assert.deepEqual(await valuesIn(session.host, 5), [0, 0, 0, 0, 5]);
		},
		ERASE,
	);
}

function readerRows(suite: Suite): void {
	const test = packedTest(suite);

	for (const last of ["flush", "close"] as const) {
		test(
			`with erase a frame that is read is erased when its reader has ended, by the next ${last}`,
			async (session) => {
				const { store, host } = session;
				await session.write(1, 1);
				await store.flush();
				const held = holdNextRead(host);
				const target = new Uint8Array(FRAME_SIZE);
				const reading = store.read(guidOf(1), target);
				await held.begun;
				await session.delete(1);
				await store.flush();
				assert.equal(await session.valueIn(0), 1);
				const ending = last === "close" ? store.close() : undefined;
				await settleTurns();
				held.release();
				await reading;
				assert.equal(frameValue(target), 1);
				if (last === "flush") {
					assert.isTrue(store.needsFlush);
					await store.flush();
					assert.isFalse(store.needsFlush);
				}
				await ending;
				assert.deepEqual(await valuesIn(session.host, 1), [0]);
			},
			ERASE,
		);
	}
}

function failureRows(suite: Suite): void {
	const test = packedTest(suite);

	test(
		"with erase a flush that cannot write zeros rejects, with all that it flushed durable, and the next one erases",
		async (session) => {
			await session.write(1, 1);
			await session.write(2, 2);
			await session.store.flush();
			await session.delete(1);
			session.host.hooks.write = (path, _write, call) => {
				if (path === FRAMES_PATH) {
					throw KERNEL_ERROR;
				}
				return call();
			};
			await assertFails("ERR_WRITE_FAILED", () => session.store.flush());
			session.host.hooks = {};
			assert.deepEqual(await session.mappings(), ["02 at 1"]);
			await session.write(3, 3);
			await session.store.flush();
			assert.deepEqual(await valuesIn(session.host, 3), [0, 2, 3]);
		},
		ERASE,
	);

	test(
		"with erase a flush that cannot make zeros durable latches the store, and the slot is not used again",
		async (session) => {
			await session.write(1, 1);
			await session.store.flush();
			await session.delete(1);
			session.host.hooks.sync = (path, call) => {
				if (path === FRAMES_PATH) {
					throw KERNEL_ERROR;
				}
				return call();
			};
			await assertFails("ERR_BLOB_SYNC_FAILED", () => session.store.flush());
			await assertFails("ERR_POISONED", () => session.write(2, 2));
			await session.assertDurable();
		},
		ERASE,
	);
}

function openRows(suite: Suite): void {
	const test = hostTest(suite);

	test("a session with erase erases what one without has deleted, where frames.crc tells of it, and nothing else", async (host) => {
		await withPacked(host, { checksums: true }, async (store) => {
			for (const guid of [1, 2, 3]) {
				await store.write(guidOf(guid), frameOf(guid));
			}
			await store.flush();
			await store.delete(guidOf(1));
			await store.close();
		});
		await withPacked(host, ERASE, async (store) => {
			assert.deepEqual(store.recovery.changedOutside, []);
			assert.deepEqual(await valuesIn(host, 3), [0, 2, 3]);
			for (const guid of [2, 3]) {
				const target = new Uint8Array(FRAME_SIZE);
				await store.read(guidOf(guid), target);
				assert.equal(frameValue(target), guid);
			}
			await store.close();
		});
		await withPacked(host, ERASE, async (store) => {
			assert.deepEqual(store.recovery.changedOutside, []);
		});
	});
}

/**
 * The value of the frame in each of the first slots, 0 for all zeros: the file is extended ahead of
 * its frames.
 */
async function valuesIn(host: Host, slots: number): Promise<number[]> {
	const bytes = await readRaw(host, FRAMES_PATH);
	const values: number[] = [];
	for (let at = 0; at < slots * FRAME_SIZE; at += FRAME_SIZE) {
		const frame = bytes.subarray(at, at + FRAME_SIZE);
		values.push(frame.every((byte) => byte === 0) ? 0 : frameValue(frame));
	}
	return values;
}

/** For each slot within frames.crc, whether it records a frame. */
async function recordsOf(host: Host): Promise<boolean[]> {
	const bytes = await readRaw(host, CHECKSUMS_PATH);
	const records: boolean[] = [];
	for (let at = STAMPS * RECORD_SIZE; at < bytes.length; at += RECORD_SIZE) {
		const record = bytes.subarray(at, at + RECORD_SIZE);
		records.push(record.some((byte) => byte !== 0));
	}
	return records;
}

/** The writes and syncs of files from now on. */
function callsOn(session: PackedSession): string[] {
	const calls: string[] = [];
	session.host.hooks.write = (path, _write, call) => {
		calls.push(`write ${path}`);
		return call();
	};
	session.host.hooks.sync = (path, call) => {
		calls.push(`sync ${path}`);
		return call();
	};
	return calls;
}
