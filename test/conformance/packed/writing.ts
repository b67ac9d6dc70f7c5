import { assert } from "chai";
import type { Host } from "../../../src/host/host.ts";
import { readRaw, writeRaw } from "../../support/hosts/raw-file.ts";
import { toHex } from "../../support/runs/bytes.ts";
import { hostTest, type Suite } from "../../support/runs/suite.ts";
import {
	LOG_PATH,
	SNAPSHOT_PATH,
	snapshotBytes,
} from "../../support/stores/packed-files.ts";
import {
	PackedSession,
	packedTest,
} from "../../support/stores/packed-store.ts";

/** A store's writes: the log byte for byte, and the next slot. */
export function writingRows(suite: Suite): void {
	recordRows(suite);
	orderRows(suite);
	sequenceRows(suite);
}

/** As holt 0.7.1 wrote them. */
const RECORDS = [
	"4d4c47311800000001c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1000000000000000064adec33",
	"4d4c47311800000001c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2010000000000000060fbe0e3",
	"4d4c47311800000001d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d20200000000000000dcd96362",
	"4d4c47311000000002c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1f0de6538",
];
const REWRITTEN =
	"4d4c47311800000001c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c10100000000000000faad46ff";

function recordRows(suite: Suite): void {
	const test = packedTest(suite);

	test("records have holt's bytes", async (session) => {
		await session.write(0xc1, 1);
		await session.write(0xc2, 2);
		await session.write(0xd2, 3);
		await session.delete(0xc1);
		await session.store.flush();
		const log = toHex(await readRaw(session.host, LOG_PATH));
		assert.equal(log, RECORDS.join(""));
	});

	test("a rewrite is a record with another slot, of holt's bytes", async (session) => {
		await session.write(0xc1, 1);
		await session.write(0xc1, 2);
		await session.store.flush();
		const log = toHex(await readRaw(session.host, LOG_PATH));
		assert.equal(log, `${RECORDS[0]}${REWRITTEN}`);
	});
}

/** GUIDs 10 to 19 lie in slots 0 to 9; here GUID n + 10 is deleted to free slot n. */
const TEN = Array.from({ length: 10 }, (_, slot) => [slot + 10, slot] as const);

function orderRows(suite: Suite): void {
	const test = hostTest(suite);

	test("slots that were freed are taken from the last one freed on, once it is flushed", async (host) => {
		const session = await openedOver(host, TEN, 10);
		for (const slot of [1, 6, 4, 3]) {
			await session.delete(slot + 10);
		}
		await session.write(30, 1);
		await session.store.flush();
		for (const guid of [31, 32, 33, 34, 35]) {
			await session.write(guid, 1);
		}
		await session.store.flush();
		assert.deepEqual(slotsOf(await session.log()), [10, 3, 4, 6, 1, 11]);
		await session.store.drop();
	});

	test("slots that are free at open are taken from the lowest one on", async (host) => {
		const used = [0, 2, 5, 7, 8, 9, 10].map(
			(slot) => [slot + 10, slot] as const,
		);
		const session = await openedOver(host, used, 12);
		for (const guid of [30, 31, 32, 33, 34, 35, 36]) {
			await session.write(guid, 1);
		}
		await session.store.flush();
		const taken = slotsOf(await session.log());
		assert.deepEqual(taken, [1, 3, 4, 6, 11, 12, 13]);
		await session.store.drop();
	});

	test("slots that were freed are taken before those that are free since the open", async (host) => {
		const used = [2, 4, 5].map((slot) => [slot + 10, slot] as const);
		const session = await openedOver(host, used, 6);
		await session.delete(15);
		await session.delete(14);
		await session.store.flush();
		for (const guid of [30, 31, 32, 33, 34, 35]) {
			await session.write(guid, 1);
		}
		await session.store.flush();
		assert.deepEqual(slotsOf(await session.log()), [4, 5, 0, 1, 3, 6]);
		await session.store.drop();
	});
}

function sequenceRows(suite: Suite): void {
	const test = packedTest(suite);

	test("a write and a deletion before a flush are two records, and leave the slot free", async (session) => {
		await session.write(1, 1);
		await session.delete(1);
		await session.store.flush();
		await session.write(2, 2);
		await session.store.flush();
		assert.deepEqual(await session.log(), [
			"set 01 0",
			"delete 01",
			"set 02 0",
		]);
		await session.assertDurable([2, 2]);
	});

	for (const rewrite of ["shadow", "in-place"] as const) {
		test(
			`${rewrite}: a deletion and a write before a flush are two records, and the write has another slot`,
			async (session) => {
				await session.write(1, 1);
				await session.store.flush();
				await session.delete(1);
				await session.write(1, 2);
				await session.store.flush();
				assert.deepEqual(await session.log(), [
					"set 01 0",
					"delete 01",
					"set 01 1",
				]);
				await session.assertDurable([1, 2]);
			},
			{ rewrite },
		);
	}

	test(
		"in place, the log is holt 0.7.1's: a GUID that is written twice keeps its slot",
		async (session) => {
			await writeTwiceAndDelete(session);
			assert.deepEqual(await session.log(), [
				"set c1 0",
				"set c1 0",
				"set c2 1",
				"delete c1",
			]);
		},
		{ rewrite: "in-place" },
	);

	test("the log is holt 0.9.2's: a GUID that is written twice has another slot", async (session) => {
		await writeTwiceAndDelete(session);
		assert.deepEqual(await session.log(), [
			"set c1 0",
			"set c1 1",
			"set c2 2",
			"delete c1",
		]);
	});

	test("a deletion of what is not there says nothing", async (session) => {
		assert.isFalse(await session.delete(1));
		assert.isFalse(session.store.needsFlush);
		await session.store.flush();
		assert.equal(await session.logSize(), 0);
	});

	test("of a batch each item has a record, in its order", async (session) => {
		await session.writeMany([3, 1], [1, 2], [3, 3]);
		await session.store.flush();
		assert.deepEqual(await session.log(), ["set 03 0", "set 01 1", "set 03 2"]);
	});

	test("a batch of nothing does nothing", async ({ store, host }) => {
		host.hooks.write = () => assert.fail("it wrote");
		host.hooks.sync = () => assert.fail("it synced");
		await store.writeMany([], { sync: true });
		assert.isFalse(store.needsFlush);
		await store.flush();
	});
}

async function writeTwiceAndDelete(session: PackedSession): Promise<void> {
	await session.write(0xc1, 1);
	await session.store.flush();
	await session.write(0xc1, 2);
	await session.write(0xc2, 3);
	await session.delete(0xc1);
	await session.store.flush();
}

async function openedOver(
	host: Host,
	mappings: readonly (readonly [number, number])[],
	nextSlot: number,
): Promise<PackedSession> {
	await writeRaw(host, SNAPSHOT_PATH, snapshotBytes({ mappings, nextSlot }));
	return PackedSession.open(host);
}

/** The slots that were taken, in order. */
function slotsOf(log: readonly string[]): number[] {
	return log
		.filter((line) => line.startsWith("set"))
		.map((line) => Number(line.split(" ")[2]));
}
