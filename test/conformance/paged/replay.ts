import { assert } from "chai";
import type { Replay } from "../../../src/paged/replay.ts";
import {
	assertSame,
	filled,
	joined,
	pattern,
} from "../../support/runs/bytes.ts";
import { assertFails, assertRefuses } from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import { pagedTest } from "../../support/stores/paged-store.ts";

export function replayRows(suite: Suite): void {
	const test = pagedTest(suite);

	test("a replay gives all bytes in order, those in the tip too", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(250));
		await paged.sync();
		await paged.append(pattern(30, 250));
		for (const buffer of [0, 1, 115, 116, 300, 100_000]) {
			assertSame(await all(paged.replay({ buffer })), pattern(280));
		}
	});

	test("a replay of an empty blob gives nothing", async (store) => {
		const paged = await store.open();
		const replay = paged.replay();
		assert.isFalse(await replay.ensure(1));
		assert.isTrue(replay.isExhausted);
		assertSame(await all(paged.replay()), filled(0, 0));
	});

	test("a replay begins at any offset", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(250));
		for (const from of [0, 1, 102, 103, 104, 206, 249, 250]) {
			const found = await all(paged.replay({ from, buffer: 1 }));
			assertSame(found, pattern(250 - from, from));
		}
		await assertFails("ERR_BLOB_INSUFFICIENT_LENGTH", () =>
			paged.replay({ from: 251 }),
		);
	});

	test("a replay is a cursor: ensure, look, advance, seek", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(250));
		const replay = paged.replay({ buffer: 1 });
		assert.equal(replay.size, 250);
		assert.equal(replay.remaining, 0);
		assert.isTrue(await replay.ensure(104));
		assert.isAtLeast(replay.remaining, 104);
		assertSame(replay.chunk.subarray(0, 104), pattern(104));
		replay.advance(100);
		assertSame(replay.chunk.subarray(0, 4), pattern(4, 100));
		await assertRefuses(RangeError, () => replay.advance(replay.remaining + 1));
		assert.isFalse(await replay.ensure(151));
		assert.isTrue(replay.isExhausted);
		assertSame(replay.chunk, pattern(150, 100));
		replay.seek(206);
		assert.isFalse(replay.isExhausted);
		assert.equal(replay.remaining, 0);
		assert.isTrue(await replay.ensure(44));
		assertSame(replay.chunk, pattern(44, 206));
		await assertFails("ERR_BLOB_INSUFFICIENT_LENGTH", () => replay.seek(251));
	});

	test("a replay ends where the blob ended when it was made", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(250));
		const replay = paged.replay();
		await paged.append(pattern(300, 250));
		await paged.sync();
		assertSame(await all(replay), pattern(250));
	});

	test("chunks belong to the caller: what comes later does not change them", async (store) => {
		const paged = await store.open();
		await paged.append(pattern(250));
		const replay = paged.replay({ buffer: 1 });
		await replay.ensure(100);
		const chunk = replay.chunk;
		const before = chunk.slice();
		replay.advance(chunk.length);
		await replay.ensure(100);
		await paged.resize(0);
		await paged.append(filled(250, 0xff));
		await paged.sync();
		assertSame(chunk, before);
	});

	for (const buffer of [1, 100_000]) {
		test(`a replay that reads ${buffer} bytes at a time gives what is before a damaged page, and then fails`, async (store) => {
			const paged = await store.open();
			await paged.append(pattern(515));
			await paged.close();
			await store.mangle(2 * 115 + 50, filled(1, 0xff));
			store.forgetPages();
			const reopened = await store.open();
			const replay = reopened.replay({ buffer });
			assert.isTrue(await replay.ensure(206));
			assertSame(replay.chunk, pattern(206));
			const error = await assertFails("ERR_INVALID_CHECKSUM", () =>
				replay.ensure(207),
			);
			assert.include(error.place, { page: 2, offset: 206 });
			assertSame(replay.chunk, pattern(206));
			replay.seek(309);
			assert.isTrue(await replay.ensure(206));
			assertSame(replay.chunk, pattern(206, 309));
		});
	}
}

async function all(replay: Replay): Promise<Uint8Array> {
	const chunks: Uint8Array[] = [];
	for await (const chunk of replay) {
		chunks.push(chunk);
	}
	return joined(...chunks);
}
