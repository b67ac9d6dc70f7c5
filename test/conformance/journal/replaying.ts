import { assert } from "chai";
import type { EntryReplayOptions } from "../../../src/journal/entries/entry-replay.ts";
import type { FixedJournal } from "../../../src/journal/entries/fixed-journal.ts";
import { contextOf } from "../../../src/storage/storage.ts";
import { joined, pattern } from "../../support/runs/bytes.ts";
import { assertFails, failureOf } from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	INDEX,
	type JournalStore,
	journalTest,
	numbered,
	numbersIn,
	pathOf,
} from "../../support/stores/journal-store.ts";

export function replayingRows(suite: Suite): void {
	orderRows(suite);
	demandRows(suite);
	changeRows(suite);
}

function orderRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a replay gives every entry with its section and position, in order, synced or not", async (store) => {
		let journal = await filled(store, [9n, 2n, 5n], 100);
		await journal.close();
		journal = await store.fixed();
		await journal.append(5n, numbered(100));
		await journal.append(7n, numbered(0));
		assert.deepEqual(await replayed(journal), [
			...run(2n, 0, 99),
			...run(5n, 0, 100),
			...run(7n, 0, 0),
			...run(9n, 0, 99),
		]);
	});

	test("a replay begins at a section and a position, or at the next section that there is", async (store) => {
		const journal = await filled(store, [2n, 5n, 9n], 20);
		assert.deepEqual(await replayed(journal, { from: 5n, position: 17 }), [
			...run(5n, 17, 19),
			...run(9n, 0, 19),
		]);
		assert.deepEqual(
			await replayed(journal, { from: 9, position: 20 }),
			[],
			"the end of the last section",
		);
		assert.deepEqual(await replayed(journal, { from: 6n, position: 17 }), [
			...run(9n, 0, 19),
		]);
		assert.deepEqual(await replayed(journal, { from: 10n }), []);
	});

	test("a replay from a position past the end of its section is an error, at its first step", async (store) => {
		const journal = await filled(store, [2n, 5n], 20);
		const replay = journal.replay({ from: 2n, position: 21 });
		const error = await assertFails("ERR_ITEM_OUT_OF_RANGE", () =>
			replay.next(),
		);
		assert.include(error.place, { section: 2n, position: 21, found: 20 });
		assert.isTrue((await replay.next()).done);
	});

	for (const buffer of [0, 1, 76, 100, 1000]) {
		test(`entries that span pages are replayed whole with a buffer of ${buffer} bytes`, async (store) => {
			for (const size of [1, 63, 65, 200]) {
				const options = { partition: `of-${size}`, entry: { size } };
				const journal = await store.fixed(options);
				const count = Math.ceil(1500 / size);
				for (let index = 0; index < count; index += 1) {
					await journal.append(1n, pattern(size, index));
				}
				let next = 0;
				for await (const { position, entry } of journal.replay({ buffer })) {
					assert.equal(position, next);
					assert.deepEqual(entry, pattern(size, next));
					next += 1;
				}
				assert.equal(next, count);
				await journal.close();
			}
		});
	}
}

function demandRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a replay writes nothing, reads only when it is asked for more, and no more than its buffer", async (store) => {
		let journal = await filled(store, [1n], 400);
		await journal.close();
		journal = await store.fixed();
		await journal.append(1n, numbered(400));
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
		for (let position = 0; position < 32; position += 1) {
			assert.equal((await replay.next()).value?.position, position);
		}
		assert.equal(reads, 1, "four pages of eight entries");
		await replay.next();
		assert.equal(reads, 2);
		assert.equal(contextOf(store.storage).arena.freeBytes, free);
		let left = 0;
		for await (const _entry of replay) {
			left += 1;
		}
		assert.equal(left, 401 - 33);
		assert.equal(reads, 13);
	});

	test("steps that are asked for at once are answered in order", async (store) => {
		const journal = await filled(store, [1n, 2n], 50);
		const replay = journal.replay({ buffer: 1 });
		const steps = Array.from({ length: 103 }, () => replay.next());
		const found = (await Promise.all(steps)).map(({ value }) => value);
		assert.deepEqual(
			found.flatMap((value) => (value ? [value.position] : [])),
			[...run(1n, 0, 49), ...run(2n, 0, 49)].map(([, position]) => position),
		);
		assert.deepEqual(found.slice(100), [undefined, undefined, undefined]);
	});

	test("a replay whose signal is raised rejects with its reason, and gives nothing more", async (store) => {
		const journal = await filled(store, [1n, 2n], 50);
		const controller = new AbortController();
		const { signal } = controller;
		const seen: number[] = [];
		const reason = new Error("enough");
		const failure = await failureOf(async () => {
			for await (const { position } of journal.replay({ signal })) {
				seen.push(position);
				if (position === 20) {
					controller.abort(reason);
				}
			}
		});
		assert.equal(failure, reason);
		assert.lengthOf(seen, 21);
		assert.equal(
			await failureOf(() => journal.replay({ signal }).next()),
			reason,
		);
	});

	test("a replay of nothing rejects with the reason of a signal that is raised, once, and one that has ended stays so", async (store) => {
		const journal = await store.fixed();
		const controller = new AbortController();
		const { signal } = controller;
		const ended = journal.replay({ signal });
		assert.isTrue((await ended.next()).done);
		const replay = journal.replay({ signal });
		const reason = new Error("enough");
		controller.abort(reason);
		assert.equal(await failureOf(() => replay.next()), reason);
		assert.isTrue((await replay.next()).done);
		assert.isTrue((await ended.next()).done);
	});

	test("a replay that is left early holds nothing", async (store) => {
		const journal = await filled(store, [1n, 2n], 50);
		const replay = journal.replay();
		for await (const { position } of replay) {
			if (position === 3) {
				break;
			}
		}
		assert.isTrue((await replay.next()).done);
		await journal.close();
	});

	test("a damaged page ends a replay, with its place, once all before it is given out; a new one goes on behind", async (store) => {
		let journal = await filled(store, [1n, 2n], 100);
		await journal.close();
		await store.withBlob(INDEX, 1n, (blob) =>
			blob.write(76 * 5, Uint8Array.of(0xff)),
		);
		journal = await store.fixed();
		const replay = journal.replay();
		const seen: number[] = [];
		const error = await assertFails("ERR_INVALID_CHECKSUM", async () => {
			for await (const { position } of replay) {
				seen.push(position);
			}
		});
		assert.include(error.place, { partition: INDEX, section: 1n, page: 5 });
		assert.lengthOf(seen, 40);
		assert.isTrue((await replay.next()).done);
		const { section = 0n } = error.place;
		assert.deepEqual(
			await replayed(journal, { from: section + 1n }),
			run(2n, 0, 99),
		);
		assert.deepEqual(await replayed(journal, { from: section, position: 48 }), [
			...run(1n, 48, 99),
			...run(2n, 0, 99),
		]);
	});
}

function changeRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a section's entries are those that it has when the replay comes to it", async (store) => {
		const journal = await filled(store, [1n, 2n], 10);
		const replay = journal.replay();
		await replay.next();
		await journal.append(1n, numbered(10));
		await journal.append(2n, numbered(10));
		await journal.append(3n, numbered(0));
		const rest: [bigint, number][] = [];
		for await (const { section, position } of replay) {
			rest.push([section, position]);
		}
		assert.deepEqual(rest, [
			...run(1n, 1, 9).map(([section, position]) => [section, position]),
			...run(2n, 0, 10).map(([section, position]) => [section, position]),
		]);
	});

	test("a journal may be changed while it is replayed: what was removed or cut before its turn is passed over", async (store) => {
		const journal = await filled(store, [1n, 2n, 3n, 4n], 20);
		const seen: [bigint, number][] = [];
		for await (const { section, position } of journal.replay({ buffer: 1 })) {
			seen.push([section, position]);
			if (section === 1n && position === 3) {
				await journal.removeSection(2n);
				await journal.rewindSection(3n, 16);
			}
			if (section === 3n) {
				await journal.prune(4n);
			}
		}
		const counted = (section: bigint) =>
			seen.filter(([found]) => found === section).length;
		assert.deepEqual([counted(1n), counted(2n), counted(4n)], [20, 0, 20]);
		assert.isAtMost(counted(3n), 2);
	});

	test("an entry that spans pages is never put together from what a rewind cut and what came after", async (store) => {
		const options = { entry: { size: 100 } };
		const journal = await store.fixed(options);
		for (let index = 0; index < 10; index += 1) {
			await journal.append(1n, pattern(100, index));
		}
		await journal.sync(1n);
		const replay = journal.replay({ buffer: 76 * 2 });
		assert.deepEqual((await replay.next()).value?.entry, pattern(100, 0));
		await journal.rewindSection(1n, 100);
		for (let index = 1; index < 10; index += 1) {
			await journal.append(1n, pattern(100, 100 + index));
		}
		for await (const { position, entry } of replay) {
			assert.deepEqual(entry, pattern(100, 100 + position));
		}
	});

	test("a replay of a closed journal is refused", async (store) => {
		const journal = await filled(store, [1n], 100);
		const replay = journal.replay({ buffer: 76 });
		await replay.next();
		await journal.close();
		await assertFails("ERR_CLOSED", async () => {
			for await (const _entry of replay) {
				// Entries read before are still returned.
			}
		});
	});
}

/** Sections of entries that hold their own positions. */
async function filled(
	store: JournalStore,
	sections: readonly bigint[],
	count: number,
) {
	const journal = await store.fixed();
	for (const section of sections) {
		const entries = Array.from({ length: count }, (_, index) =>
			numbered(index),
		);
		await journal.appendMany(section, joined(...entries));
	}
	await journal.syncAll();
	return journal;
}

/** Section, position, and the entry's number. */
async function replayed(
	journal: FixedJournal,
	options: EntryReplayOptions = {},
): Promise<[bigint, number, number][]> {
	const found: [bigint, number, number][] = [];
	for await (const { section, position, entry } of journal.replay(options)) {
		found.push([section, position, numbersIn(entry)[0] ?? -1]);
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
		first + index,
		first + index,
	]);
}
