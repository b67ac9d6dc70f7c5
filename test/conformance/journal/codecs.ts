import { assert } from "chai";
import type { Codec, FixedCodec } from "../../../src/codec/codec.ts";
import * as codec from "../../../src/codec/index.ts";
import type { Writer } from "../../../src/codec/writer.ts";
import { FixedJournal } from "../../../src/journal/entries/fixed-journal.ts";
import { OversizedJournal } from "../../../src/journal/oversized/oversized-journal.ts";
import { Glob } from "../../../src/journal/values/glob.ts";
import type { ValuePlace } from "../../../src/journal/values/value.ts";
import { fromHex, joined, toHex } from "../../support/runs/bytes.ts";
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
	VALUES,
} from "../../support/stores/journal-store.ts";

/** 17 bytes: in pages of 64 one in four spans two. */
const SAMPLE = codec.struct({
	at: codec.u64,
	level: codec.i32,
	parts: codec.tuple(codec.u16, codec.u16),
	isLast: codec.bool,
});
/** commonware's record of a value. */
const RECORD = codec.struct({
	id: codec.u64,
	offset: codec.u64,
	size: codec.u32,
});
const NOTE = codec.struct({
	name: codec.string({ max: 100 }),
	tags: codec.array(codec.uvarint32, { max: 1000 }),
	reply: codec.option(codec.u64),
});

export function codecRows(suite: Suite): void {
	roundTripRows(suite);
	refusalRows(suite);
	badByteRows(suite);
}

function roundTripRows(suite: Suite): void {
	const test = journalTest(suite);

	test("entries of a codec are found again: by position, as the last, many at once, and in a replay", async (store) => {
		let journal = await samples(store);
		for (let number = 0; number < 300; number += 1) {
			const position = await journal.append(1n, sample(number));
			assert.equal(position, number);
			assert.deepEqual(await journal.get(1n, number), sample(number));
		}
		await journal.close();
		journal = await samples(store);
		assert.deepEqual(await journal.get(1n, 7), sample(7));
		assert.deepEqual(await journal.last(1n), sample(299));
		assert.deepEqual(await journal.getMany(1n, [0, 3, 299]), [
			sample(0),
			sample(3),
			sample(299),
		]);
		let next = 0;
		for await (const { section, position, entry } of journal.replay()) {
			assert.deepEqual([section, position], [1n, next]);
			assert.deepEqual(entry, sample(next));
			next += 1;
		}
		assert.equal(next, 300);
	});

	test("many entries of a codec are appended at once, however many write buffers they fill", async (store) => {
		const journal = await samples(store);
		const many = Array.from({ length: 500 }, (_, number) => sample(number));
		assert.equal(await journal.appendMany(1n, many), 0);
		assert.equal(await journal.appendMany(1n, []), 500);
		const positions = many.map((_, position) => position);
		assert.deepEqual(await journal.getMany(1n, positions), many);
	});

	test("entries of a codec are the bytes that they are without one, in pages and in what dualslot.json says", async (store) => {
		const journal = await samples(store);
		for (let number = 0; number < 100; number += 1) {
			await journal.append(1n, sample(number));
		}
		await journal.close();
		const raw = await store.fixed({ entry: { size: 17 } });
		for (let number = 0; number < 100; number += 1) {
			const expected = codec.encode(SAMPLE, sample(number));
			assert.equal(
				toHex(await raw.get(1n, number)),
				toHex(expected),
				`${number}`,
			);
		}
		await raw.append(1n, codec.encode(SAMPLE, sample(100)));
		await raw.close();
		const again = await samples(store);
		assert.deepEqual(await again.last(1n), sample(100));
	});

	test("entries of a codec that are larger than a page are found again", async (store) => {
		const entry = codec.tuple(codec.u64, codec.fixedBytes(500));
		const open = () =>
			FixedJournal.open(store.storage, {
				...{ partition: INDEX, cache: store.cache, entry },
			});
		let journal = await open();
		const large = (number: number) =>
			[BigInt(number), new Uint8Array(500).fill(number)] as const;
		for (let number = 0; number < 20; number += 1) {
			await journal.append(1n, large(number));
		}
		await journal.close();
		journal = await open();
		for (let number = 0; number < 20; number += 1) {
			const [id, bytes] = await journal.get(1n, number);
			assert.deepEqual(
				[id, [...bytes]],
				[BigInt(number), [...large(number)[1]]],
			);
		}
	});

	test("values of a codec are found again, those larger than the write buffer too", async (store) => {
		let glob = await notes(store);
		const places: ValuePlace[] = [];
		for (let number = 0; number < 100; number += 1) {
			const place = await glob.append(1n, note(number * 7));
			const length = NOTE.sizeOf(note(number * 7));
			assert.equal(place.size, length + 4);
			places.push(place);
		}
		for (const reopen of [false, true]) {
			if (reopen) {
				await glob.close();
				glob = await notes(store);
			}
			for (const [number, { offset, size }] of places.entries()) {
				const found = await glob.get(1n, offset, size);
				assert.deepEqual(found, note(number * 7));
			}
		}
	});

	test("an oversized journal of codecs has commonware's record say where each value lies", async (store) => {
		let journal = await documents(store);
		for (let number = 0; number < 200; number += 1) {
			const id = BigInt(number);
			const entry = { id, offset: 0n, size: 0 };
			const at = await journal.append(1n, entry, note(number));
			assert.equal(at.position, number);
			assert.deepEqual(await journal.get(1n, number), {
				...{ id, offset: BigInt(at.offset), size: at.size },
			});
		}
		await journal.close();
		journal = await documents(store);
		assert.equal(journal.recovery.entriesCut, 0);
		let count = 0;
		for await (const { entry } of journal.replay()) {
			const { id, offset, size } = entry;
			assert.equal(id, BigInt(count));
			const found = await journal.getValue(1n, Number(offset), size);
			assert.deepEqual(found, note(count));
			count += 1;
		}
		assert.equal(count, 200);
	});

	test("a codec's entry and value are encoded when they are appended: what is done to them later changes nothing", async (store) => {
		const glob = await notes(store);
		const tags = [1, 2, 3];
		const appended = glob.append(1n, { name: "a", tags, reply: undefined });
		tags.push(4);
		const { offset, size } = await appended;
		const { tags: found } = await glob.get(1n, offset, size);
		assert.deepEqual(found, [1, 2, 3]);
	});
}

function refusalRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a value that is none of the codec's makes no section, and leaves an open one as it was", async (store) => {
		const journal = await samples(store);
		const bad = { ...sample(1), level: 2 ** 31 };
		const worse = { ...sample(1), isLast: 1 };
		const refuse = async () => {
			await assertRefuses(RangeError, () => journal.append(1n, bad));
			await assertRefuses(TypeError, () =>
				Reflect.apply(journal.append, journal, [1n, worse]),
			);
			await assertRefuses(RangeError, () =>
				journal.appendMany(1n, [sample(0), bad]),
			);
			await assertRefuses(TypeError, () =>
				Reflect.apply(journal.appendMany, journal, [1n, new Uint8Array(17)]),
			);
		};
		await refuse();
		assert.deepEqual(journal.sections(), []);
		for (let number = 0; number < 20; number += 1) {
			await refuse();
			await journal.append(1n, sample(number));
			assert.equal(await journal.size(1n), (number + 1) * 17);
		}
		await journal.close();
		const again = await samples(store);
		for (let number = 0; number < 20; number += 1) {
			assert.deepEqual(await again.get(1n, number), sample(number));
		}
	});

	test("an encoder that throws half-way leaves entries, values and their bytes as they were", async (store) => {
		const open = () =>
			OversizedJournal.open(store.storage, {
				...{ index: INDEX, values: VALUES, cache: store.cache },
				entry: { codec: failing(RECORD, 3n), offsetAt: 8, sizeAt: 16 },
				value: failing(NOTE, "bad"),
			});
		const journal = await open();
		const entry = { id: 1n, offset: 0n, size: 0 };
		const appended: ValuePlace[] = [];
		for (let number = 0; number < 40; number += 1) {
			const before = [await journal.size(1n), await journal.valueSize(1n)];
			const value = note(number);
			for (const call of [
				() => journal.append(1n, { ...entry, id: 3n }, value),
				() => journal.append(1n, entry, { ...value, name: "bad" }),
			]) {
				assert.equal(String(await failureOf(call)), "Error: half-way");
			}
			const after = [await journal.size(1n), await journal.valueSize(1n)];
			assert.deepEqual(after, before);
			appended.push(await journal.append(1n, entry, value));
		}
		let end = 0;
		for (const [number, { offset, size }] of appended.entries()) {
			assert.equal(offset, end);
			end += size;
			const found = await journal.getValue(1n, offset, size);
			assert.deepEqual(found, note(number));
		}
		await journal.close();
		const again = await open();
		assert.include(again.recovery, { entriesCut: 0, valueBytesCut: 0 });
		assert.equal(await again.size(1n), 40 * 20);
	});

	test("an encoder that appends to the journal that it writes for is refused", async (store) => {
		let nested: Promise<unknown> | undefined;
		const entry: FixedCodec<number> = {
			...codec.u32,
			write(value, writer) {
				if (value === 7) {
					nested = journal.append(1n, 8);
				}
				writer.u32(value);
			},
		};
		const journal = await FixedJournal.open(store.storage, {
			...{ partition: INDEX, cache: store.cache, entry },
		});
		await journal.append(1n, 1);
		await journal.append(1n, 7);
		await assertRefuses(TypeError, () => nested, "appends nothing");
		assert.deepEqual(await journal.getMany(1n, [0, 1]), [1, 7]);
		assert.equal(await journal.size(1n), 8);
	});

	test("a codec whose entry does not have the size that it says is refused, and moves no other entry", async (store) => {
		const short: FixedCodec<number> = {
			...codec.u32,
			write: (value: number, writer: Writer) =>
				value === 0 ? writer.u16(0) : writer.u32(value),
			sizeOf: (value) => (value === 0 ? 2 : 4),
		};
		const journal = await FixedJournal.open(store.storage, {
			...{ partition: INDEX, cache: store.cache, entry: short },
		});
		await assertRefuses(RangeError, () => journal.append(1n, 0));
		await journal.append(1n, 1);
		await assertRefuses(RangeError, () => journal.append(1n, 0));
		await assertRefuses(RangeError, () => journal.appendMany(1n, [2, 0]));
		assert.equal(await journal.append(1n, 2), 1);
		assert.deepEqual(await journal.getMany(1n, [0, 1]), [1, 2]);
	});

	test("a value too large for its size field is refused before it is encoded", async (store) => {
		const value: Codec<number> = {
			sizeOf: () => 2 ** 32 - 4,
			write: () => assert.fail("it was encoded"),
			read: (reader) => reader.u8(),
		};
		const options = { partition: VALUES, value };
		const glob = await Glob.open(store.storage, options);
		await assertFails("ERR_VALUE_TOO_LARGE", () => glob.append(1n, 1));
		assert.deepEqual(glob.sections(), []);
	});
}

function badByteRows(suite: Suite): void {
	const test = journalTest(suite);

	test("an entry that is none of the codec's is ERR_CODEC with its place, and the others are read", async (store) => {
		const raw = await store.fixed({ entry: { size: 17 } });
		const bad = codec.encode(SAMPLE, sample(1));
		bad[16] = 2;
		const good = codec.encode(SAMPLE, sample(0));
		await raw.appendMany(4n, joined(good, bad, good));
		await raw.close();
		const journal = await samples(store);
		const place = {
			...{ partition: INDEX, section: 4n, position: 1, offset: 17 + 16 },
			found: 2,
		};
		const replay = journal.replay();
		assert.deepEqual((await replay.next()).value?.entry, sample(0));
		for (const call of [
			() => journal.get(4n, 1),
			() => journal.getMany(4n, [0, 1]),
			() => replay.next(),
		]) {
			const error = await assertFails("ERR_CODEC", call);
			assert.include(error.place, place);
			assert.include(error.message, "invalid bool");
		}
		assert.isTrue((await replay.next()).done);
		assert.deepEqual(await journal.last(4n), sample(0));
		const behind = journal.replay({ from: 4n, position: 2 });
		assert.deepEqual((await behind.next()).value?.entry, sample(0));
	});

	test("a value that is none of the codec's is ERR_CODEC with its place", async (store) => {
		const raw = await store.glob();
		await raw.append(1n, fromHex("0000"));
		const { offset, size } = await raw.append(1n, fromHex("0161 00 00 ff"));
		await raw.close();
		const glob = await notes(store);
		const error = await assertFails("ERR_CODEC", () =>
			glob.get(1n, offset, size),
		);
		assert.include(error.place, {
			...{ partition: VALUES, section: 1n, offset: offset + 4 },
		});
		assert.include(error.message, "extra data");
	});
}

function samples(store: JournalStore) {
	return FixedJournal.open(store.storage, {
		...{ partition: INDEX, cache: store.cache, entry: SAMPLE },
		writeBuffer: 1024,
	});
}

function notes(store: JournalStore) {
	return Glob.open(store.storage, {
		...{ partition: VALUES, value: NOTE, writeBuffer: 256 },
	});
}

function documents(store: JournalStore) {
	return OversizedJournal.open(store.storage, {
		...{ index: INDEX, values: VALUES, cache: store.cache, value: NOTE },
		entry: { codec: RECORD, offsetAt: 8, sizeAt: 16 },
		...{ writeBuffer: 1024, valueBuffer: 1024 },
	});
}

function sample(number: number) {
	return {
		at: BigInt(number) << 33n,
		level: 5 - number,
		parts: [number, number + 1],
		isLast: number % 3 === 0,
	} as const;
}

function note(number: number) {
	return {
		name: `note ${number} €`,
		tags: Array.from({ length: number % 500 }, (_, index) => index * number),
		reply: number % 2 === 0 ? undefined : BigInt(number),
	};
}

/** Writes a part of every value, and fails at values with `bad` among their fields. */
function failing<C extends Codec<object>>(of: C, bad: unknown): C {
	return {
		...of,
		write(value: object, writer: Writer) {
			of.write(value, writer);
			if (Object.values(value).includes(bad)) {
				throw new Error("half-way");
			}
		},
	};
}
