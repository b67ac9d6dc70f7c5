import { assert } from "chai";
import { assertSame, joined, pattern } from "../../support/runs/bytes.ts";
import {
	assertFails,
	assertRefuses,
	callUntyped,
	DISK_FULL,
} from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	INDEX,
	type JournalStore,
	journalTest,
	numbered,
	numbersIn,
	pathOf,
} from "../../support/stores/journal-store.ts";

export function entryRows(suite: Suite): void {
	appendRows(suite);
	argumentRows(suite);
	readRows(suite);
	rewindRows(suite);
}

function appendRows(suite: Suite): void {
	const test = journalTest(suite);

	test("an entry is read into a target, from memory and from the disk, and into none that does not fit", async (store) => {
		let journal = await store.fixed();
		await journal.append(1n, numbered(7));
		const target = new Uint8Array(8);
		await journal.readInto(1n, 0, target);
		assertSame(target, numbered(7));
		await journal.close();
		store.forgetPages();
		journal = await store.fixed();
		target.fill(0);
		await journal.readInto(1, 0, target);
		assertSame(target, numbered(7));
		await assertFails("ERR_ITEM_OUT_OF_RANGE", () =>
			journal.readInto(1n, 1, target),
		);
		await assertFails("ERR_SECTION_OUT_OF_RANGE", () =>
			journal.readInto(2n, 0, target),
		);
		await assertRefuses(RangeError, () =>
			journal.readInto(1n, 0, new Uint8Array(9)),
		);
	});

	test("entries of interleaved sections are found again, each at the position that its append gave", async (store) => {
		let journal = await store.fixed();
		for (let number = 0; number < 300; number += 1) {
			const section = BigInt(number % 3);
			const position = await journal.append(section, numbered(number));
			assert.equal(position, Math.floor(number / 3));
		}
		assert.equal(await journal.size(0n), 800);
		await journal.close();
		journal = await store.fixed();
		for (let number = 0; number < 300; number += 1) {
			const found = await journal.get(number % 3, Math.floor(number / 3));
			assert.deepEqual(found, numbered(number));
		}
		assert.equal(await journal.append(2n, numbered(7)), 100);
	});

	test("many entries are appended at once, however many write buffers they fill", async (store) => {
		const journal = await store.fixed();
		await journal.append(1n, numbered(0));
		const many = joined(...numbers(1, 1000).map(numbered));
		assert.equal(await journal.appendMany(1n, many), 1);
		assert.equal(await journal.appendMany(1n, new Uint8Array()), 1001);
		await journal.close();
		const reopened = await store.fixed();
		const found = await reopened.getMany(1n, numbers(0, 1000));
		assert.deepEqual(numbersIn(found), numbers(0, 1000));
	});

	test("no other entry comes between those that are appended at once", async (store) => {
		const journal = await store.fixed();
		await journal.sync(1n);
		const many = joined(...numbers(1000, 1499).map(numbered));
		const single = async (number: number) => ({
			number,
			position: await journal.append(1n, numbered(number)),
		});
		const before = numbers(0, 9).map(single);
		const first = journal.appendMany(1n, many);
		const behind = numbers(10, 19).map(single);
		const start = await first;
		const run = await journal.getMany(1n, numbers(start, start + 499));
		assert.deepEqual(numbersIn(run), numbers(1000, 1499));
		for (const { number, position } of await Promise.all([
			...before,
			...behind,
		])) {
			assert.deepEqual(await journal.get(1n, position), numbered(number));
		}
		assert.equal(await journal.size(1n), 520 * 8);
	});

	test("entries of every size are found again, those that span pages too", async (store) => {
		for (const size of [1, 3, 63, 64, 65, 200, 5000]) {
			const partition = `of-${size}`;
			const options = { partition, entry: { size } };
			let journal = await store.fixed(options);
			for (let index = 0; index < 40; index += 1) {
				const position = await journal.append(1n, pattern(size, index));
				assert.equal(position, index);
			}
			await journal.close();
			journal = await store.fixed(options);
			for (let index = 0; index < 40; index += 1) {
				assertSame(await journal.get(1n, index), pattern(size, index));
			}
			await journal.close();
		}
	});

	test("an entry that found the disk full is taken back whole, and can be tried again", async (store) => {
		const options = { entry: { size: 100 } };
		let journal = await store.fixed(options);
		await journal.append(1n, pattern(100));
		await journal.sync(1n);
		fillDiskOnce(store, pathOf(INDEX, 1n));
		let appended = 1;
		const error = await assertFails("ERR_NO_SPACE", async () => {
			for (; appended < 50; appended += 1) {
				await journal.append(1n, pattern(100, appended));
			}
		});
		assert.include(error.place, { partition: INDEX, section: 1n });
		assert.equal(await journal.size(1n), appended * 100);
		for (; appended < 50; appended += 1) {
			const position = await journal.append(1n, pattern(100, appended));
			assert.equal(position, appended);
		}
		await journal.close();
		journal = await store.fixed(options);
		for (let index = 0; index < 50; index += 1) {
			assertSame(await journal.get(1n, index), pattern(100, index));
		}
	});
}

function argumentRows(suite: Suite): void {
	const test = journalTest(suite);

	test("what is no entry, no run of entries and no position is refused before anything is done", async (store) => {
		const journal = await store.fixed();
		for (const length of [0, 7, 9, 16]) {
			const entry = new Uint8Array(length);
			await assertRefuses(RangeError, () => journal.append(1n, entry));
			await assertRefuses(RangeError, () => journal.tryGet(1n, 0, entry));
		}
		await assertRefuses(RangeError, () =>
			journal.appendMany(1n, new Uint8Array(9)),
		);
		for (const method of ["append", "appendMany"]) {
			await assertRefuses(TypeError, () =>
				callUntyped(journal, method, 1n, [1, 2, 3, 4, 5, 6, 7, 8]),
			);
		}
		assert.deepEqual(journal.sections(), []);
		await journal.appendMany(1n, new Uint8Array(80));
		for (const position of [-1, 0.5, Number.NaN]) {
			await assertRefuses(RangeError, () => journal.get(1n, position));
			await assertRefuses(RangeError, () => journal.getMany(1n, [position]));
			await assertRefuses(RangeError, () => journal.replay({ position }));
		}
		await assertRefuses(TypeError, () => callUntyped(journal, "get", 1n, "0"));
		for (const positions of [
			[1, 1],
			[2, 1],
		]) {
			await assertRefuses(RangeError, () => journal.getMany(1n, positions));
		}
		for (const size of [7, 81]) {
			await assertRefuses(RangeError, () => journal.rewind(1n, size));
			await assertRefuses(RangeError, () => journal.rewindSection(1n, size));
		}
		assert.equal(await journal.size(1n), 80);
	});

	test("what is no entry size, and a cache of another store, are refused", async (store) => {
		for (const size of [0, -1, 1.5, 2 ** 22]) {
			await assertRefuses(RangeError, () => store.fixed({ entry: { size } }));
		}
		await assertRefuses(RangeError, () =>
			store.fixed({ writeBuffer: 2 ** 21 + 1 }),
		);
		const stale = store.cache;
		await store.restart();
		await assertRefuses(TypeError, () => store.fixed({ cache: stale }));
	});
}

function readRows(suite: Suite): void {
	const test = journalTest(suite);

	test("an entry past the end is an error that says how many there are", async (store) => {
		const journal = await store.fixed();
		await journal.appendMany(1n, new Uint8Array(80));
		for (const call of [
			() => journal.get(1n, 10),
			() => journal.get(1n, Number.MAX_SAFE_INTEGER),
			() => journal.getMany(1n, [3, 10]),
			() => journal.tryGet(1n, 10, numbered(0)),
		]) {
			const error = await assertFails("ERR_ITEM_OUT_OF_RANGE", call);
			assert.include(error.place, { partition: INDEX, found: 10 });
			assert.include(error.message, "item out of range");
		}
	});

	test("the last entry is the one appended last; an empty section has none", async (store) => {
		const journal = await store.fixed();
		await journal.append(1n, numbered(5));
		await journal.append(1n, numbered(6));
		assert.deepEqual(await journal.last(1n), numbered(6));
		await journal.rewindSection(1n, 0);
		assert.isUndefined(await journal.last(1n));
	});

	test("an entry in memory is read without I/O, one on disk is not", async (store) => {
		let journal = await store.fixed();
		await journal.appendMany(1n, joined(...numbers(0, 199).map(numbered)));
		const entry = numbered(0);
		assert.isTrue(journal.tryGet(1n, 199, entry));
		assert.deepEqual(entry, numbered(199));
		assert.isFalse(journal.tryGet(2n, 0, entry));
		await journal.close();
		store.forgetPages();
		journal = await store.fixed();
		assert.isFalse(journal.tryGet(1n, 10, entry));
		assert.deepEqual(await journal.get(1n, 10), numbered(10));
		assert.isTrue(journal.tryGet(1n, 10, entry));
		assert.deepEqual(entry, numbered(10));
	});

	test("many entries are read at once, from disk, from memory, and over the border between", async (store) => {
		let journal = await store.fixed();
		await journal.appendMany(1n, joined(...numbers(0, 499).map(numbered)));
		await journal.close();
		store.forgetPages();
		journal = await store.fixed();
		await journal.appendMany(1n, joined(...numbers(500, 599).map(numbered)));
		const positions = [0, 1, 7, 8, 250, 497, 498, 499, 500, 501, 599];
		const found = await journal.getMany(1n, positions);
		assert.deepEqual(numbersIn(found), positions);
		assert.lengthOf(await journal.getMany(1n, []), 0);
	});

	test("a damaged page is an error that says in which section and page, and the others are read", async (store) => {
		let journal = await store.fixed();
		await journal.appendMany(4n, joined(...numbers(0, 39).map(numbered)));
		await journal.close();
		await store.withBlob(INDEX, 4n, (blob) =>
			blob.write(76 + 9, Uint8Array.of(0xff)),
		);
		store.forgetPages();
		journal = await store.fixed();
		const error = await assertFails("ERR_INVALID_CHECKSUM", () =>
			journal.get(4n, 10),
		);
		assert.include(error.place, { partition: INDEX, section: 4n, page: 1 });
		await assertFails("ERR_INVALID_CHECKSUM", () =>
			journal.getMany(4n, [1, 15, 30]),
		);
		assert.deepEqual(await journal.get(4n, 7), numbered(7));
		assert.deepEqual(await journal.get(4n, 16), numbered(16));
	});
}

function rewindRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a rewind cuts its section and removes the later ones, the highest first", async (store) => {
		const journal = await filled(store, [1n, 2n, 3n, 4n]);
		const removed: string[] = [];
		store.host.hooks.remove = (path, call) => {
			removed.push(path);
			return call();
		};
		await journal.rewind(2n, 24);
		assert.deepEqual(removed, [pathOf(INDEX, 4n), pathOf(INDEX, 3n)]);
		assert.deepEqual(journal.sections(), [1n, 2n]);
		assert.equal(await journal.size(1n), 800);
		assert.equal(await journal.size(2n), 24);
		assert.deepEqual(await journal.last(2n), numbered(2));
		assert.equal(await journal.append(2n, numbered(9)), 3);
		assert.deepEqual(await journal.get(2n, 3), numbered(9));
	});

	test("a rewind of one section leaves the others as they are", async (store) => {
		const journal = await filled(store, [1n, 2n, 3n]);
		await journal.rewindSection(1n, 80);
		assert.deepEqual(journal.sections(), [1n, 2n, 3n]);
		assert.equal(await journal.size(1n), 80);
		assert.equal(await journal.size(3n), 800);
	});

	test("a rewind to no fewer bytes than there are cuts nothing, and grows nothing", async (store) => {
		const journal = await filled(store, [1n, 2n, 3n]);
		await journal.rewindSection(1n, 800);
		await journal.rewindSection(1n, 8000);
		assert.equal(await journal.size(1n), 800);
		await journal.rewind(2n, 8000);
		assert.equal(await journal.size(2n), 800);
		assert.deepEqual(journal.sections(), [1n, 2n]);
		await journal.rewind(1n << 40n, 8);
		assert.deepEqual(journal.sections(), [1n, 2n]);
		await journal.rewind(0n, 8);
		assert.deepEqual(journal.sections(), []);
	});

	for (const [where, count] of [
		["within a page", 19],
		["at a page's end", 16],
		["to nothing", 0],
	] as const) {
		test(`a rewind ${where} is durable when it resolves: no crash brings the entries back (commonware #4688)`, async (store) => {
			let journal = await filled(store, [1n, 2n]);
			let unsynced = 0;
			store.host.hooks = {
				write: (path, _write, call) => {
					unsynced += path === pathOf(INDEX, 1n) ? 1 : 0;
					return call();
				},
				truncate: (path, _size, call) => {
					unsynced += path === pathOf(INDEX, 1n) ? 1 : 0;
					return call();
				},
				sync: async (path, call) => {
					await call();
					unsynced = path === pathOf(INDEX, 1n) ? 0 : unsynced;
				},
			};
			await journal.rewindSection(1n, count * 8);
			assert.equal(unsynced, 0);
			store.host.hooks = {};
			await store.crash();
			journal = await store.fixed();
			assert.equal(await journal.size(1n), count * 8);
			assert.equal(await journal.append(1n, numbered(7)), count);
		});
	}
}

/** Sections of 100 synced entries, each holding its own position. */
async function filled(store: JournalStore, sections: readonly bigint[]) {
	const journal = await store.fixed();
	for (const section of sections) {
		const entries = joined(...numbers(0, 99).map(numbered));
		await journal.appendMany(section, entries);
	}
	await journal.syncAll();
	return journal;
}

/** The next write that extends the file finds no room after a few bytes. */
function fillDiskOnce(store: JournalStore, file: string): void {
	store.host.hooks.write = async (path, write, call) => {
		const end = write.offset + write.length;
		if (path !== file || end <= (await write.file.size())) {
			return call();
		}
		store.host.hooks = {};
		const part = joined(...write.parts).subarray(0, 77);
		await write.file.write([part], write.offset);
		throw DISK_FULL;
	};
}

function numbers(first: number, last: number): number[] {
	return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
