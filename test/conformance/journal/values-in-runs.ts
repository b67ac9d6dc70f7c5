import { assert } from "chai";
import type { FixedCodec } from "../../../src/codec/codec.ts";
import * as codec from "../../../src/codec/index.ts";
import type { Reader } from "../../../src/codec/reader.ts";
import { OversizedJournal } from "../../../src/journal/oversized/oversized-journal.ts";
import type { ValuePlace } from "../../../src/journal/values/value.ts";
import { assertSame } from "../../support/runs/bytes.ts";
import { assertFails, KERNEL_ERROR } from "../../support/runs/failure.ts";
import { Message, whileTimeFlies } from "../../support/runs/messages.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	INDEX,
	journalTest,
	pointer,
	pointerIn,
	sixteen,
	VALUES,
} from "../../support/stores/journal-store.ts";
import {
	all,
	allPlaces,
	assertFound,
	BUFFER,
	COUNT,
	filled,
	readsOf,
	STORED,
	valueAt,
} from "../../support/stores/values-in-a-row.ts";

/** Values that are read in runs: by a replay of entries with values, and by `getValues`. */
export function valuesInRunsRows(suite: Suite): void {
	replayRows(suite);
	changeRows(suite);
	damageRows(suite);
	manyRows(suite);
}

function replayRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a replay with values gives each entry with its own, over sections, and those that lie in the write buffer too", async (store) => {
		const journal = await filled(store, [1n, 3n]);
		await journal.append(3n, pointer(COUNT), valueAt(COUNT));
		const found = await all(journal);
		const ids = [...Array(COUNT).keys()];
		assert.deepEqual(
			found.map(({ entry }) => pointerIn(entry).id),
			[...ids, ...ids, COUNT],
		);
		for (const { entry, value, section, position } of found) {
			const { id } = pointerIn(entry);
			assertSame(value, valueAt(id));
			assert.equal(position, id);
			assertSame(entry, await journal.get(section, position));
		}
	});

	test("a replay with values begins at a section and a position", async (store) => {
		const journal = await filled(store, [1n, 3n]);
		const found: number[] = [];
		const from = { from: 3n, position: COUNT - 5 };
		for await (const { position, value } of journal.replay({
			values: true,
			...from,
		})) {
			assertSame(value, valueAt(position));
			found.push(position);
		}
		assert.deepEqual(found, [35, 36, 37, 38, 39]);
		const behind = { from: 3n, position: COUNT + 1 };
		const past = journal.replay({ values: true, ...behind });
		await assertFails("ERR_ITEM_OUT_OF_RANGE", () => past.next());
	});

	test("values of a replay are read as many at once as its buffer says, and are parts of one block", async (store) => {
		const journal = await filled(store, [1n]);
		const reads = readsOf(store, BUFFER);
		const found = await all(journal, BUFFER);
		assert.equal(reads.largest, BUFFER);
		const blocks = new Set(found.map(({ value }) => value.buffer));
		assert.equal(blocks.size, Math.ceil(COUNT / 3));
		for (const { value } of found) {
			assert.equal(value.buffer.byteLength % STORED, 0);
		}
	});

	test("batches have the entries and the values that were read together, also where single steps came before", async (store) => {
		const journal = await filled(store, [1n]);
		const replay = journal.replay({ values: true, buffer: BUFFER });
		const first = await replay.next();
		assert.equal(first.value?.position, 0);
		let next = 1;
		for await (const batch of replay.batches()) {
			assert.equal(batch.section, 1n);
			assert.equal(batch.position, next);
			assert.equal(batch.entries.length, 20 * batch.length);
			for (let index = 0; index < batch.length; index += 1) {
				assertSame(batch.value(index), valueAt(next));
				next += 1;
			}
			assert.throws(() => batch.value(batch.length), RangeError);
		}
		assert.equal(next, COUNT);
	});

	test("values that are longer than a replay's buffer come alone", async (store) => {
		const journal = await filled(store, [1n]);
		for (const [index, { value }] of (await all(journal, 10)).entries()) {
			assertSame(value, valueAt(index));
		}
	});

	test("values of a codec come decoded, by a replay, in a batch and many at once, and one that its codec refuses ends a replay with its place", async (store) => {
		const journal = await OversizedJournal.open(store.storage, {
			...{ index: INDEX, values: VALUES, cache: store.cache },
			entry: { size: 20, offsetAt: 8, sizeAt: 16 },
			value: refusing(codec.u32, 7),
		});
		const places: ValuePlace[] = [];
		for (let id = 0; id < 9; id += 1) {
			places.push(await journal.append(1n, pointer(id), id));
		}
		const replay = journal.replay({ values: true });
		for (let id = 0; id < 7; id += 1) {
			assert.equal((await replay.next()).value?.value, id);
		}
		const error = await assertFails("ERR_CODEC", () => replay.next());
		assert.include(error.place, { section: 1n, offset: 7 * 8 + 4 });
		for await (const batch of journal.replay({ values: true }).batches()) {
			assert.equal(batch.value(8), 8);
			await assertFails("ERR_CODEC", async () => batch.value(7));
		}
		assert.isUndefined(journal.tryGetValue(1n, 9 * 8, 8));
		assert.equal(journal.tryGetValue(1n, 8 * 8, 8), 8);
		const found = await journal.getValues(1n, places.slice(0, 7));
		assert.deepEqual(found, [0, 1, 2, 3, 4, 5, 6]);
		await assertFails("ERR_CODEC", () => journal.getValues(1n, places));
	});

	test("a message that waits comes before a replay with values gives all that it has read", async (store) => {
		const journal = await store.oversized();
		for (let id = 0; id < 500; id += 1) {
			await journal.append(1n, pointer(id), Uint8Array.of(id));
		}
		await journal.sync(1n);
		const replay = journal.replay({ values: true });
		await replay.next();
		await whileTimeFlies(async () => {
			const message = new Message();
			message.send();
			for (let step = 0; step < 450 && !message.hasCome; step += 1) {
				await replay.next();
			}
			message.check();
		});
	});
}

function changeRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a rewind while a replay with values runs takes what it had not read yet, and what is appended behind comes instead", async (store) => {
		const journal = await filled(store, [1n]);
		const replay = journal.replay({ values: true, buffer: BUFFER });
		await replay.next();
		await journal.rewindSection(1n, 20 * 10);
		await journal.append(1n, pointer(99), valueAt(99));
		const found: number[] = [];
		for await (const { entry, value } of replay) {
			const { id } = pointerIn(entry);
			assertSame(value, valueAt(id));
			found.push(id);
		}
		assert.deepEqual(found, [1, 2, 3, 4, 5, 6, 7, 8, 9, 99]);
	});

	test("a prune while a replay with values runs takes the sections that it has not come to, and the rest of its own", async (store) => {
		const journal = await filled(store, [1n, 2n, 3n]);
		const replay = journal.replay({ values: true, buffer: BUFFER });
		await replay.next();
		await journal.prune(3n);
		const found: bigint[] = [];
		for await (const { section } of replay) {
			found.push(section);
		}
		assert.deepEqual(found.slice(2), Array(COUNT).fill(3n));
		assert.deepEqual(found.slice(0, 2), [1n, 1n]);
	});
}

function damageRows(suite: Suite): void {
	const test = journalTest(suite);

	for (const [what, bad] of [
		["first", 0],
		["middle", 4],
		["last", COUNT - 1],
	] as const) {
		test(`a damaged ${what} value ends a replay with its place, and those before it are given out`, async (store) => {
			let journal = await filled(store, [1n]);
			await journal.append(1n, pointer(COUNT), valueAt(COUNT));
			await journal.close();
			await store.withBlob(VALUES, 1n, async (blob) => {
				const [byte = 0] = await blob.read(bad * STORED + 3, 1);
				await blob.write(bad * STORED + 3, Uint8Array.of(byte ^ 1));
			});
			journal = await store.oversized();
			const replay = journal.replay({ values: true, buffer: BUFFER });
			for (let id = 0; id < bad; id += 1) {
				assertFound((await replay.next()).value?.value, id);
			}
			const error = await assertFails("ERR_INVALID_CHECKSUM", () =>
				replay.next(),
			);
			const place = { section: 1n, offset: bad * STORED };
			assert.include(error.place, place);
			const alone = await assertFails("ERR_INVALID_CHECKSUM", () =>
				journal.getValue(1n, bad * STORED, STORED),
			);
			assert.deepEqual(error.place, alone.place);
			assert.deepEqual(await replay.next(), { done: true, value: undefined });
			const places = allPlaces();
			const many = await assertFails("ERR_INVALID_CHECKSUM", () =>
				journal.getValues(1n, places),
			);
			assert.include(many.place, place);
			places.splice(bad, 1);
			assert.lengthOf(await journal.getValues(1n, places), COUNT - 1);
		});
	}

	test("a place outside the section is the error of getValue, wherever in a run it is", async (store) => {
		const journal = await filled(store, [1n]);
		const places = allPlaces();
		for (const [code, wrong] of [
			["ERR_BLOB_INSUFFICIENT_LENGTH", { offset: COUNT * STORED, size: 5 }],
			["ERR_BLOB_INSUFFICIENT_LENGTH", { offset: 3 * STORED, size: 3 }],
			["ERR_INVALID_CHECKSUM", { offset: 3 * STORED, size: STORED - 1 }],
			["ERR_BLOB_INSUFFICIENT_LENGTH", { offset: 39 * STORED, size: 2000 }],
		] as const) {
			const { offset, size } = wrong;
			const alone = await assertFails(code, () =>
				journal.getValue(1n, offset, size),
			);
			const before = places.filter((place) => place.offset < offset);
			const error = await assertFails(code, () =>
				journal.getValues(1n, [...before, wrong]),
			);
			assert.deepEqual(error.place, alone.place);
			assert.isUndefined(journal.tryGetValue(1n, offset, size));
		}
	});

	test("a place behind the end of a section is an error in a run too, whatever the write buffer held there before", async (store) => {
		const journal = await store.oversized();
		for (let id = 1; id <= 5; id += 1) {
			await journal.append(1n, pointer(id), sixteen(id));
		}
		// The next section has the buffer that this one gives back, with its bytes.
		await journal.sync(1n);
		await journal.append(2n, pointer(6), sixteen(6));
		const last = { offset: 0, size: 20 };
		const behind = { offset: 20, size: 20 };
		assert.deepEqual(await journal.getValues(2n, [last]), [sixteen(6)]);
		assert.isUndefined(journal.tryGetValue(2n, 20, 20));
		const error = await assertFails("ERR_BLOB_INSUFFICIENT_LENGTH", () =>
			journal.getValues(2n, [last, behind]),
		);
		assert.include(error.place, { section: 2n, offset: 20 });
	});

	test("places that all lie behind the end of a section, or have no bytes, are the error of getValue", async (store) => {
		const journal = await filled(store, [1n]);
		for (const [offset, size] of [
			[COUNT * STORED, 20],
			[COUNT * STORED, 0],
			[0, 0],
			[2 ** 40, STORED],
		] as const) {
			const places = [0, 1, 2].map((index) => ({
				...{ offset: offset + index * size, size },
			}));
			const error = await assertFails("ERR_BLOB_INSUFFICIENT_LENGTH", () =>
				journal.getValues(1n, places),
			);
			assert.include(error.place, { section: 1n, offset });
		}
	});

	test("a run that the host fails to read fails no value that can be read alone", async (store) => {
		const journal = await filled(store, [1n]);
		store.host.hooks = {
			read: async (_, call) => {
				const count = await call();
				if (count > STORED && count % STORED === 0) {
					throw KERNEL_ERROR;
				}
				return count;
			},
		};
		for (const [index, { value }] of (await all(journal)).entries()) {
			assertSame(value, valueAt(index));
		}
		store.host.hooks = {
			read: () => {
				throw KERNEL_ERROR;
			},
		};
		await assertFails("ERR_READ_FAILED", () =>
			journal.replay({ values: true }).next(),
		);
	});
}

function manyRows(suite: Suite): void {
	const test = journalTest(suite);

	test("many values come in the order of their places, whatever that is, and some more than once", async (store) => {
		const journal = await filled(store, [1n]);
		await journal.append(1n, pointer(COUNT), valueAt(COUNT));
		for (const order of [
			[],
			[7],
			[...Array(COUNT + 1).keys()],
			[...Array(COUNT + 1).keys()].reverse(),
			[3, 4, 5, 3, 4, 40, 39, 0, 1, 20, 21, 22],
		]) {
			const places = order.map((id) => ({ offset: id * STORED, size: STORED }));
			const found = await journal.getValues(1n, places);
			assert.lengthOf(found, order.length);
			for (const [index, value] of found.entries()) {
				assertSame(value, valueAt(order[index] ?? 0));
			}
		}
	});

	test("many values that lie one behind the other are read at once, and are parts of one block", async (store) => {
		const journal = await filled(store, [1n]);
		const reads = readsOf(store, 1);
		const places = [...Array(8).keys()].map((id) => ({
			...{ offset: (id + (id < 4 ? 2 : 12)) * STORED, size: STORED },
		}));
		const found = await journal.getValues(1n, places);
		assert.equal(reads.count, 2);
		assert.equal(new Set(found.map(({ buffer }) => buffer)).size, 2);
	});

	test("what are no places is refused before anything is read", async (store) => {
		const journal = await filled(store, [1n]);
		const reads = readsOf(store, 1);
		const lists = [[7], [null], [{}], [{ offset: 0 }], new Array(2)];
		for (const wrong of [undefined, 7, ...lists]) {
			const refused: unknown = await Reflect.apply(journal.getValues, journal, [
				1n,
				wrong,
			]).then(
				() => undefined,
				(error: unknown) => error,
			);
			assert.instanceOf(refused, TypeError);
			assert.notInclude(String(refused), "properties of");
		}
		assert.equal(reads.count, 0);
	});
}

/** A codec that refuses one number when it reads. */
function refusing(numbers: FixedCodec<number>, refused: number) {
	const read = (reader: Reader) => {
		const number = numbers.read(reader);
		if (number === refused) {
			throw reader.invalid("it is refused");
		}
		return number;
	};
	return { ...numbers, read };
}
