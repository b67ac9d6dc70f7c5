import { assert } from "chai";
import * as codec from "../../../src/codec/index.ts";
import { VariableJournal } from "../../../src/journal/items/variable-journal.ts";
import { Glob } from "../../../src/journal/values/glob.ts";
import { framedZeros } from "../../support/oracles/zstd-frames.ts";
import {
	filled,
	fromHex,
	joined,
	pattern,
	toHex,
} from "../../support/runs/bytes.ts";
import { assertFails, assertRefuses } from "../../support/runs/failure.ts";
import { Random } from "../../support/runs/prng.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	INDEX,
	type JournalStore,
	journalTest,
	pointer,
	pointerIn,
	VALUES,
} from "../../support/stores/journal-store.ts";

const LEVEL = { compression: 3 } as const;
/** A store where one partition may be opened both ways. */
const FOREIGN = { metadata: false } as const;
const NOISE = new Random(7).bytes(3000);
const CONTENTS = [
	new Uint8Array(),
	Uint8Array.of(7),
	NOISE.slice(0, 100),
	NOISE,
	new Uint8Array(200_000),
	joined(NOISE, NOISE, NOISE),
];

export function compressionRows(suite: Suite): void {
	roundTripRows(suite);
	limitRows(suite);
	parameterRows(suite);
	damageRows(suite);
}

function roundTripRows(suite: Suite): void {
	const test = journalTest(suite);

	test("compressed items are found again, empty, incompressible and highly compressible ones, in few bytes", async (store) => {
		let journal = await store.variable(LEVEL);
		const offsets = await journal.appendMany(1n, CONTENTS);
		for (const content of CONTENTS) {
			const { offset, size } = await journal.append(1n, content);
			assert.isAtMost(size, content.length + 64);
			offsets.push(offset);
		}
		assert.isBelow(await journal.size(1n), 20_000);
		await journal.close();
		journal = await store.variable(LEVEL);
		const found: Uint8Array[] = [];
		for await (const { offset, item } of journal.replay()) {
			assert.equal(offset, offsets[found.length]);
			assert.equal(toHex(await journal.get(1n, offset)), toHex(item));
			found.push(item);
		}
		assert.deepEqual(found.map(toHex), [...CONTENTS, ...CONTENTS].map(toHex));
		const batched: string[] = [];
		for await (const batch of journal.replay().batches()) {
			batched.push(...Array.from(batch, ({ item }) => toHex(item)));
		}
		assert.deepEqual(batched, found.map(toHex));
	});

	test("compressed values of a glob and of an oversized journal are found again by the size that they have there", async (store) => {
		let glob = await store.glob({ ...LEVEL, partition: "glob" });
		let journal = await store.oversized(LEVEL);
		const places = [];
		for (const [id, content] of CONTENTS.entries()) {
			const place = await glob.append(1n, content);
			assert.isAtMost(place.size, content.length + 64);
			places.push(place);
			const appended = await journal.append(1n, pointer(id), content);
			assert.include(appended, place);
		}
		await glob.close();
		await journal.close();
		glob = await store.glob({ ...LEVEL, partition: "glob" });
		journal = await store.oversized(LEVEL);
		assert.equal(journal.recovery.entriesCut, 0);
		for await (const { entry, position } of journal.replay()) {
			const { offset, size } = pointerIn(entry);
			const expected = toHex(CONTENTS[position] ?? filled(1, 1));
			assert.deepInclude(places[position], { offset, size });
			assert.equal(toHex(await journal.getValue(1n, offset, size)), expected);
			assert.equal(toHex(await glob.get(1n, offset, size)), expected);
			const [again] = await journal.getValues(1n, [{ offset, size }]);
			assert.equal(toHex(again ?? filled(1, 1)), expected);
		}
		for await (const { value, position } of journal.replay({ values: true })) {
			assert.deepEqual(value, CONTENTS[position]);
		}
	});

	test("values of a codec are compressed as what it makes of them, of any level", async (store) => {
		const item = codec.array(codec.string(), { max: 1000 });
		const texts = Array.from({ length: 300 }, (_, at) => `text ${at % 3}`);
		for (const compression of [1, 3, 22]) {
			const partition = `level-${compression}`;
			const options = { partition, cache: store.cache, item, compression };
			const journal = await VariableJournal.open(store.storage, options);
			const { offset, size } = await journal.append(1n, texts);
			assert.isBelow(size, item.sizeOf(texts) / 4);
			assert.deepEqual(await journal.get(1n, offset), texts);
			const glob = await Glob.open(store.storage, {
				...{ partition: `${partition}-values`, value: item, compression },
			});
			const at = await glob.append(1n, texts);
			assert.deepEqual(await glob.get(1n, at.offset, at.size), texts);
		}
	});

	test("level 0 is zstd's default, and leaves what level 3 leaves", async (store) => {
		const sizes: number[] = [];
		for (const compression of [0, 3]) {
			const partition = `default-${compression}`;
			const options = { partition, cache: store.cache, compression };
			const journal = await VariableJournal.open(store.storage, options);
			const { offset, size } = await journal.append(1n, pattern(5000));
			assert.deepEqual(await journal.get(1n, offset), pattern(5000));
			sizes.push(size);
		}
		assert.equal(sizes[0], sizes[1]);
	});

	test(
		"frames that no one-shot encoder wrote are read: without a size, in many blocks, with a window that is larger than need be",
		async (store) => {
			const raw = await store.variable();
			const sizes = [0, 1, 1000, 128 * 1024, 300_000, 2_000_000];
			const offsets = await raw.appendMany(1n, [
				...sizes.map((size) => framedZeros(size, { window: 21 })),
				...sizes.map((size) => framedZeros(size, { says: size })),
			]);
			await raw.close();
			const journal = await store.variable(LEVEL);
			for (const [index, offset] of offsets.entries()) {
				const found = await journal.get(1n, offset);
				assert.equal(found.length, sizes[index % sizes.length]);
				assert.isTrue(found.every((byte) => byte === 0));
			}
		},
		FOREIGN,
	);
}

function limitRows(suite: Suite): void {
	const test = journalTest(suite);

	test("an item of exactly maxItemSize is compressed, however it comes out; one byte more is refused", async (store) => {
		const journal = await store.variable({ ...LEVEL, maxItemSize: 1000 });
		for (const content of [NOISE.slice(0, 1000), new Uint8Array(1000)]) {
			const { offset } = await journal.append(1n, content);
			assert.equal(toHex(await journal.get(1n, offset)), toHex(content));
		}
		const size = await journal.size(1n);
		for (const call of [
			() => journal.append(1n, new Uint8Array(1001)),
			() => journal.appendMany(1n, [NOISE.slice(0, 9), NOISE.slice(0, 1001)]),
			() => journal.append(2n, new Uint8Array(1001)),
		]) {
			const { place } = await assertFails("ERR_ITEM_TOO_LARGE", call);
			assert.include(place, { expected: 1000, found: 1001 });
		}
		assert.equal(await journal.size(1n), size);
		assert.deepEqual(journal.sections(), [1n]);
	});

	test("a value of exactly maxValueSize is compressed; one byte more is refused", async (store) => {
		const limits = { ...LEVEL, maxValueSize: 1000 };
		const glob = await store.glob({ ...limits, partition: "glob" });
		const { offset, size } = await glob.append(1n, NOISE.slice(0, 1000));
		assert.equal((await glob.get(1n, offset, size)).length, 1000);
		const journal = await store.oversized(limits);
		await journal.append(1n, pointer(1), NOISE.slice(0, 1000));
		for (const call of [
			() => glob.append(1n, new Uint8Array(1001)),
			() => journal.append(1n, pointer(2), new Uint8Array(1001)),
		]) {
			const { place } = await assertFails("ERR_VALUE_TOO_LARGE", call);
			assert.include(place, { expected: 1000, found: 1001 });
		}
		assert.equal(await journal.size(1n), 20);
	});

	test(
		"a frame that announces more than is allowed, or holds more, is an error with its place, and nothing is cut for it",
		async (store) => {
			const limit = 100_000;
			const bombs = [
				framedZeros(limit + 1),
				framedZeros(limit + 1, { says: limit + 1 }),
				framedZeros(50_000_000),
				framedZeros(50_000_000, { says: 50_000_000 }),
				// It declares less than comes out.
				framedZeros(limit, { says: limit - 1 }),
				// It declares more than can come out.
				framedZeros(10, { says: limit }),
				framedZeros(10, { says: 2 ** 32 - 1 }),
			];
			const good = framedZeros(limit, { says: limit });
			const raw = await store.variable();
			const offsets = await raw.appendMany(1n, [good, ...bombs, good]);
			const size = await raw.size(1n);
			await raw.close();
			const values = await store.glob();
			const places = [];
			for (const bomb of bombs) {
				places.push(await values.append(1n, bomb));
			}
			await values.close();
			const journal = await store.variable({ ...LEVEL, maxItemSize: limit });
			const glob = await store.glob({ ...LEVEL, maxValueSize: limit });
			for (const offset of offsets.slice(1, -1)) {
				const read = () => journal.get(1n, offset);
				const { place } = await assertFails("ERR_DECOMPRESSION", read);
				assert.include(place, { partition: INDEX, section: 1n, offset });
			}
			for (const { offset, size } of places) {
				const read = () => glob.get(1n, offset, size);
				const { place } = await assertFails("ERR_DECOMPRESSION", read);
				assert.include(place, { partition: VALUES, section: 1n, offset });
			}
			const replay = journal.replay();
			assert.equal((await replay.next()).value?.item.length, limit);
			await assertFails("ERR_DECOMPRESSION", () => replay.next());
			assert.isTrue((await replay.next()).done);
			const last = offsets.at(-1) ?? 0;
			assert.equal((await journal.get(1n, last)).length, limit);
			assert.equal((await journal.append(1n, NOISE)).offset, size);
			assert.deepEqual(journal.recovery.cuts, []);
		},
		FOREIGN,
	);
}

function parameterRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a level that is none is refused before anything is asked of the host", async (store) => {
		const before = store.storage.stats();
		for (const compression of [-1, 23, 1.5, Number.NaN]) {
			for (const open of openers(store, compression)) {
				await assertRefuses(RangeError, open, "0 to 22");
			}
		}
		for (const open of [store.variable, store.glob, store.oversized]) {
			await assertRefuses(TypeError, () =>
				Reflect.apply(open, store, [{ compression: "3" }]),
			);
		}
		await assertRefuses(RangeError, () => store.glob({ maxValueSize: 9 }));
		assert.deepEqual(store.storage.stats(), before);
	});

	test("dualslot.json records that a partition is compressed, or is not: it is opened no other way, but with another level", async (store) => {
		for (const compression of [3, undefined]) {
			for (const open of openers(store, compression)) {
				const journal = await open();
				await appendOne(journal);
				await journal.close();
			}
			for (const open of openers(store, compression === 3 ? undefined : 3)) {
				const { place } = await assertFails("ERR_CONFIG", open);
				assert.include(JSON.stringify(place), "compression");
			}
			for (const open of openers(store, compression && 19)) {
				await (await open()).destroy();
			}
		}
	});

	test(
		"what was compressed elsewhere, opened as if it were not, gives frames and cuts nothing",
		async (store) => {
			const compressed = await store.variable(LEVEL);
			const offsets = await compressed.appendMany(1n, CONTENTS);
			const size = await compressed.size(1n);
			await compressed.close();
			const journal = await store.variable();
			for (const offset of offsets) {
				const item = await journal.get(1n, offset);
				assert.equal(toHex(item.subarray(0, 4)), "28b52ffd");
			}
			assert.equal((await journal.append(1n, NOISE)).offset, size);
			assert.deepEqual(journal.recovery.cuts, []);
		},
		FOREIGN,
	);
}

function damageRows(suite: Suite): void {
	const test = journalTest(suite);

	test(
		"what is not exactly one frame is an error with its place: nothing behind it, nothing before, no dictionary",
		async (store) => {
			const raw = await store.variable();
			const good = framedZeros(9, { says: 9 });
			const skippable = fromHex("502a4d1801000000ff");
			const bad = [
				new Uint8Array(),
				NOISE.slice(0, 40),
				good.subarray(0, -1),
				joined(good, Uint8Array.of(0)),
				joined(good, good),
				joined(good, skippable),
				joined(skippable, good),
				skippable,
				// A dictionary's number; a reserved bit and a reserved kind of block.
				fromHex("28b52ffd21 07 09 4b0000 00"),
				fromHex("28b52ffd28 09 4b0000 00"),
				fromHex("28b52ffd20 09 4f0000 00"),
			];
			const offsets = await raw.appendMany(1n, bad);
			await raw.close();
			const journal = await store.variable(LEVEL);
			for (const offset of offsets) {
				const read = () => journal.get(1n, offset);
				const { place } = await assertFails("ERR_DECOMPRESSION", read);
				assert.include(place, { partition: INDEX, section: 1n, offset });
			}
			assert.deepEqual(journal.recovery.cuts, []);
		},
		FOREIGN,
	);

	test("a flipped bit of a compressed item or value is noticed, in every byte of it", async (store) => {
		const content = joined(NOISE.slice(0, 20), new Uint8Array(300));
		const items = await store.variable(LEVEL);
		await items.append(1n, content);
		await items.close();
		const values = await store.glob(LEVEL);
		const { size } = await values.append(1n, content);
		await values.close();
		for (let at = 0; at < size; at += 1) {
			const bit = 1 << (at % 8);
			await flip(store, VALUES, at, bit);
			const glob = await store.glob(LEVEL);
			await assertFails("ERR_INVALID_CHECKSUM", () => glob.get(1n, 0, size));
			await glob.close();
			await flip(store, VALUES, at, bit);
		}
		await flip(store, INDEX, 9, 4);
		const journal = await store.variable(LEVEL);
		assert.equal(journal.recovery.cuts.length, 1);
		assert.isString(journal.recovery.cuts[0]?.copy);
	});
}

/** Flips bits of a byte of section 1. */
async function flip(
	store: JournalStore,
	partition: string,
	at: number,
	bits: number,
): Promise<void> {
	await store.withBlob(partition, 1n, async (blob) => {
		const [byte = 0] = await blob.read(at, 1);
		await blob.writeSync(at, Uint8Array.of(byte ^ bits));
	});
}

type Opener = () => ReturnType<
	JournalStore["variable"] | JournalStore["glob"] | JournalStore["oversized"]
>;

function openers(
	store: JournalStore,
	level: number | undefined,
): readonly Opener[] {
	const options = level === undefined ? {} : { compression: level };
	return [
		() => store.variable({ ...options, partition: "items" }),
		() => store.glob({ ...options, partition: "glob" }),
		() => store.oversized(options),
	];
}

async function appendOne(journal: Awaited<ReturnType<Opener>>): Promise<void> {
	await ("getValue" in journal
		? journal.append(1n, pointer(1), NOISE)
		: journal.append(1n, NOISE));
}
