import { assert } from "chai";
import { BlobLog, TrackingBlob } from "../../support/hosts/tracking-blob.ts";
import { physicalPage } from "../../support/oracles/page.ts";
import {
	assertSame,
	bytesOf,
	joined,
	pattern,
	textOf,
} from "../../support/runs/bytes.ts";
import { failureOf } from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import { pagedTest, type Wrap } from "../../support/stores/paged-store.ts";

export function syncingRows(suite: Suite): void {
	const test = pagedTest(suite);

	test("a flush of one write is one range-synced write, and a sync with nothing new asks nothing [test_sync_uses_range_sync_for_single_flush]", async (store) => {
		const { log, track } = tracking();
		const paged = await store.open(track);
		await paged.sync();
		assert.deepEqual(log.counts, [0, 1, 0]);
		await paged.append(pattern(11));
		await paged.sync();
		assert.deepEqual(log.counts, [1, 1, 1]);
		await paged.sync();
		assert.deepEqual(log.counts, [1, 1, 1]);
	});

	test("a blob whose removal makes its sync fail reports that to each sync [test_sync_failed_range_sync_does_not_mark_clean]", async (store) => {
		const { log, track } = tracking();
		const paged = await store.open(track);
		await paged.sync();
		await paged.append(pattern(11));
		await store.storage.remove("partition", "blob");
		log.syncFailure = new Error("removed");
		assert.equal(await failureOf(() => paged.sync()), log.syncFailure);
		assert.equal(await failureOf(() => paged.sync()), log.syncFailure);
		await paged.drop();
	});

	test("a flush that was not synced makes the next sync a full one [test_sync_uses_full_sync_after_prior_plain_flush]", async (store) => {
		const { log, track } = tracking();
		const paged = await store.open(track);
		await paged.append(pattern(207));
		assert.deepEqual(log.counts, [1, 0, 0]);
		await paged.sync();
		assert.deepEqual(log.counts, [2, 1, 0]);
		await paged.sync();
		assert.deepEqual(log.counts, [2, 1, 0]);
		await paged.append(pattern(3));
		await paged.sync();
		assert.deepEqual(log.counts, [4, 2, 0]);
		const written = joined(pattern(207), pattern(3));
		assertSame(await paged.read(0, 210), written);
		const again = await store.reopen(paged);
		assertSame(await again.read(0, again.size), written);
	});

	test("what a replay flushed makes the next sync a full one [test_sync_uses_full_sync_after_replay_plain_flush]", async (store) => {
		const { log, track } = tracking();
		const paged = await store.open(track);
		await paged.append(bytesOf("replayed"));
		const replay = paged.replay({ buffer: 1024 });
		assert.isTrue(await replay.ensure(8));
		assert.equal(textOf(replay.chunk), "replayed");
		assert.deepEqual(log.counts, [1, 0, 0]);
		await paged.sync();
		assert.deepEqual(log.counts, [1, 1, 0]);
	});

	test("what a replay flushed is durable after the first sync of the next handle [test_recreated_sync_preserves_replay_plain_flush_barrier]", async (store) => {
		const { log, track } = tracking();
		let paged = await store.open(track);
		await paged.append(bytesOf("replayed"));
		assert.isTrue(await paged.replay().ensure(8));
		assert.lengthOf(log.durable, 0);
		paged = await store.reopen(paged, track);
		assert.equal(paged.size, 8);
		await paged.sync();
		assertSame(log.durable, physicalPage(103, bytesOf("replayed"), 8));
		assert.deepEqual(log.counts, [1, 1, 0]);
	});

	test("an open that cut a torn tail has synced, so the first sync asks nothing [test_recreated_sync_skips_barrier_after_invalid_truncation]", async (store) => {
		const { log, track } = tracking();
		let paged = await store.open(track);
		await paged.append(pattern(5));
		await paged.sync();
		await paged.drop();
		const raw = track(await store.blob());
		await raw.writeSync(115, pattern(4));
		await raw.drop();
		assert.deepEqual(log.counts, [2, 1, 1]);
		paged = await store.open(track);
		assert.equal(paged.size, 5);
		assert.deepEqual(log.counts, [2, 2, 1]);
		await paged.sync();
		assert.deepEqual(log.counts, [2, 2, 1]);
	});

	test("a flush of two writes shares one full sync, a flush of one is range-synced [test_sync_batches_split_protected_writes_with_full_sync]", async (store) => {
		const { log, track } = tracking();
		const paged = await store.open(track);
		await paged.sync();
		await paged.append(bytesOf("abc"));
		await paged.sync();
		await paged.append(bytesOf("de"));
		await paged.sync();
		assert.deepEqual(log.counts, [3, 2, 1]);
		await paged.append(bytesOf("fg"));
		await paged.sync();
		assert.deepEqual(log.counts, [4, 2, 2]);
		assert.equal(textOf(await paged.read(0, 7)), "abcdefg");
	});
}

function tracking(): { log: BlobLog; track: Wrap } {
	const log = new BlobLog();
	return { log, track: (blob) => new TrackingBlob(blob, log) };
}
