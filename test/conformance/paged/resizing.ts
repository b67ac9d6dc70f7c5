import { assert } from "chai";
import { BlobLog, TrackingBlob } from "../../support/hosts/tracking-blob.ts";
import {
	assertSame,
	bytesOf,
	filled,
	joined,
	pattern,
	span,
	textOf,
} from "../../support/runs/bytes.ts";
import {
	assertFails,
	failureOf,
	KERNEL_ERROR,
} from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import { pagedTest, type Wrap } from "../../support/stores/paged-store.ts";

export function resizingRows(suite: Suite): void {
	sizeRows(suite);
	countRows(suite);
}

function sizeRows(suite: Suite): void {
	const test = pagedTest(suite);

	test("a growth that is interrupted rejects with the signal's reason, keeps the zeros that it has, and lets others have their turn meanwhile", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(10));
		const { port1, port2 } = new MessageChannel();
		const interrupter = new AbortController();
		const reason = new Error("enough");
		port1.onmessage = () => interrupter.abort(reason);
		port2.postMessage("waits in the event loop");
		const size = 2 ** 36;
		const failure = await failureOf(() =>
			paged.resize(size, { signal: interrupter.signal }),
		);
		port1.close();
		assert.equal(failure, reason);
		assert.isBelow(paged.size, size);
		const end = await paged.read(paged.size - 1, 1);
		assert.equal(end[0], 0);
		const { signal } = interrupter;
		assert.equal(await failureOf(() => paged.resize(5, { signal })), reason);
		await paged.resize(12);
		await paged.append(pattern(3));
		const whole = joined(pattern(10), filled(2, 0), pattern(3));
		assertSame(await paged.read(0, 15), whole);
	});

	test("a size that no file has is refused before a byte of it is written", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(10));
		for (const size of [Number.MAX_SAFE_INTEGER, 2 ** 52 * 1.9]) {
			await assertFails("ERR_OFFSET_OVERFLOW", () => paged.resize(size));
		}
		assert.equal(paged.size, 10);
		await paged.append(pattern(1));
	});

	test("a cut into a damaged page fails, and the size stands [test_resize_shrink_validates_crc]", async (store) => {
		let paged = await store.open();
		await paged.append(pattern(250));
		await paged.sync();
		await store.mangle(218, filled(12, 0xff));
		paged = await store.reopen(paged);
		assert.equal(paged.size, 250);
		const error = await assertFails("ERR_INVALID_CHECKSUM", () =>
			paged.resize(150),
		);
		assert.include(error.place, { page: 1, found: 0 });
	});

	test("what was cut off is never read from the cache [test_resize_invalidates_cache]", async (store) => {
		const paged = await store.open();
		await paged.append(filled(103, 0xaa));
		await paged.sync();
		await paged.resize(0);
		await paged.append(filled(16, 0xbb));
		const target = new Uint8Array(16);
		if (paged.tryRead(0, target)) {
			assertSame(target, filled(16, 0xbb));
		}
		assertSame(await paged.read(0, 16), filled(16, 0xbb));
	});

	test("a resize to the same size changes nothing [test_resize_same_size_is_noop]", async (store) => {
		const log = new BlobLog();
		const paged = await store.open((blob) => new TrackingBlob(blob, log));
		await paged.append(bytesOf("hello world"));
		await paged.resize(11);
		assert.deepEqual(log.takeOrder(), []);
		assert.equal(paged.size, 11);
		assert.equal(textOf(await paged.read(0, 11)), "hello world");
	});

	test("a cut within a page is durable when it resolves [test_resize_same_page_shrink_reopens_at_shorter_size]", async (store) => {
		let paged = await store.open();
		await paged.append(pattern(50));
		await paged.sync();
		await paged.resize(45);
		paged = await store.reopen(paged);
		assert.equal(paged.size, 45);
		assertSame(await paged.read(0, 45), pattern(45));
	});

	test("a cut from a full page into an earlier one is durable when it resolves [test_resize_full_page_to_partial_reopens_at_shorter_size]", async (store) => {
		let paged = await store.open();
		await paged.append(pattern(206));
		await paged.sync();
		await paged.resize(148);
		paged = await store.reopen(paged);
		assert.equal(paged.size, 148);
		assertSame(await paged.read(0, 148), pattern(148));
	});

	test("a blob grows with zeros, whatever was cut off before", async (store) => {
		let paged = await store.open();
		await paged.append(filled(250, 0xaa));
		await paged.resize(130);
		await paged.resize(1000);
		const expected = joined(filled(130, 0xaa), filled(870, 0));
		assertSame(await paged.read(0, 1000), expected);
		await paged.sync();
		paged = await store.reopen(paged);
		assertSame(await paged.read(0, paged.size), expected);
	});

	test("every cut of a blob leaves exactly what is before it, and room to append", async (store) => {
		for (const size of [0, 1, 102, 103, 104, 205, 206, 207, 249]) {
			let paged = await store.open();
			await paged.resize(0);
			await paged.append(span(1, 250));
			await paged.resize(size);
			assert.equal(paged.size, size);
			await paged.append(filled(150, 0xbb));
			await paged.sync();
			paged = await store.reopen(paged);
			const expected = joined(
				span(1, 250).subarray(0, size),
				filled(150, 0xbb),
			);
			assertSame(await paged.read(0, paged.size), expected);
			await paged.drop();
		}
	});

	test("a read that comes during a cut waits for it, and sees the new size", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(250));
		await paged.sync();
		const resizing = paged.resize(120);
		const reading = paged.read(100, 20);
		await resizing;
		assertSame(await reading, pattern(20, 100));
		await assertFails("ERR_BLOB_INSUFFICIENT_LENGTH", () => paged.read(119, 2));
	});

	test("a close that waits for a growth is as clean when the growth is ended by its signal", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(10));
		const interrupter = new AbortController();
		const reason = new Error("enough");
		const { signal } = interrupter;
		const growing = failureOf(() => paged.resize(2 ** 36, { signal }));
		const closing = paged.close();
		interrupter.abort(reason);
		assert.equal(await growing, reason);
		await closing;
		const reopened = await store.open();
		assertSame(await reopened.read(0, 10), pattern(10));
	});

	test("a read that is under way when a cut begins answers what it was asked for", async (store) => {
		let paged = await store.open();
		await paged.append(pattern(20_000));
		await paged.sync();
		paged = await store.reopen(paged);
		const target = filled(20_000, 0xee);
		const reading = paged.readInto(0, target);
		const resizing = paged.resize(50);
		await paged.append(filled(500, 0xbb));
		await Promise.all([reading, resizing]);
		assertSame(target, pattern(20_000));
		assert.equal(paged.size, 550);
	});

	test("a cut that fails fails no read that waits for it", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(250));
		await paged.sync();
		store.host.hooks = {
			truncate: () => {
				throw KERNEL_ERROR;
			},
		};
		const resizing = failureOf(() => paged.resize(20));
		const reading = paged.read(0, 20);
		assert.isDefined(await resizing);
		assertSame(await reading, pattern(20));
		store.host.hooks = {};
		await paged.drop();
	});
}

function countRows(suite: Suite): void {
	const test = pagedTest(suite);

	test("a cut within the last page is three range-synced writes [test_resize_partial_shrink_without_physical_resize_uses_range_sync]", async (store) => {
		const log = new BlobLog();
		const paged = await store.open((blob) => new TrackingBlob(blob, log));
		await paged.sync();
		await paged.append(pattern(103));
		await paged.sync();
		await paged.resize(50);
		await paged.sync();
		assert.deepEqual(log.counts, [4, 1, 4]);
	});

	test("a cut that truncates too makes its first step a full sync, and leaves nothing to sync [test_resize_partial_shrink_with_physical_resize_clears_full_sync_requirement]", async (store) => {
		const log = new BlobLog();
		const paged = await store.open((blob) => new TrackingBlob(blob, log));
		await paged.sync();
		await paged.append(pattern(206));
		await paged.sync();
		await paged.resize(50);
		await paged.sync();
		assert.deepEqual(log.counts, [4, 2, 3]);
		await paged.append(bytesOf("x"));
		await paged.sync();
		assert.deepEqual(log.counts, [5, 2, 4]);
		assertSame(await paged.read(0, 51), joined(pattern(50), bytesOf("x")));
	});

	test("a cut within a page syncs first what nothing had synced: no step is on the disk before that", async (store) => {
		const log = new BlobLog();
		const paged = await store.open((blob) => new TrackingBlob(blob, log));
		await paged.append(pattern(50));
		await paged.sync();
		log.take();
		await paged.append(pattern(30, 50));
		await paged.resize(60);
		const flushed = ["write", "write", "sync"];
		const steps = ["range-sync", "range-sync", "range-sync"];
		const kinds = log.take().map(({ kind }) => kind);
		assert.deepEqual(kinds, [...flushed, ...steps]);
		assertSame(await paged.read(0, 60), pattern(60));
	});

	test("a cut at a page boundary is durable after the next sync [test_resize_page_boundary_shrink_uses_full_sync]", async (store) => {
		const log = new BlobLog();
		const track: Wrap = (blob) => new TrackingBlob(blob, log);
		let paged = await store.open(track);
		await paged.sync();
		await paged.append(pattern(206));
		await paged.sync();
		await paged.resize(103);
		await paged.sync();
		assert.deepEqual(log.counts, [1, 2, 1]);
		assert.lengthOf(log.durable, 115);
		paged = await store.reopen(paged, track);
		assert.equal(paged.size, 103);
	});
}
