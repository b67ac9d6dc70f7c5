import { assert } from "chai";
import type { ItemReplayOptions } from "../../../src/journal/items/item-replay.ts";
import type { VariableJournal } from "../../../src/journal/items/variable-journal.ts";
import { contextOf } from "../../../src/storage/storage.ts";
import {
	assertSame,
	filled as bytesOf,
	joined,
	pattern,
} from "../../support/runs/bytes.ts";
import { assertFails, failureOf } from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	INDEX,
	type JournalStore,
	journalTest,
	numbered,
	pathOf,
} from "../../support/stores/journal-store.ts";
import {
	assertItems,
	frame,
	itemsOf,
	writePages,
} from "../../support/stores/torn-items.ts";

/** An item of 40 bytes and its length. */
const FRAME = 41;

export function variableReplayRows(suite: Suite): void {
	orderRows(suite);
	demandRows(suite);
	batchRows(suite);
	tailRows(suite);
	changeRows(suite);
}

function orderRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a replay gives every item with its section, offset and size, in order, synced or not", async (store) => {
		let journal = await filled(store, [9n, 2n], 20);
		await journal.close();
		journal = await store.variable();
		await journal.append(2n, pattern(40, 20));
		await journal.append(7n, pattern(40, 0));
		assert.deepEqual(await replayed(journal), [
			...run(2n, 0, 20),
			...run(7n, 0, 0),
			...run(9n, 0, 19),
		]);
	});

	test("a replay begins at a section and an offset, or at the next section that there is", async (store) => {
		const journal = await filled(store, [2n, 5n, 9n], 20);
		assert.deepEqual(
			await replayed(journal, { from: 5n, offset: 17 * FRAME }),
			[...run(5n, 17, 19), ...run(9n, 0, 19)],
		);
		const end = { from: 9, offset: 20 * FRAME };
		assert.deepEqual(await replayed(journal, end), []);
		assert.deepEqual(await replayed(journal, { from: 6n, offset: 7 }), [
			...run(9n, 0, 19),
		]);
		assert.deepEqual(await replayed(journal, { from: 10n }), []);
	});

	test("a replay from an offset past the end of its section is an error, at its first step", async (store) => {
		const journal = await filled(store, [2n, 5n], 20);
		const offset = 20 * FRAME + 1;
		const replay = journal.replay({ from: 2n, offset });
		const error = await assertFails("ERR_ITEM_OUT_OF_RANGE", () =>
			replay.next(),
		);
		const place = { section: 2n, offset, found: 20 * FRAME };
		assert.include(error.place, place);
		assert.isTrue((await replay.next()).done);
	});

	for (const buffer of [1, 76, 100, 1000, 200_000]) {
		test(`items of every size are replayed whole with a buffer of ${buffer} bytes`, async (store) => {
			const journal = await store.variable();
			const sizes = [0, 1, 0, 63, 64, 127, 128, 3000, 1, 100_000, 0, 2];
			for (const [index, size] of sizes.entries()) {
				await journal.append(1n, pattern(size, index));
			}
			let next = 0;
			for await (const { size, item } of journal.replay({ buffer })) {
				assert.equal(size, sizes[next]);
				assertSame(item, pattern(size, next));
				next += 1;
			}
			assert.equal(next, sizes.length);
		});
	}

	test("many items of no bytes are replayed, however many there are to a page", async (store) => {
		const journal = await store.variable();
		const count = 5000;
		await journal.appendMany(1n, Array(count).fill(new Uint8Array()));
		let next = 0;
		for await (const { offset, size } of journal.replay()) {
			assert.deepEqual([offset, size], [next, 0]);
			next += 1;
		}
		assert.equal(next, count);
	});
}

function demandRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a replay of items writes nothing, reads only when it is asked for more, and no more than its buffer", async (store) => {
		let journal = await filled(store, [1n], 64);
		await journal.close();
		journal = await store.variable();
		let reads = 0;
		store.host.hooks = {
			read: (path, call) => {
				reads += path === pathOf(INDEX, 1n) ? 1 : 0;
				return call();
			},
			write: () => {
				throw new Error("a replay wrote");
			},
		};
		const replay = journal.replay({ buffer: 4 * 76 });
		const free = contextOf(store.storage).arena.freeBytes;
		assert.equal(reads, 0);
		for (let index = 0; index < 6; index += 1) {
			assert.equal((await replay.next()).value?.offset, index * FRAME);
		}
		assert.equal(reads, 1, "four pages of 64 bytes hold six items and a part");
		await replay.next();
		assert.equal(reads, 2);
		assert.equal(contextOf(store.storage).arena.freeBytes, free);
	});

	test("a replay of items whose signal is raised rejects with its reason, and one that is left early holds nothing", async (store) => {
		const journal = await filled(store, [1n, 2n], 50);
		const controller = new AbortController();
		const { signal } = controller;
		const reason = new Error("enough");
		let seen = 0;
		const failure = await failureOf(async () => {
			for await (const _item of journal.replay({ signal })) {
				seen += 1;
				if (seen === 20) {
					controller.abort(reason);
				}
			}
		});
		assert.equal(failure, reason);
		assert.equal(seen, 20);
		const replay = journal.replay();
		for await (const _item of replay) {
			break;
		}
		assert.isTrue((await replay.next()).done);
		await journal.close();
	});

	test("steps of a replay of items that are asked for at once are answered in order", async (store) => {
		const journal = await filled(store, [1n, 2n], 30);
		const replay = journal.replay({ buffer: 1 });
		const steps = Array.from({ length: 62 }, () => replay.next());
		const found = (await Promise.all(steps)).flatMap(({ value }) =>
			value ? [value.offset] : [],
		);
		const once = Array.from({ length: 30 }, (_, index) => index * FRAME);
		assert.deepEqual(found, [...once, ...once]);
	});
}

function batchRows(suite: Suite): void {
	const test = journalTest(suite);

	test("the batches of a replay hold what its steps give, each of one section", async (store) => {
		const journal = await filled(store, [1n, 2n], 100);
		const expected = await replayed(journal);
		for (const buffer of [1, 300, 100_000]) {
			const replay = journal.replay({ buffer });
			const found = [];
			const { value: first } = await replay.next();
			found.push([first?.section, first?.offset, first?.item[0]]);
			for await (const batch of replay.batches()) {
				assert.isAbove(batch.length, 0);
				for (const { section, offset, size, item } of batch) {
					assert.equal(section, batch.section);
					assert.equal(size, 40);
					found.push([section, offset, item[0]]);
				}
			}
			assert.deepEqual(found, expected);
		}
	});

	test("the batches of entries hold what a replay's steps give", async (store) => {
		const journal = await store.fixed();
		const entries = Array.from({ length: 300 }, (_, at) => numbered(at));
		await journal.appendMany(1n, joined(...entries));
		await journal.append(2n, numbered(7));
		const replay = journal.replay({ buffer: 700 });
		const { value } = await replay.next();
		assert.deepEqual(value?.entry, numbered(0));
		const parts: Uint8Array[] = [];
		for await (const { section, position, entries } of replay.batches()) {
			const before = parts.reduce((sum, part) => sum + part.length, 0);
			assert.equal(position, section === 1n ? 1 + before / 8 : 0);
			parts.push(entries);
		}
		const rest = joined(...entries.slice(1), numbered(7));
		assertSame(joined(...parts), rest);
	});
}

function tailRows(suite: Suite): void {
	const test = journalTest(suite);

	for (const [what, tail] of [
		["a length that is not whole", [0x80]],
		["a length without its item", [5]],
		["an item that is not whole", [5, 1, 2, 3, 4]],
		["a huge item that is not there", [0xff, 0xff, 0xff, 0x07, 1, 2, 3]],
		["fewer bytes than a length can have, that are none", [0x80, 0, 1, 2]],
	] as const) {
		test(`a replay ends its section at ${what}, names it, and cuts nothing`, async (store) => {
			const good = joined(frame(1, 2), frame(), frame(3));
			await writePages(store, 1n, joined(good, Uint8Array.from(tail)));
			await writePages(store, 2n, frame(9));
			const journal = await store.variable();
			const replay = journal.replay();
			const items = [];
			for await (const { item } of replay) {
				items.push([...item]);
			}
			assert.deepEqual(items, [[1, 2], [], [3], [9]]);
			const torn = { section: 1n, offset: good.length, bytes: tail.length };
			assert.deepEqual(replay.torn, [torn]);
			assert.equal(await journal.size(1n), good.length + tail.length);
			assert.deepEqual(journal.recovery.cuts, []);
		});
	}

	for (const [what, tail, code] of [
		["bytes that are no length", [0x80, 0, 1, 2, 3], "ERR_ITEM_CORRUPT"],
		["a length past 32 bits", [255, 255, 255, 255, 31], "ERR_ITEM_CORRUPT"],
		[
			"more than an item may have",
			[255, 255, 255, 255, 15],
			"ERR_ITEM_TOO_LARGE",
		],
	] as const) {
		test(`a replay fails at ${what}, with the place, and cuts nothing`, async (store) => {
			const good = joined(frame(1, 2), frame(3));
			await writePages(store, 1n, joined(good, Uint8Array.from(tail)));
			await writePages(store, 2n, frame(9));
			const journal = await store.variable();
			const replay = journal.replay();
			const items: number[][] = [];
			const error = await assertFails(code, async () => {
				for await (const { item } of replay) {
					items.push([...item]);
				}
			});
			assert.deepEqual(items, [[1, 2], [3]]);
			const place = { partition: INDEX, section: 1n, offset: good.length };
			assert.include(error.place, place);
			assert.deepEqual(replay.torn, []);
			assert.equal(await journal.size(1n), good.length + tail.length);
			await assertItems(journal, 2n, [[9]]);
		});
	}

	test("a damaged page ends a replay of items, with its place, once all before it is given out", async (store) => {
		let journal = await filled(store, [1n, 2n], 30);
		await journal.close();
		await store.withBlob(INDEX, 1n, (blob) =>
			blob.write(76 * 5, Uint8Array.of(0xff)),
		);
		journal = await store.variable();
		const replay = journal.replay();
		let seen = 0;
		const error = await assertFails("ERR_INVALID_CHECKSUM", async () => {
			for await (const _item of replay) {
				seen += 1;
			}
		});
		assert.include(error.place, { partition: INDEX, section: 1n, page: 5 });
		assert.equal(seen, Math.floor((5 * 64) / FRAME));
		assert.isTrue((await replay.next()).done);
		const behind = { from: 1n, offset: 10 * FRAME };
		assert.lengthOf(await replayed(journal, behind), 20 + 30);
	});
}

function changeRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a section's items are those that it has when the replay comes to it", async (store) => {
		const journal = await filled(store, [1n, 2n], 10);
		const replay = journal.replay();
		await replay.next();
		for (const section of [1n, 2n, 3n]) {
			await journal.append(section, pattern(40, 99));
		}
		let rest = 0;
		for await (const _item of replay) {
			rest += 1;
		}
		assert.equal(rest, 9 + 11);
	});

	test("what a rewind cuts, and what is appended in its place, is never given out as what was there", async (store) => {
		const journal = await filled(store, [1n], 40);
		for (const kept of [0, 3 * FRAME, 3 * FRAME + 20, 20 * FRAME]) {
			const replay = journal.replay({ from: 1n, buffer: 76 * 2 });
			for (let index = 0; index < 2; index += 1) {
				assert.deepEqual((await replay.next()).value?.item, pattern(40, index));
			}
			await journal.rewindSection(1n, kept);
			const whole = Math.floor(kept / FRAME);
			// Of another size, so that no old offset is also a new one.
			await journal.appendMany(1n, Array(60).fill(bytesOf(33, 0xee)));
			let next = 2;
			for await (const { item } of replay) {
				assert.deepEqual(item, pattern(40, next));
				next += 1;
			}
			assert.isAtMost(next, Math.max(whole, 6));
			await journal.rewindSection(1n, whole * FRAME);
			const items = Array.from({ length: 40 - whole }, (_, index) =>
				pattern(40, whole + index),
			);
			await journal.appendMany(1n, items);
			await journal.sync(1n);
		}
	});

	test("a section that was removed and made again ends its part of a replay", async (store) => {
		const journal = await filled(store, [1n, 2n], 40);
		const replay = journal.replay({ buffer: 1 });
		await replay.next();
		await journal.removeSection(1n);
		await journal.appendMany(1n, Array(60).fill(bytesOf(33, 0xee)));
		const seen = [];
		for await (const { section, item } of replay) {
			assert.notEqual(item[0], 0xee);
			seen.push(section);
		}
		assert.equal(seen.filter((section) => section === 2n).length, 40);
	});

	test("a replay of a closed variable journal is refused", async (store) => {
		const journal = await filled(store, [1n], 100);
		const replay = journal.replay({ buffer: 76 });
		await replay.next();
		await journal.close();
		await assertFails("ERR_CLOSED", () => itemsOf(journal, 1n));
	});
}

/** Sections of synced items of 40 bytes, each with its own number. */
async function filled(
	store: JournalStore,
	sections: readonly bigint[],
	count: number,
): Promise<VariableJournal> {
	const journal = await store.variable();
	for (const section of sections) {
		const items = Array.from({ length: count }, (_, at) => pattern(40, at));
		await journal.appendMany(section, items);
	}
	await journal.syncAll();
	return journal;
}

/** Section, offset, and the item's number. */
async function replayed(
	journal: VariableJournal,
	options: ItemReplayOptions = {},
): Promise<[bigint, number, number][]> {
	const found: [bigint, number, number][] = [];
	for await (const { section, offset, item } of journal.replay(options)) {
		found.push([section, offset, item[0] ?? -1]);
	}
	return found;
}

function run(
	section: bigint,
	first: number,
	last: number,
): [bigint, number, number][] {
	return Array.from({ length: last - first + 1 }, (_, index) => [
		section,
		(first + index) * FRAME,
		first + index,
	]);
}
