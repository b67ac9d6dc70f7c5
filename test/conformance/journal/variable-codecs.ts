import { assert } from "chai";
import type { Codec } from "../../../src/codec/codec.ts";
import * as codec from "../../../src/codec/index.ts";
import type { Writer } from "../../../src/codec/writer.ts";
import type { VariableJournalOptions } from "../../../src/journal/items/item-sections.ts";
import { VariableJournal } from "../../../src/journal/items/variable-journal.ts";
import { fromHex, toHex } from "../../support/runs/bytes.ts";
import {
	assertFails,
	assertRefuses,
	failureOf,
} from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	INDEX,
	type JournalStore,
	journalTest,
} from "../../support/stores/journal-store.ts";

/**
 * From 4 bytes to more than a write buffer of 256: within a page of 64, in several, and beyond the
 * buffer.
 */
const NOTE = codec.struct({
	name: codec.string({ max: 100 }),
	tags: codec.array(codec.uvarint32, { max: 1000 }),
	reply: codec.option(codec.u64),
});
const COUNT = 200;

export function variableCodecRows(suite: Suite): void {
	roundTripRows(suite);
	refusalRows(suite);
	badByteRows(suite);
}

function roundTripRows(suite: Suite): void {
	const test = journalTest(suite);

	test("items of a codec are found again: by offset, many at once, without I/O, and in a replay", async (store) => {
		let journal = await notes(store);
		const offsets: number[] = [];
		for (let number = 0; number < COUNT; number += 1) {
			const { offset, size } = await journal.append(1n, note(number));
			assert.equal(size, NOTE.sizeOf(note(number)));
			assert.deepEqual(await journal.get(1n, offset), note(number));
			assert.deepEqual(journal.tryGet(1n, offset), note(number));
			offsets.push(offset);
		}
		await journal.close();
		journal = await notes(store);
		for (const [number, offset] of offsets.entries()) {
			assert.deepEqual(await journal.get(1n, offset), note(number));
		}
		const some = await journal.getMany(1n, offsets.slice(3, 6));
		assert.deepEqual(some, [note(3), note(4), note(5)]);
		let next = 0;
		for await (const { offset, item } of journal.replay({ buffer: 64 })) {
			assert.deepEqual([offset, item], [offsets[next], note(next)]);
			next += 1;
		}
		assert.equal(next, COUNT);
	});

	test("items of a codec are the bytes that they are without one, and a batch gives those", async (store) => {
		const journal = await notes(store);
		const many = Array.from({ length: COUNT }, (_, number) => note(number));
		const offsets = await journal.appendMany(1n, many.slice(0, 100));
		for (const item of many.slice(100)) {
			offsets.push((await journal.append(1n, item)).offset);
		}
		const encoded = many.map((item) => toHex(codec.encode(NOTE, item)));
		const batched: string[] = [];
		for await (const batch of journal.replay().batches()) {
			batched.push(...Array.from(batch, ({ item }) => toHex(item)));
		}
		assert.deepEqual(batched, encoded);
		await journal.close();
		const raw = await store.variable();
		for (const [index, offset] of offsets.entries()) {
			assert.equal(toHex(await raw.get(1n, offset)), encoded[index]);
		}
	});

	test("a codec's item is encoded when it is appended: what is done to it later changes nothing", async (store) => {
		const journal = await notes(store);
		const tags = [1, 2, 3];
		const item = { name: "a", tags, reply: undefined };
		const appended = [journal.append(1n, item), journal.append(1n, item)];
		const together = journal.appendMany(1n, [item]);
		tags.push(4);
		const places = await Promise.all(appended);
		const offsets = [
			...places.map(({ offset }) => offset),
			...(await together),
		];
		for (const { tags: found } of await journal.getMany(1n, offsets)) {
			assert.deepEqual(found, [1, 2, 3]);
		}
	});
}

function refusalRows(suite: Suite): void {
	const test = journalTest(suite);

	test("an item that is none of the codec's makes no section, and leaves an open one as it was", async (store) => {
		const journal = await notes(store);
		const bad = { ...note(1), tags: [2 ** 32] };
		const worse = { ...note(1), reply: 7 };
		const refuse = async () => {
			const { sizeOf } = NOTE;
			assert.throws(() => sizeOf(bad), RangeError);
			await assertRefuses(RangeError, () => journal.append(1n, bad));
			await assertRefuses(TypeError, () =>
				Reflect.apply(journal.append, journal, [1n, worse]),
			);
			await assertRefuses(RangeError, () =>
				journal.appendMany(1n, [note(0), bad]),
			);
		};
		await refuse();
		assert.deepEqual(journal.sections(), []);
		let size = 0;
		for (let number = 0; number < 30; number += 1) {
			await refuse();
			assert.equal(await journal.size(1n), size);
			const place = await journal.append(1n, note(number));
			assert.equal(place.offset, size);
			size = await journal.size(1n);
		}
		await journal.close();
		const again = await notes(store);
		let count = 0;
		for await (const { item } of again.replay()) {
			assert.deepEqual(item, note(count));
			count += 1;
		}
		assert.equal(count, 30);
	});

	test("an encoder that throws half-way, or appends to its own journal, leaves items and their bytes as they were", async (store) => {
		const nested: Promise<unknown>[] = [];
		const item: Codec<string> = {
			...TEXT,
			write(value, writer) {
				TEXT.write(value, writer);
				if (value.endsWith("bad")) {
					throw new Error("half-way");
				}
				if (value === "more") {
					nested.push(journal.append(1n, "and that"));
				}
			},
		};
		const journal = await opened(store, { item });
		const texts = Array.from({ length: 40 }, (_, at) => "x".repeat(at * 3));
		await journal.append(1n, "");
		for (const text of texts) {
			const before = await journal.size(1n);
			const failed = await failureOf(() => journal.append(1n, `${text}bad`));
			assert.equal(String(failed), "Error: half-way");
			assert.equal(await journal.size(1n), before);
			await journal.append(1n, text);
		}
		await journal.append(1n, "more");
		for (const append of nested) {
			await assertRefuses(TypeError, () => append, "appends nothing");
		}
		assert.lengthOf(nested, 1);
		const found: string[] = [];
		for await (const replayed of journal.replay()) {
			found.push(replayed.item);
		}
		assert.deepEqual(found, ["", ...texts, "more"]);
	});

	test("a codec's item of more bytes than maxItemSize is refused before it is encoded", async (store) => {
		const item: Codec<string> = {
			...TEXT,
			write: (value: string, writer: Writer) =>
				value.length > 9 ? assert.fail("encoded") : TEXT.write(value, writer),
		};
		const journal = await opened(store, { item, maxItemSize: 10 });
		await journal.append(1n, "x".repeat(9));
		for (const call of [
			() => journal.append(1n, "x".repeat(10)),
			() => journal.append(2n, "x".repeat(10)),
			() => journal.appendMany(1n, ["", "x".repeat(10)]),
		]) {
			const { place } = await assertFails("ERR_ITEM_TOO_LARGE", call);
			assert.include(place, { expected: 10, found: 11 });
		}
		assert.deepEqual(journal.sections(), [1n]);
		assert.equal(await journal.size(1n), 11);
	});
}

function badByteRows(suite: Suite): void {
	const test = journalTest(suite);

	test("an item that is none of the codec's is ERR_CODEC with its place, nothing is cut, and the others are read", async (store) => {
		const raw = await store.variable();
		const good = codec.encode(TEXT, "good");
		const offsets = await raw.appendMany(4n, [
			good,
			fromHex("0161ff"),
			fromHex("02c328"),
			good,
		]);
		const size = await raw.size(4n);
		await raw.close();
		const journal = await opened(store, { item: TEXT });
		const [first = 0, long = 0, none = 0, last = 0] = offsets;
		const replay = journal.replay();
		assert.equal((await replay.next()).value?.item, "good");
		for (const [offset, call] of [
			[long, () => replay.next()],
			[long, () => journal.get(4n, long)],
			[long, () => journal.getMany(4n, [first, long])],
			[long, () => Promise.resolve().then(() => journal.tryGet(4n, long))],
			[none, () => journal.get(4n, none)],
		] as const) {
			const { place } = await assertFails("ERR_CODEC", call);
			assert.include(place, { partition: INDEX, section: 4n, offset });
		}
		assert.isTrue((await replay.next()).done);
		assert.equal(await journal.get(4n, last), "good");
		const behind = journal.replay({ from: 4n, offset: last });
		assert.equal((await behind.next()).value?.item, "good");
		const [next] = await journal.appendMany(4n, ["behind"]);
		assert.equal(next, size);
		assert.deepEqual(journal.recovery.cuts, []);
	});
}

const TEXT = codec.string();

function notes(store: JournalStore) {
	return opened(store, { item: NOTE });
}

function opened<Item>(
	store: JournalStore,
	options: Pick<VariableJournalOptions<Item>, "item" | "maxItemSize">,
): Promise<VariableJournal<Item>> {
	return VariableJournal.open(store.storage, {
		...{ partition: INDEX, cache: store.cache, writeBuffer: 256 },
		...options,
	});
}

function note(number: number) {
	return {
		name: `note ${number} €`,
		tags: Array.from({ length: number % 150 }, (_, index) => index * number),
		reply: number % 2 === 0 ? undefined : BigInt(number),
	};
}
