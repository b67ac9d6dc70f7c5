import { assert } from "chai";
import type { VariableJournal } from "../../../src/journal/items/variable-journal.ts";
import { namesIn, readRaw } from "../../support/hosts/raw-file.ts";
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
	pathOf,
} from "../../support/stores/journal-store.ts";
import { frame, writePages } from "../../support/stores/torn-items.ts";

const SIZES = [0, 1, 5, 63, 64, 65, 127, 128, 200, 1023, 1024, 1025, 5000];

/** The calls of a variable journal. A name in brackets is that of commonware's test. */
export function variableRows(suite: Suite): void {
	appendRows(suite);
	readRows(suite);
	argumentRows(suite);
	cutRows(suite);
}

function appendRows(suite: Suite): void {
	const test = journalTest(suite);

	test("items of any size are found again, each where its append said", async (store) => {
		let journal = await store.variable();
		const places = [];
		for (const [index, size] of SIZES.entries()) {
			const section = index % 2;
			const place = await journal.append(section, pattern(size, index));
			assert.equal(place.size, size);
			places.push({ section, index, ...place });
		}
		await journal.close();
		journal = await store.variable();
		for (const { section, index, offset, size } of places) {
			assertSame(await journal.get(section, offset), pattern(size, index));
		}
	});

	test("an item lies behind its length, without alignment or checksum of its own", async (store) => {
		const journal = await store.variable();
		assert.deepEqual(await journal.append(1n, Uint8Array.of(0x61)), {
			...{ offset: 0, size: 1 },
		});
		assert.deepEqual(await journal.append(1n, new Uint8Array()), {
			...{ offset: 2, size: 0 },
		});
		assert.deepEqual(await journal.append(1n, pattern(300)), {
			...{ offset: 3, size: 300 },
		});
		assert.equal(await journal.size(1n), 3 + 2 + 300);
		await journal.close();
		const file = await readRaw(store.host, pathOf(INDEX, 1n));
		const head = Uint8Array.of(1, 0x61, 0, 0xac, 0x02);
		assertSame(file.subarray(8, 13), head);
	});

	test("many items are appended at once, however many write buffers they fill, and no other comes between", async (store) => {
		const journal = await store.variable();
		await journal.append(1n, pattern(7));
		const items = SIZES.map((size, index) => pattern(size, index));
		const many = journal.appendMany(1n, items);
		const other = journal.append(1n, pattern(9));
		const offsets = await many;
		assert.lengthOf(offsets, items.length);
		let end = 8;
		for (const [index, offset] of offsets.entries()) {
			assert.equal(offset, end);
			const size = SIZES[index] ?? 0;
			end += size + (size < 128 ? 1 : 2);
		}
		assert.equal((await other).offset, end);
		assert.deepEqual(await journal.appendMany(1n, []), []);
		const found = await journal.getMany(1n, offsets);
		for (const [index, item] of items.entries()) {
			assertSame(found[index] ?? new Uint8Array(), item);
		}
		assert.deepEqual(await journal.getMany(1n, []), []);
	});

	test(
		"more items are read at once than the cache has pages for, and all of them come",
		async (store) => {
			const journal = await store.variable();
			const items = Array.from({ length: 100 }, (_, index) =>
				pattern(120, index),
			);
			const offsets = await journal.appendMany(1n, items);
			const found = await journal.getMany(1n, offsets);
			for (const [index, item] of items.entries()) {
				assertSame(found[index] ?? new Uint8Array(), item);
			}
		},
		{ pageSize: 64, cachePages: 8, writeBuffer: 256 },
	);

	test("appends of one section that wait are in the order of their calls", async (store) => {
		const journal = await store.variable();
		const places = await Promise.all(
			SIZES.map((size, index) => journal.append(4n, pattern(size, index))),
		);
		const offsets = places.map(({ offset }) => offset);
		assert.deepEqual(
			offsets,
			offsets.slice().sort((a, b) => a - b),
		);
	});

	test("an item that found the disk full leaves nothing behind, whatever its size, and the next one is found", async (store) => {
		for (const size of [100, 5000]) {
			const section = BigInt(size);
			let journal = await store.variable();
			await journal.append(section, pattern(100));
			await journal.sync(section);
			let appended = 1;
			fillDiskOnce(store, pathOf(INDEX, section));
			await assertFails("ERR_NO_SPACE", async () => {
				for (; appended < 50; appended += 1) {
					await journal.append(section, pattern(size, appended));
				}
			});
			await journal.append(section, pattern(33));
			await journal.close();
			journal = await store.variable();
			const sizes: number[] = [];
			for await (const { item } of journal.replay({ from: section })) {
				sizes.push(item.length);
			}
			assert.deepEqual(sizes, [100, ...Array(appended - 1).fill(size), 33]);
			await journal.close();
		}
	});
}

function readRows(suite: Suite): void {
	const test = journalTest(suite);

	test("an item in memory is read without I/O, one on disk is not", async (store) => {
		let journal = await store.variable();
		const { offset } = await journal.append(1n, pattern(50));
		await journal.append(1n, pattern(100));
		const last = await journal.append(1n, pattern(20));
		assert.deepEqual(journal.tryGet(1n, last.offset), pattern(20));
		assert.isUndefined(journal.tryGet(2n, 0));
		await journal.close();
		store.forgetPages();
		journal = await store.variable();
		assert.isUndefined(journal.tryGet(1n, offset));
		assert.deepEqual(await journal.get(1n, offset), pattern(50));
		assert.deepEqual(journal.tryGet(1n, offset), pattern(50));
	});

	test("an offset past the end is an error that says where the items end", async (store) => {
		const journal = await store.variable();
		await journal.append(1n, pattern(9));
		for (const call of [
			() => journal.get(1n, 10),
			() => journal.get(1n, Number.MAX_SAFE_INTEGER),
			() => journal.getMany(1n, [0, 10]),
			() => journal.tryGet(1n, 10),
		]) {
			const error = await assertFails("ERR_ITEM_OUT_OF_RANGE", call);
			assert.include(error.place, { partition: INDEX, found: 10 });
			assert.include(error.message, "item out of range");
		}
		await assertFails("ERR_SECTION_OUT_OF_RANGE", () => journal.get(2n, 0));
	});

	test("an offset at which no item begins is an error, or gives bytes that lie there; never more than an item may have", async (store) => {
		await writePages(
			store,
			1n,
			joined(
				frame(0x80, 0x00, 7),
				frame(0xff, 0xff, 0xff, 0xff, 0x0f),
				frame(0xff, 0xff, 0xff, 0xff, 0x1f),
				frame(50, 1),
				frame(0x80),
			),
		);
		const journal = await store.variable({ maxItemSize: 1000 });
		const error = await assertFails("ERR_ITEM_CORRUPT", () =>
			journal.get(1n, 1),
		);
		assert.include(error.place, { partition: INDEX, section: 1n, offset: 1 });
		const large = await assertFails("ERR_ITEM_TOO_LARGE", () =>
			journal.get(1n, 5),
		);
		const place = { offset: 5, expected: 1000, found: 2 ** 32 - 1 };
		assert.include(large.place, { section: 1n, ...place });
		await assertFails("ERR_ITEM_CORRUPT", () => journal.get(1n, 11));
		const past = await assertFails("ERR_BLOB_INSUFFICIENT_LENGTH", () =>
			journal.get(1n, 17),
		);
		const end = { offset: 17, expected: 17 + 51, found: 21 };
		assert.include(past.place, end);
		await assertFails("ERR_ITEM_CORRUPT", () => journal.get(1n, 20));
	});

	test("a damaged page is an error that says where, and the items on others are read", async (store) => {
		let journal = await store.variable();
		const items = Array.from({ length: 10 }, (_, at) => pattern(40, at));
		const offsets = await journal.appendMany(3n, items);
		await journal.close();
		await store.withBlob(INDEX, 3n, (blob) =>
			blob.write(2 * 76 + 9, Uint8Array.of(0xff)),
		);
		store.forgetPages();
		journal = await store.variable();
		const error = await assertFails("ERR_INVALID_CHECKSUM", () =>
			journal.get(3n, offsets[3] ?? 0),
		);
		assert.include(error.place, { partition: INDEX, section: 3n, page: 2 });
		await assertFails("ERR_INVALID_CHECKSUM", () =>
			journal.getMany(3n, offsets),
		);
		assert.deepEqual(await journal.get(3n, offsets[1] ?? 0), pattern(40, 1));
		assert.deepEqual(await journal.get(3n, offsets[9] ?? 0), pattern(40, 9));
	});
}

function argumentRows(suite: Suite): void {
	const test = journalTest(suite);

	test("an item of more than maxItemSize is refused before anything is done, one of as many bytes is not", async (store) => {
		const journal = await store.variable({ maxItemSize: 100 });
		for (const call of [
			() => journal.append(1n, new Uint8Array(101)),
			() => journal.appendMany(1n, [pattern(3), new Uint8Array(101)]),
		]) {
			const error = await assertFails("ERR_ITEM_TOO_LARGE", call);
			assert.deepEqual(error.place, { expected: 100, found: 101 });
			assert.include(error.message, "item too large: size=101");
		}
		assert.deepEqual(journal.sections(), []);
		const { offset } = await journal.append(1n, pattern(100));
		assert.deepEqual(await journal.get(1n, offset), pattern(100));
		await journal.close();
		const strict = await store.variable({ maxItemSize: 99 });
		await assertFails("ERR_ITEM_TOO_LARGE", () => strict.get(1n, offset));
		await assertFails("ERR_ITEM_TOO_LARGE", () => strict.replay().next());
		await assertFails("ERR_ITEM_TOO_LARGE", () =>
			strict.append(1n, pattern(1)),
		);
	});

	test("what is no item, no offset and no size is refused before anything is done", async (store) => {
		const journal = await store.variable();
		await assertRefuses(TypeError, () =>
			callUntyped(journal, "append", 1n, [1, 2]),
		);
		await assertRefuses(TypeError, () =>
			callUntyped(journal, "appendMany", 1n, [pattern(1), "text"]),
		);
		assert.deepEqual(journal.sections(), []);
		await journal.append(1n, pattern(9));
		for (const offset of [-1, 0.5, Number.NaN]) {
			await assertRefuses(RangeError, () => journal.get(1n, offset));
			await assertRefuses(RangeError, () => journal.getMany(1n, [offset]));
			await assertRefuses(RangeError, () => journal.tryGet(1n, offset));
			await assertRefuses(RangeError, () => journal.replay({ offset }));
		}
		await assertRefuses(TypeError, () => callUntyped(journal, "get", 1n, "0"));
		for (const maxItemSize of [-1, 1.5, 2 ** 32]) {
			await assertRefuses(RangeError, () => store.variable({ maxItemSize }));
		}
		const writeBuffer = 2 ** 21 + 1;
		await assertRefuses(RangeError, () => store.variable({ writeBuffer }));
	});

	test("a journal opened as another kind, or with another page size, is refused", async (store) => {
		const journal = await store.variable();
		await journal.append(1n, pattern(8));
		await journal.close();
		const error = await assertFails("ERR_CONFIG", () => store.fixed());
		assert.include(error.message, '"kind":"variable","pageSize":64');
		await store.restart({ pageSize: 65 });
		await assertFails("ERR_CONFIG", () => store.variable());
	});

	test("a store that is open for reading refuses every change, and gives every item", async (store) => {
		const written = await store.variable();
		await written.append(1n, pattern(8));
		await store.restart({ readOnly: true });
		const journal = await store.variable();
		for (const call of [
			() => journal.append(1n, pattern(1)),
			() => journal.appendMany(5n, [pattern(1)]),
			() => journal.sync(1n),
			() => journal.prune(2n),
			() => journal.rewind(1n, 0),
			() => journal.clear(),
			() => journal.destroy(),
		]) {
			await assertFails("ERR_READ_ONLY", call);
		}
		assert.deepEqual(await journal.get(1n, 0), pattern(8));
	});
}

function cutRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a rewind cuts its section at an item's end and removes the later ones, and what is appended then is found", async (store) => {
		let journal = await filled(store, [1n, 2n, 3n]);
		await journal.rewind(2n, 41 * 5);
		assert.deepEqual(journal.sections(), [1n, 2n]);
		assert.equal(await journal.size(2n), 41 * 5);
		const { offset } = await journal.append(2n, pattern(99));
		assert.equal(offset, 41 * 5);
		assert.deepEqual(journal.recovery.cuts, []);
		await journal.close();
		journal = await store.variable();
		assert.deepEqual(await journal.get(2n, 41 * 4), pattern(40, 4));
		assert.deepEqual(await journal.get(2n, offset), pattern(99));
	});

	test("a rewind within an item leaves a part of it, which the next append cuts and reports", async (store) => {
		const journal = await filled(store, [1n]);
		await journal.rewindSection(1n, 41 * 5 + 17);
		assert.equal(await journal.size(1n), 41 * 5 + 17);
		const { offset } = await journal.append(1n, pattern(9));
		assert.equal(offset, 41 * 5);
		assert.deepEqual(journal.recovery.cuts, [
			{ section: 1n, why: "torn-item", size: 41 * 5, bytesCut: 17 },
		]);
	});

	test("sections are pruned, removed, cleared and destroyed, and begin anew", async (store) => {
		const journal = await filled(store, [1n, 2n, 3n, 4n]);
		assert.isTrue(await journal.prune(2n));
		await assertFails("ERR_SECTION_PRUNED", () =>
			journal.append(1n, pattern(1)),
		);
		assert.isTrue(await journal.removeSection(3n));
		assert.equal((await journal.append(3n, pattern(5))).offset, 0);
		assert.deepEqual(journal.sections(), [2n, 3n, 4n]);
		await journal.clear();
		assert.deepEqual(journal.sections(), []);
		assert.equal((await journal.append(1n, pattern(5))).offset, 0);
		await journal.destroy();
		assert.notInclude(await namesIn(store.host), INDEX);
		await assertFails("ERR_CLOSED", () => journal.append(1n, pattern(1)));
	});
}

/** Sections of ten synced items of 40 bytes. */
async function filled(
	store: JournalStore,
	sections: readonly bigint[],
): Promise<VariableJournal> {
	const journal = await store.variable();
	for (const section of sections) {
		const items = Array.from({ length: 10 }, (_, at) => pattern(40, at));
		await journal.appendMany(section, items);
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
