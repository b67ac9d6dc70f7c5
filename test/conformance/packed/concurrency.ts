import { assert } from "chai";
import { holdNextRead } from "../../support/hosts/held-read.ts";
import { HeldSyncs, settleTurns } from "../../support/hosts/held-syncs.ts";
import { assertFails } from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	FRAME_SIZE,
	FRAMES_PATH,
	guidOf,
	LOG_PATH,
} from "../../support/stores/packed-files.ts";
import {
	frameOf,
	frameValue,
	type PackedSession,
	packedTest,
} from "../../support/stores/packed-store.ts";

export function concurrencyRows(suite: Suite): void {
	for (const rewrite of ["shadow", "in-place"] as const) {
		orderRows(suite, rewrite);
	}
	flushRows(suite);
	readerRows(suite);
}

function orderRows(suite: Suite, rewrite: "shadow" | "in-place"): void {
	const test = packedTest(suite);

	test(
		`${rewrite}: writes of one GUID take effect in the order of the calls, though the first takes longest`,
		async (session) => {
			delayWrites(session);
			const writes = [1, 2, 3].map((value) => session.write(7, value));
			await Promise.all(writes);
			assert.equal(await session.read(7), 3);
			await session.store.flush();
			await session.assertDurable([7, 3]);
		},
		{ rewrite },
	);

	test(
		`${rewrite}: a deletion follows the write that was called before, and precedes the one after`,
		async (session) => {
			delayWrites(session);
			const calls = [
				session.write(1, 1),
				session.delete(1),
				session.write(2, 2),
				session.delete(2),
				session.write(2, 3),
				session.delete(3),
			];
			const answers = await Promise.all(calls);
			assert.deepEqual(
				[answers[1], answers[3], answers[5]],
				[true, true, false],
			);
			await session.store.flush();
			await session.assertDurable([2, 3]);
		},
		{ rewrite },
	);

	test(
		`${rewrite}: a flush covers every call before it, awaited or not, and none after`,
		async (session) => {
			delayWrites(session);
			const before = [
				session.write(1, 1),
				session.write(2, 2),
				session.delete(1),
			];
			const flush = session.store.flush();
			const after = session.write(3, 3);
			await flush;
			const covered = await session.mappings();
			assert.deepEqual(
				covered.map((line) => line.slice(0, 2)),
				["02"],
			);
			await Promise.all([...before, after]);
			await session.assertDurable([2, 2]);
		},
		{ rewrite },
	);
}

function flushRows(suite: Suite): void {
	const test = packedTest(suite);

	test("a flush covers writes that were called before it and not awaited, though they wait for one another's frames", async (session) => {
		const lent = await session.store.allocateFrame();
		const numbers = [1, 2, 3, 4, 5, 6, 7, 8];
		const writes = numbers.map((number) => session.write(number, number));
		writes.push(session.writeMany([9, 9], [10, 10], [11, 11]));
		await session.store.flush();
		lent.release();
		await session.assertDurable(
			...[...numbers, 9, 10, 11].map((number) => [number, number] as const),
		);
		await Promise.all(writes);
	});

	test("of 64 writers that each write and flush all share a few syncs", async (session) => {
		const syncs = countSyncs(session);
		const frame = frameOf(1);
		const writers = Array.from({ length: 64 }, async (_, at) => {
			await session.store.write(guidOf(at), frame);
			await session.store.flush();
		});
		await Promise.all(writers);
		assert.isAtLeast(syncs.get(LOG_PATH) ?? 0, 1);
		assert.isAtMost(syncs.get(LOG_PATH) ?? 0, 16);
		assert.isAtMost(syncs.get(FRAMES_PATH) ?? 0, 16);
		await session.reopen();
		assert.equal(session.store.size, 64);
	});

	test("a flush that is called while another is under way waits for its own", async (session) => {
		await session.write(1, 1);
		const held = HeldSyncs.of(session.host, LOG_PATH);
		const first = session.store.flush();
		await held.whenBegun(1);
		const writing = session.write(2, 2);
		const second = session.store.flush();
		held.release();
		await first;
		await held.whenBegun(2);
		assert.equal(held.completed, 1);
		held.releaseAll();
		await Promise.all([writing, second]);
		await session.assertDurable([1, 1], [2, 2]);
	});

	test("frames are durable before the log names them, and so are the names of the files", async (session) => {
		await session.write(1, 1);
		const calls: string[] = [];
		session.host.hooks = {
			write: async (path, _, call) => {
				await call();
				calls.push(`write ${path}`);
			},
			sync: async (path, call) => {
				await call();
				calls.push(`sync ${path}`);
			},
			syncDirectory: async (path, call) => {
				await call();
				calls.push(`sync directory ${path}`);
			},
		};
		await session.store.flush();
		const own = calls.filter((call) => !call.includes("frames.crc"));
		assert.deepEqual(own, [
			"sync blobs.dat",
			"sync directory ",
			"write manifest.log",
			"sync manifest.log",
		]);
	});

	test("a batch that is synced leaves a flush the log alone", async (session) => {
		const { store } = session;
		const syncs = countSyncs(session);
		await store.writeMany([[guidOf(1), frameOf(1)]], { sync: true });
		assert.deepEqual([...syncs.entries()], [[FRAMES_PATH, 1]]);
		assert.isTrue(store.needsFlush);
		await store.flush();
		assert.equal(syncs.get(FRAMES_PATH), 1);
		assert.equal(syncs.get(LOG_PATH), 1);
	});

	test("a store with nothing to flush does no I/O", async (session) => {
		await session.write(1, 1);
		await session.store.flush();
		const syncs = countSyncs(session);
		session.host.hooks.write = () => assert.fail("it wrote");
		await session.store.flush();
		assert.equal(syncs.size, 0);
	});
}

function readerRows(suite: Suite): void {
	const test = packedTest(suite);

	test("a slot is not used again while its frame is still read [manifest_flush_drains_old_slot_readers_before_reuse]", async (session) => {
		const { store, host } = session;
		await session.write(1, 1);
		await store.flush();
		const held = holdReadBegun(session);
		const target = new Uint8Array(FRAME_SIZE);
		const reading = store.read(guidOf(1), target);
		await held.begun;
		await session.delete(1);
		await store.flush();
		await session.write(2, 2);
		await store.flush();
		assert.deepEqual(await session.mappings(), ["02 at 1"]);
		held.release();
		await reading;
		assert.equal(frameValue(target), 1);
		host.hooks = {};
		await session.write(3, 3);
		await store.flush();
		assert.deepEqual(await session.mappings(), ["02 at 1", "03 at 0"]);
	});

	test("a frame that is read while it is replaced is the one that it was", async (session) => {
		await session.write(1, 1);
		await session.store.flush();
		const held = holdReadBegun(session);
		const target = new Uint8Array(FRAME_SIZE);
		const reading = session.store.read(guidOf(1), target);
		await held.begun;
		for (const value of [2, 3, 4]) {
			await session.write(1, value);
			await session.store.flush();
		}
		held.release();
		await reading;
		assert.equal(frameValue(target), 1);
		assert.equal(await session.read(1), 4);
	});

	test("a close waits for reads that are under way", async (session) => {
		await session.write(1, 1);
		const held = holdNextRead(session.host);
		const target = new Uint8Array(FRAME_SIZE);
		const reading = session.store.read(guidOf(1), target);
		await held.begun;
		let isClosed = false;
		const closing = session.store.close().then(() => {
			isClosed = true;
		});
		await settleTurns();
		assert.isFalse(isClosed);
		await assertFails("ERR_CLOSED", () => session.read(1));
		held.release();
		await Promise.all([reading, closing]);
		assert.equal(frameValue(target), 1);
	});

	test("GUIDs that are written and deleted at once end as the calls had it", async (session) => {
		const { store } = session;
		const frames = [frameOf(1), frameOf(2)] as const;
		const calls: Promise<unknown>[] = [];
		const expected = new Map<number, number>();
		for (let step = 0; step < 60; step += 1) {
			const guid = (step * 7) % 5;
			const which = step % 2;
			if (step % 3 === 2) {
				calls.push(session.delete(guid));
				expected.delete(guid);
			} else {
				calls.push(store.write(guidOf(guid), frames[which] ?? frames[0]));
				expected.set(guid, which + 1);
			}
			if (step % 11 === 0) {
				calls.push(store.flush());
			}
		}
		await Promise.all(calls);
		await store.flush();
		const sorted = [...expected].sort(([one], [other]) => one - other);
		await session.assertDurable(...sorted);
	});
}

/** Each write of frames ends after the next one. */
function delayWrites({ host }: PackedSession): void {
	let left = 10;
	host.hooks.write = async (path, _, call) => {
		left -= 1;
		for (let turn = 0; path === FRAMES_PATH && turn < left; turn += 1) {
			await new Promise((resolve) => setTimeout(resolve));
		}
		await call();
	};
}

/** Holds the next read before it has read anything. */
function holdReadBegun({ host }: PackedSession): {
	begun: Promise<void>;
	release: () => void;
} {
	let release = () => {};
	const released = new Promise<void>((resolve) => {
		release = resolve;
	});
	const begun = new Promise<void>((resolve) => {
		host.hooks.read = async (_, call) => {
			host.hooks = {};
			resolve();
			await released;
			return call();
		};
	});
	return { begun, release: () => release() };
}

function countSyncs({ host }: PackedSession): Map<string, number> {
	const counts = new Map<string, number>();
	host.hooks.sync = (path, call) => {
		counts.set(path, (counts.get(path) ?? 0) + 1);
		return call();
	};
	return counts;
}
