import { assert } from "chai";
import type { StorageErrorCode } from "../../../src/errors.ts";
import type { Host } from "../../../src/host/host.ts";
import type { Interceptor } from "../../support/hosts/intercepted-host.ts";
import { existsRaw, readRaw, writeRaw } from "../../support/hosts/raw-file.ts";
import { filled } from "../../support/runs/bytes.ts";
import {
	assertFails,
	DISK_FULL,
	KERNEL_ERROR,
} from "../../support/runs/failure.ts";
import { hostTest, type Suite } from "../../support/runs/suite.ts";
import {
	LOG_PATH,
	parseSnapshot,
	SNAPSHOT_PATH,
	STAGED_PATH,
	setRecord,
} from "../../support/stores/packed-files.ts";
import { PackedSession } from "../../support/stores/packed-store.ts";

/**
 * With this many records a log has a mebibyte. One more makes it due to be folded up; one fewer
 * does not.
 */
const RECORDS_DUE = 28_340;

export function compactionRows(suite: Suite): void {
	dueRows(suite);
	crashRows(suite);
	failureRows(suite);
}

function dueRows(suite: Suite): void {
	const test = hostTest(suite);

	test("a log that has come to a mebibyte is folded up into a snapshot, its slots ascending [manifest_delta_log_compacts_to_snapshot_when_large]", async (host) => {
		const session = await beforeCompaction(host, 2);
		await session.writeMany([9, 1], [5, 2]);
		await session.delete(9);
		await session.store.flush();
		assert.equal(await session.logSize(), 0);
		const snapshot = parseSnapshot(await readRaw(host, SNAPSHOT_PATH));
		assert.deepEqual(snapshot, ["next 3", "01 at 0", "05 at 2"]);
		assert.isFalse(await existsRaw(host, STAGED_PATH));
		await session.write(7, 7);
		await session.store.flush();
		assert.deepEqual(await session.log(), ["set 07 1"]);
		await session.reopen();
		assert.deepEqual([await session.read(5), await session.read(7)], [2, 7]);
		assert.equal(session.store.recovery.snapshotFrames, 2);
		await session.store.drop();
	});

	test("a log of a record less than a mebibyte is not folded up", async (host) => {
		const session = await beforeCompaction(host, 2);
		await session.write(2, 2);
		await session.store.flush();
		assert.isFalse(await existsRaw(host, SNAPSHOT_PATH));
		assert.equal(await session.logSize(), (RECORDS_DUE - 1) * 37);
		await session.store.drop();
	});
}

function crashRows(suite: Suite): void {
	const test = hostTest(suite);

	test("a staged snapshot that a crash has left is written over, and else ignored", async (host) => {
		await writeRaw(host, STAGED_PATH, filled(5000, 0x41));
		const session = await beforeCompaction(host, 1);
		assert.deepEqual(await readRaw(host, STAGED_PATH), filled(5000, 0x41));
		await session.write(2, 2);
		await session.store.flush();
		const snapshot = parseSnapshot(await readRaw(host, SNAPSHOT_PATH));
		assert.deepEqual(snapshot, ["next 2", "01 at 0", "02 at 1"]);
		await session.store.drop();
	});

	test("a crash between the snapshot and the emptying of the log finds all that both say, and goes on", async (host) => {
		const session = await beforeCompaction(host, 1);
		failOnce(session, { truncate: { [LOG_PATH]: KERNEL_ERROR } });
		await session.write(2, 2);
		await assertFails("ERR_BLOB_RESIZE_FAILED", () => session.store.flush());
		assert.isTrue(await existsRaw(host, SNAPSHOT_PATH));
		assert.equal(await session.logSize(), RECORDS_DUE * 37);
		await session.reopen();
		assert.equal(await session.read(2), 2);
		await session.write(3, 3);
		await session.store.flush();
		assert.equal(await session.logSize(), 0);
		await session.reopen();
		assert.deepEqual([await session.read(2), await session.read(3)], [2, 3]);
		await session.store.drop();
	});
}

type Step = "write" | "sync" | "truncate";
type Failures = Readonly<
	Partial<Record<Step, Readonly<Record<string, Error>>>>
>;

function failureRows(suite: Suite): void {
	const test = hostTest(suite);
	const failures: readonly (readonly [string, StorageErrorCode, Failures])[] = [
		[
			...(["disk that is full", "ERR_NO_SPACE"] as const),
			{ write: { [STAGED_PATH]: DISK_FULL } },
		],
		[
			...(["failed sync", "ERR_WRITE_FAILED"] as const),
			{ sync: { [STAGED_PATH]: KERNEL_ERROR } },
		],
	];
	for (const [what, code, failure] of failures) {
		test(`a ${what} while a snapshot is staged is told; what was flushed is flushed, and the next flush stages again`, async (host) => {
			const session = await beforeCompaction(host, 1);
			failOnce(session, failure);
			await session.write(2, 2);
			const error = await assertFails(code, () => session.store.flush());
			assert.include(error.message, "all that was flushed is in it");
			assert.isFalse(session.store.needsFlush);
			assert.isFalse(await existsRaw(host, SNAPSHOT_PATH));
			await session.write(3, 3);
			await session.store.flush();
			const snapshot = parseSnapshot(await readRaw(host, SNAPSHOT_PATH));
			assert.deepEqual(snapshot.slice(1), ["01 at 0", "02 at 1", "03 at 2"]);
			await session.reopen();
			assert.deepEqual([await session.read(2), await session.read(3)], [2, 3]);
			await session.store.drop();
		});
	}

	for (const call of ["rename", "syncDirectory"] as const) {
		test(`a snapshot whose ${call} fails is told, latches the store, and loses nothing`, async (host) => {
			const session = await beforeCompaction(host, 1);
			// The first flush of a session also syncs the directory.
			await session.write(2, 2);
			failAt(session, call);
			await assertFails("ERR_IO", () => session.store.flush());
			await assertFails("ERR_POISONED", () => session.write(3, 3));
			assert.equal(await session.read(2), 2);
			await session.reopen();
			assert.equal(await session.read(2), 2);
			await session.write(3, 3);
			await session.store.flush();
			await session.reopen();
			assert.deepEqual([await session.read(2), await session.read(3)], [2, 3]);
			await session.store.drop();
		});
	}
}

/** A store whose log lacks so many records to be due, and has GUID 1 in slot 0. */
async function beforeCompaction(
	host: Host,
	fewer: number,
): Promise<PackedSession> {
	const record = setRecord(1, 0);
	const count = RECORDS_DUE - fewer;
	const log = new Uint8Array(count * record.length);
	for (let index = 0; index < count; index += 1) {
		log.set(record, index * record.length);
	}
	await writeRaw(host, LOG_PATH, log);
	return PackedSession.open(host);
}

function failOnce(session: PackedSession, failures: Failures): void {
	const { host } = session;
	const failing =
		(step: Step) =>
		<T>(path: string, call: () => T): T => {
			const failure = failures[step]?.[path];
			if (failure === undefined) {
				return call();
			}
			host.hooks = {};
			throw failure;
		};
	host.hooks = {
		sync: failing("sync"),
		write: (path, _, call) => failing("write")(path, call),
		truncate: (path, _, call) => failing("truncate")(path, call),
	};
}

/** The renaming of the snapshot fails, or the sync of its name. */
function failAt(
	session: PackedSession,
	call: "rename" | "syncDirectory",
): void {
	const fail = () => {
		session.host.hooks = {};
		throw KERNEL_ERROR;
	};
	const hooks: Interceptor = {
		rename: async (_from, _to, rename) => {
			if (call === "rename") {
				fail();
			}
			await rename();
			session.host.hooks.syncDirectory = fail;
		},
	};
	session.host.hooks = hooks;
}
