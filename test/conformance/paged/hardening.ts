import { assert } from "chai";
import type { PagedBlob } from "../../../src/paged/paged-blob.ts";
import { mangleRaw } from "../../support/hosts/raw-file.ts";
import { BlobLog, TrackingBlob } from "../../support/hosts/tracking-blob.ts";
import {
	assertSame,
	filled,
	joined,
	pattern,
} from "../../support/runs/bytes.ts";
import type { Suite } from "../../support/runs/suite.ts";
import { PagedStore, pagedTest } from "../../support/stores/paged-store.ts";

const HEADER = 8;
const SECTOR = 512;
const PREFIX = filled(200, 0xaa);
const CUT_OFF = filled(100, 0xbb);
const NEW = filled(100, 0xcc);

/** Known losses and mixes of bytes in commonware, by the number of its issue. */
export function hardeningRows(suite: Suite): void {
	durableSlotRows(suite);
	truncationRows(suite);
	retiredSlotRows(suite);
	adoptedRows(suite);
}

function durableSlotRows(suite: Suite): void {
	const test = pagedTest(suite);

	test("the last durable slot is overwritten only when the other one is durable (commonware #4546)", async (store) => {
		const { log, paged } = await tracked(store);
		await paged.append(pattern(10));
		await paged.sync();
		assert.deepEqual(log.takeOrder(), ["range-sync [0,115)"]);
		await paged.append(pattern(5, 10));
		await paged.replay().ensure(15);
		const toSlot2 = ["write [10,103)", "write [109,115)"];
		assert.deepEqual(log.takeOrder(), toSlot2);
		await paged.append(pattern(5, 15));
		await paged.sync();
		assert.deepEqual(log.takeOrder(), ["sync", "range-sync [15,109)"]);
	});

	test("a second flush of a page waits for the first to be durable, without a sync of the caller's", async (store) => {
		const { log, paged } = await tracked(store);
		await paged.append(pattern(10));
		await paged.sync();
		log.take();
		for (const size of [15, 20, 25]) {
			await paged.append(pattern(5, paged.size));
			assert.isTrue(await paged.replay().ensure(size));
		}
		assert.deepEqual(log.takeOrder(), [
			"write [10,103)",
			"write [109,115)",
			"sync",
			"write [15,109)",
			"sync",
			"write [20,103)",
			"write [109,115)",
		]);
	});
}

function truncationRows(suite: Suite): void {
	const test = pagedTest(suite);

	test("a cut at a page boundary is durable before the bytes that come after it (commonware #4688)", async (store) => {
		const { log, paged } = await tracked(store);
		await paged.append(pattern(206));
		await paged.sync();
		log.take();
		await paged.resize(103);
		assert.deepEqual(log.takeOrder(), ["resize 115"]);
		await paged.append(pattern(5));
		await paged.sync();
		assert.deepEqual(log.takeOrder(), ["sync", "range-sync [115,230)"]);
	});

	test("a cut at a page boundary is durable before a flush that nobody syncs", async (store) => {
		const { log, paged } = await tracked(store);
		await paged.append(pattern(206));
		await paged.sync();
		await paged.resize(0);
		log.take();
		await paged.append(pattern(207));
		assert.deepEqual(log.takeOrder(), ["sync", "write [0,230)"]);
	});
}

function retiredSlotRows(suite: Suite): void {
	const test = pagedTest(suite);

	for (const [pageSize, where] of [
		[1011, "before the last of its bytes"],
		[1013, "within its checksum"],
		[1014, "between its length and its checksum"],
		[1015, "within its length"],
	] as const) {
		test(
			`a retired slot with a sector boundary ${where} is zeroed, durably, before it is used again (commonware #4339)`,
			async (store) => {
				const { log, paged } = await shrunk(store);
				await paged.append(NEW);
				await paged.sync();
				const zeroed = `range-sync [${pageSize},${pageSize + 6})`;
				const written = `range-sync [200,${pageSize + 6})`;
				const calls = log.take();
				assert.deepEqual(
					calls.map((call) =>
						"bytes" in call
							? `${call.kind} [${call.offset},${call.offset + call.bytes.length})`
							: call.kind,
					),
					[zeroed, written],
				);
				const [zeros] = calls;
				assertSame(
					zeros !== undefined && "bytes" in zeros ? zeros.bytes : NEW,
					filled(6, 0),
				);
			},
			{ pageSize, writeBuffer: 3000 },
		);
	}

	for (const pageSize of [1010, 1016, 103]) {
		test(
			`a retired slot of a ${pageSize}-byte page lies in one sector, and is used again at once`,
			async (store) => {
				const length = pageSize === 103 ? 20 : 200;
				const { log, paged } = await shrunk(store, length);
				await paged.append(pattern(30));
				await paged.sync();
				assert.deepEqual(log.takeOrder(), [
					`range-sync [${length},${pageSize + 6})`,
				]);
			},
			{ pageSize, writeBuffer: 3000 },
		);
	}

	test(
		"what was cut off stays cut off when a regrow to the same length is torn between sectors (commonware #4339)",
		async (store) => {
			const { log, paged } = await shrunk(store);
			const before = log.durable;
			await paged.append(NEW);
			await paged.sync();
			const calls = log.take();
			const last = calls.pop();
			assert.isTrue(last?.kind === "range-sync" && last.offset === 200);
			await store.storage.drop();
			const file = joined(new Uint8Array(HEADER), before);
			for (const call of calls) {
				if ("bytes" in call) {
					file.set(call.bytes, HEADER + call.offset);
				}
			}
			// Of the last write only the sector with the new length reached the disk.
			if (last !== undefined && "bytes" in last) {
				const from = SECTOR - HEADER - last.offset;
				file.set(last.bytes.subarray(from, from + SECTOR), SECTOR);
			}
			await mangleRaw(
				store.host,
				PagedStore.PATH,
				HEADER,
				file.subarray(HEADER),
			);
			await store.crash();
			const reopened = await store.open();
			assert.equal(reopened.size, 200);
			assertSame(await reopened.read(0, 200), PREFIX);
		},
		{ pageSize: 1014, writeBuffer: 3000 },
	);
}

function adoptedRows(suite: Suite): void {
	const test = pagedTest(suite);

	test("the first sync of an opened blob reaches the disk, though nothing was appended (commonware #3940)", async (store) => {
		const { paged } = await tracked(store);
		await paged.append(pattern(50));
		await paged.close();
		const { log, paged: reopened } = await tracked(store, false);
		await reopened.sync();
		assert.deepEqual(log.takeOrder(), ["sync"]);
		await reopened.sync();
		assert.deepEqual(log.takeOrder(), []);
	});

	test("what an open adopted is durable before anything is written (commonware #3940)", async (store) => {
		const { paged } = await tracked(store);
		await paged.append(pattern(50));
		await paged.close();
		const { log, paged: reopened } = await tracked(store, false);
		await reopened.append(pattern(200, 50));
		assert.deepEqual(log.takeOrder(), [
			"sync",
			"write [50,103)",
			"write [109,230)",
		]);
	});
}

/** A page of 300 synced bytes, cut to `length`. */
async function shrunk(store: PagedStore, length = 200) {
	const { log, paged } = await tracked(store);
	await paged.append(
		length === 200 ? joined(PREFIX, CUT_OFF) : pattern(length + 30),
	);
	await paged.sync();
	await paged.resize(length);
	log.take();
	return { log, paged };
}

async function tracked(
	store: PagedStore,
	isSynced = true,
): Promise<{ log: BlobLog; paged: PagedBlob }> {
	const log = new BlobLog();
	const paged = await store.open((blob) => new TrackingBlob(blob, log));
	if (isSynced) {
		await paged.sync();
		log.take();
	}
	return { log, paged };
}
