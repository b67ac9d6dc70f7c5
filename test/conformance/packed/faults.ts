import { assert } from "chai";
import { FaultyHost } from "../../../src/host/faulty.ts";
import { PackedStore } from "../../../src/packed/packed-store.ts";
import { InterceptedHost } from "../../support/hosts/intercepted-host.ts";
import { writeRaw } from "../../support/hosts/raw-file.ts";
import { joined } from "../../support/runs/bytes.ts";
import {
	assertFails,
	DISK_FULL,
	failureOf,
	KERNEL_ERROR,
} from "../../support/runs/failure.ts";
import { hostTest, type Suite } from "../../support/runs/suite.ts";
import {
	CHECKSUMS_PATH,
	FRAMES_PATH,
	guidOf,
	LOG_PATH,
	setRecord,
} from "../../support/stores/packed-files.ts";
import {
	frameOf,
	type PackedSession,
	packedTest,
	SMALL,
	withPacked,
} from "../../support/stores/packed-store.ts";

export function faultRows(suite: Suite): void {
	fullFramesRows(suite);
	fullLogRows(suite);
	latchRows(suite);
	inPlaceRows(suite);
	openRows(suite);
}

function fullFramesRows(suite: Suite): void {
	for (const rewrite of ["shadow", "in-place"] as const) {
		for (const step of ["allocate", "write"] as const) {
			packedTest(suite)(
				`${rewrite}: a disk that is full when a new frame is to ${step} changes nothing, and the next write and flush work (D2)`,
				async (session) => {
					await session.write(1, 1);
					await session.store.flush();
					fillDisk(session, step, 1);
					const error = await assertFails("ERR_NO_SPACE", () =>
						session.writeMany([2, 2], ...manyBehind(step)),
					);
					assert.equal(error.cause, DISK_FULL);
					assert.isTrue(session.store.needsFlush);
					assert.deepEqual(await session.contents(), [[1, 1]]);
					await session.store.flush();
					assert.isFalse(session.store.needsFlush);
					assert.deepEqual(await session.mappings(), ["01 at 0"]);
					await session.write(3, 3);
					await session.store.flush();
					assert.deepEqual(await session.mappings(), ["01 at 0", "03 at 1"]);
					await session.assertDurable([1, 1], [3, 3]);
				},
				{ rewrite },
			);
		}
	}

	packedTest(suite)(
		"a rewrite that fails leaves the frame that was, flushed or not",
		async (session) => {
			await session.write(1, 1);
			await session.store.flush();
			await session.write(1, 2);
			fillDisk(session, "write", 100_000);
			await assertFails("ERR_NO_SPACE", () => session.write(1, 3));
			assert.equal(await session.read(1), 2);
			await session.store.flush();
			await session.assertDurable([1, 2]);
		},
	);

	packedTest(suite)(
		"slots of a write that failed do not free those of deletions that no flush has covered [rolling_back_reserved_slots_keeps_undurable_frees_pending]",
		async (session) => {
			await session.writeMany([1, 1], [2, 2]);
			await session.store.flush();
			await session.delete(2);
			await session.delete(1);
			fillDisk(session, "write", 0);
			await assertFails("ERR_NO_SPACE", () => session.write(3, 3));
			await session.write(4, 4);
			assert.deepEqual(
				[
					await session.valueIn(0),
					await session.valueIn(1),
					await session.valueIn(2),
				],
				[1, 2, 4],
			);
			await session.assertDurable([1, 1], [2, 2]);
		},
	);
}

function fullLogRows(suite: Suite): void {
	const test = packedTest(suite);

	for (const kept of [0, 1, 36, 37, 50]) {
		test(`a disk that is full after ${kept} bytes of the log's records is told; the log is as it was, and the next flush says all (D1)`, async (session) => {
			await session.write(1, 1);
			await session.store.flush();
			await session.writeMany([2, 2], [3, 3]);
			fillFile(session, LOG_PATH, kept);
			const error = await assertFails("ERR_NO_SPACE", () =>
				session.store.flush(),
			);
			assert.equal(error.cause, DISK_FULL);
			assert.equal(error.place.path, LOG_PATH);
			assert.deepEqual(await session.log(), ["set 01 0"]);
			assert.isTrue(session.store.needsFlush);
			await session.store.flush();
			assert.isFalse(session.store.needsFlush);
			assert.deepEqual(await session.log(), [
				"set 01 0",
				"set 02 1",
				"set 03 2",
			]);
			await session.assertDurable([1, 1], [2, 2], [3, 3]);
		});
	}

	test("a disk that is full when checksums are written is told, and the next flush says all", async (session) => {
		await session.write(1, 1);
		await session.store.flush();
		await session.write(2, 2);
		fillFile(session, CHECKSUMS_PATH, 0);
		const error = await assertFails("ERR_NO_SPACE", () =>
			session.store.flush(),
		);
		assert.equal(error.place.path, CHECKSUMS_PATH);
		assert.deepEqual(await session.log(), ["set 01 0"]);
		await session.store.flush();
		assert.isFalse(session.store.needsFlush);
		await session.assertDurable([1, 1], [2, 2]);
		const checked = { covered: 2, uncovered: 0 };
		assert.deepEqual(session.store.checksums, checked);
	});

	test("a log that cannot be cut back latches the store, which finds all that was flushed when it is opened anew", async (session) => {
		await session.write(1, 1);
		await session.store.flush();
		await session.write(2, 2);
		fillFile(session, LOG_PATH, 20);
		session.host.hooks.truncate = () => {
			throw KERNEL_ERROR;
		};
		await assertFails("ERR_NO_SPACE", () => session.store.flush());
		session.host.hooks = {};
		await assertLatched(session);
		await session.assertDurable([1, 1]);
		await session.write(3, 3);
		await session.store.flush();
		await session.assertDurable([1, 1], [3, 3]);
	});
}

function latchRows(suite: Suite): void {
	const test = packedTest(suite);
	const syncs = {
		...{ [FRAMES_PATH]: "frames", [LOG_PATH]: "log" },
		[CHECKSUMS_PATH]: "checksums",
	};
	for (const [path, what] of Object.entries(syncs)) {
		test(`a failed sync of the ${what} refuses what would change the store, while reads go on, until it is opened anew (D9)`, async (session) => {
			await session.write(1, 1);
			await session.store.flush();
			await session.write(2, 2);
			session.host.hooks.sync = (synced, call) => {
				if (synced === path) {
					throw KERNEL_ERROR;
				}
				return call();
			};
			const error = await assertFails("ERR_BLOB_SYNC_FAILED", () =>
				session.store.flush(),
			);
			assert.equal(error.cause, KERNEL_ERROR);
			session.host.hooks = {};
			await assertLatched(session);
			assert.deepEqual(await session.contents(), [
				[1, 1],
				[2, 2],
			]);
			await session.reopen();
			assert.equal(await session.read(1), 1);
			await session.write(3, 3);
			await session.store.flush();
			await session.reopen();
			assert.deepEqual([await session.read(1), await session.read(3)], [1, 3]);
		});
	}

	test("a failed sync within a batch that asks for one latches, too", async (session) => {
		session.host.hooks.sync = () => {
			throw KERNEL_ERROR;
		};
		await assertFails("ERR_BLOB_SYNC_FAILED", () =>
			session.store.writeMany([[guidOf(1), frameOf(1)]], { sync: true }),
		);
		session.host.hooks = {};
		assert.isFalse(session.store.has(guidOf(1)));
		await assertLatched(session);
	});

	test("a failed sync of the directory latches, and the first flush after the next open does it again (D8)", async (session) => {
		await session.write(1, 1);
		session.host.hooks.syncDirectory = () => {
			throw KERNEL_ERROR;
		};
		await assertFails("ERR_IO", () => session.store.flush());
		await assertLatched(session);
		await session.reopen();
		let synced = 0;
		session.host.hooks.syncDirectory = (_, call) => {
			synced += 1;
			return call();
		};
		await session.write(2, 2);
		await session.store.flush();
		await session.write(2, 3);
		await session.store.flush();
		assert.equal(synced, 1);
	});

	test("writes whose bytes were on their way when a sync failed change nothing", async (session) => {
		await session.write(1, 1);
		session.host.hooks.sync = () => {
			throw KERNEL_ERROR;
		};
		const flushing = failureOf(() => session.store.flush());
		const writing = failureOf(() => session.write(1, 2));
		const deleting = failureOf(() => session.delete(1));
		await Promise.all([flushing, writing, deleting]);
		session.host.hooks = {};
		assert.equal(await session.read(1), 1);
	});
}

function inPlaceRows(suite: Suite): void {
	const test = packedTest(suite);
	const inPlace = { rewrite: "in-place" } as const;

	test(
		"in place, a write over a frame that fails half way latches the store",
		async (session) => {
			await session.write(1, 1);
			await session.write(2, 2);
			await session.store.flush();
			fillDisk(session, "write", 1000);
			await assertFails("ERR_NO_SPACE", () => session.write(1, 3));
			await assertLatched(session);
			assert.equal(await session.read(2), 2);
		},
		inPlace,
	);

	test(
		"in place, a batch that finds no room for its new frames overwrites nothing, and latches nothing",
		async (session) => {
			await session.write(1, 1);
			await session.store.flush();
			fillDisk(session, "allocate", 0);
			await assertFails("ERR_NO_SPACE", () =>
				session.writeMany([1, 2], ...manyBehind("allocate")),
			);
			assert.equal(await session.read(1), 1);
			await session.write(1, 3);
			await session.store.flush();
			await session.assertDurable([1, 3]);
		},
		inPlace,
	);

	test(
		"in place, a new frame that is written twice by a batch that fails latches nothing",
		async (session) => {
			fillDisk(session, "write", 1000);
			await assertFails("ERR_NO_SPACE", () =>
				session.writeMany([1, 1], [1, 2]),
			);
			await session.write(1, 3);
			await session.store.flush();
			await session.assertDurable([1, 3]);
		},
		inPlace,
	);
}

function openRows(suite: Suite): void {
	const test = hostTest(suite);

	test("a store that is latched is let go by a close that rejects", async (host) => {
		const intercepted = new InterceptedHost(host);
		const store = await PackedStore.open(intercepted, SMALL);
		await store.write(guidOf(1), frameOf(1));
		intercepted.hooks.sync = () => {
			throw KERNEL_ERROR;
		};
		await assertFails("ERR_BLOB_SYNC_FAILED", () => store.flush());
		intercepted.hooks = {};
		await assertFails("ERR_POISONED", () => store.close());
		await withPacked(host, {}, async (anew) => assert.equal(anew.size, 0));
	});

	test("records that a killed process has left are synced before a slot that they free is written", async (host) => {
		await withPacked(host, {}, async (store) => {
			await store.write(guidOf(1), frameOf(1));
			await store.flush();
		});
		const synced: string[] = [];
		await withPacked(
			new InterceptedHost(host, {
				sync: async (path, call) => {
					synced.push(path);
					await call();
				},
			}),
			{},
			async () => assert.include(synced, LOG_PATH),
		);
	});

	test("an open that fails at any step lets go of the store, which opens then", async (host) => {
		await writeRaw(host, LOG_PATH, joined(setRecord(1, 0), setRecord(2, 1)));
		for (const rates of [{ read: 1 }, { open: 1 }, { sync: 1 }]) {
			const faulty = new FaultyHost(host, 1, rates);
			const error = await assertFails("ERR_IO", () =>
				PackedStore.open(faulty, SMALL),
			);
			assert.equal((error.cause as { code?: string }).code, "EIO");
		}
		await withPacked(host, {}, async (store) => {
			assert.equal(store.size, 2);
		});
	});

	test("a store that has no memory for what it is asked to hold says so", async (host) => {
		const memory = 1024 * 1024;
		await assertFails("ERR_MEMORY", () =>
			PackedStore.open(host, { ...SMALL, memory }),
		);
		await withPacked(host, { frames: 1, memory }, async (store) => {
			await store.write(guidOf(1), frameOf(1));
			await store.flush();
		});
	});
}

/** Every change of the store is refused, with the failure that latched it. */
async function assertLatched(session: PackedSession): Promise<void> {
	for (const call of [
		() => session.write(9, 9),
		() => session.delete(1),
		() => session.store.flush(),
	]) {
		await assertFails("ERR_POISONED", call);
	}
}

/** So many frames that the file must grow, if growing is to fail. */
function manyBehind(step: "allocate" | "write"): [number, number][] {
	const count = step === "allocate" ? 8 : 0;
	return Array.from({ length: count }, (_, at) => [50 + at, 50 + at]);
}

/** The disk is full once: when the frames' file grows, or after so many bytes of a frame. */
function fillDisk(
	{ host }: PackedSession,
	step: "allocate" | "write",
	kept: number,
): void {
	if (step === "allocate") {
		host.hooks.allocate = () => {
			host.hooks = {};
			throw DISK_FULL;
		};
		return;
	}
	host.hooks.write = async (path, { parts, offset, file }, call) => {
		if (path !== FRAMES_PATH) {
			return call();
		}
		host.hooks = {};
		const whole = kept - (kept % file.traits.alignment);
		const [first] = parts;
		if (whole > 0 && first !== undefined) {
			await file.write([first.subarray(0, whole)], offset);
		}
		throw DISK_FULL;
	};
}

/** The disk is full once, after so many bytes of a file's records. */
function fillFile({ host }: PackedSession, full: string, kept: number): void {
	host.hooks.write = async (path, { parts, offset, file }, call) => {
		if (path !== full) {
			return call();
		}
		delete host.hooks.write;
		await file.write([joined(...parts).subarray(0, kept)], offset);
		throw DISK_FULL;
	};
}
