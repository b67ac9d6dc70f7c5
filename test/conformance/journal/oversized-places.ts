import { assert } from "chai";
import * as codec from "../../../src/codec/index.ts";
import { OversizedJournal } from "../../../src/journal/oversized/oversized-journal.ts";
import type { PlaceFields } from "../../../src/journal/oversized/place-fields.ts";
import { imageOf } from "../../support/hosts/raw-file.ts";
import { filled } from "../../support/runs/bytes.ts";
import { assertFails, assertRefuses } from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	INDEX,
	journalTest,
	pathOf,
	sixteen,
	VALUES,
} from "../../support/stores/journal-store.ts";

/** Entries of 24 bytes, whose own bytes are to stay as they are. */
const LAYOUTS: Readonly<Record<string, PlaceFields>> = {
	"u32 and u32": { offsetAt: 4, offsetWidth: 4, sizeAt: 8 },
	"u64 and u64": { offsetAt: 8, sizeAt: 16, sizeWidth: 8 },
	"a size before its offset": {
		...{ sizeAt: 0, sizeWidth: 2, offsetAt: 2, offsetWidth: 5 },
	},
	"a place apart, in the middle of other fields": {
		...{ offsetAt: 3, offsetWidth: 3, sizeAt: 13, sizeWidth: 3 },
	},
};

/** An offset and a size, of 4 bytes each, in the other order than commonware's tests have. */
const RECORD = codec.struct({
	id: codec.u16,
	size: codec.u32,
	kind: codec.u8,
	offset: codec.u32,
	isLast: codec.bool,
});
const RECORD_FIELDS = { sizeAt: 2, offsetAt: 7, offsetWidth: 4 };

export function oversizedPlaceRows(suite: Suite): void {
	layoutRows(suite);
	refusalRows(suite);
	recoveryRows(suite);
}

function layoutRows(suite: Suite): void {
	const test = journalTest(suite);

	for (const [name, fields] of Object.entries(LAYOUTS)) {
		test(`entries with ${name} say where their values lie, and keep their own bytes`, async (store) => {
			const entry = { size: 24, ...fields };
			let journal = await store.oversized({ entry });
			for (let id = 0; id < 40; id += 1) {
				await journal.append(1n, filled(24, id), sized(id));
			}
			for (const reopen of [false, true]) {
				if (reopen) {
					await store.restart();
					journal = await store.oversized({ entry });
					assert.include(journal.recovery, { entriesCut: 0, valueBytesCut: 0 });
				}
				await assertSized(journal, fields, 40);
			}
		});
	}

	test("a codec's record has its size before its offset, of 4 bytes each, among other fields", async (store) => {
		const open = () =>
			OversizedJournal.open(store.storage, {
				...{ index: INDEX, values: VALUES, cache: store.cache },
				entry: { codec: RECORD, ...RECORD_FIELDS },
			});
		let journal = await open();
		const own = { id: 7, kind: 3, isLast: true };
		for (let number = 0; number < 30; number += 1) {
			const record = { ...own, offset: 0, size: 0 };
			const { offset, size } = await journal.append(1n, record, sized(number));
			assert.deepEqual(await journal.get(1n, number), { ...own, offset, size });
		}
		await journal.close();
		journal = await open();
		const { offset, size } = await journal.get(1n, 29);
		assert.deepEqual(await journal.getValue(1n, offset, size), sized(29));
	});

	test("a journal opened with fields of the usual widths, said or not, is the same one", async (store) => {
		const said = { offsetWidth: 8, sizeWidth: 4 };
		const entry = { size: 20, offsetAt: 8, sizeAt: 16 };
		const journal = await store.oversized({ entry: { ...entry, ...said } });
		await journal.append(1n, new Uint8Array(20), sixteen(1));
		await journal.close();
		const again = await store.oversized({ entry });
		assert.equal(await again.size(1n), 20);
	});
}

function refusalRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a width that no field has, and fields that do not lie apart in the entry, are refused before anything is read", async (store) => {
		store.host.hooks.list = () => {
			throw new Error("it was read");
		};
		for (const fields of [
			{ offsetAt: 0, offsetWidth: 0, sizeAt: 8 },
			{ offsetAt: 0, offsetWidth: 9, sizeAt: 9 },
			{ offsetAt: 0, sizeAt: 8, sizeWidth: 1.5 },
			{ offsetAt: 0, sizeAt: 8, sizeWidth: -1 },
			{ offsetAt: 0, offsetWidth: 4, sizeAt: 3 },
			{ offsetAt: 8, sizeAt: 0, sizeWidth: 8.5 },
			{ offsetAt: 8, sizeAt: 16, sizeWidth: 5 },
		]) {
			const entry = { size: 20, ...fields };
			await assertRefuses(RangeError, () => store.oversized({ entry }));
		}
		store.host.hooks = {};
	});

	test("a value too large for its entry to say so is refused, and neither makes a section nor changes one", async (store) => {
		const entry = { size: 12, offsetAt: 0, sizeAt: 8, sizeWidth: 2 };
		const journal = await store.oversized({ entry });
		const largest = 2 ** 16 - 1 - 4;
		const refuse = () =>
			assertFails("ERR_VALUE_TOO_LARGE", () =>
				journal.append(1n, filled(12, 1), new Uint8Array(largest + 1)),
			);
		const empty = await imageOf(store.host);
		const { place } = await refuse();
		assert.include(place, { expected: largest, found: largest + 1 });
		assert.deepEqual(journal.sections(), []);
		assert.deepEqual(await imageOf(store.host), empty);
		await journal.append(1n, filled(12, 1), new Uint8Array(largest));
		await journal.sync(1n);
		const before = await imageOf(store.host);
		await refuse();
		await journal.sync(1n);
		assert.deepEqual(await imageOf(store.host), before);
		assert.equal(await journal.size(1n), 12);
	});

	test("a small value too large for its entry to say so is refused where the section holds it back as well", async (store) => {
		const entry = { size: 12, offsetAt: 0, sizeAt: 8, sizeWidth: 1 };
		const journal = await store.oversized({ entry });
		await journal.append(1n, filled(12, 1), sixteen(1));
		await assertFails("ERR_VALUE_TOO_LARGE", () =>
			journal.append(1n, filled(12, 1), new Uint8Array(252)),
		);
		await journal.append(1n, filled(12, 1), new Uint8Array(251));
		assert.equal(await journal.valueSize(1n), 20 + 255);
	});

	for (const [kind, value] of [
		["held back", sixteen(3)],
		["larger than the write buffer", new Uint8Array(2000)],
	] as const) {
		test(`a value ${kind} past the last offset that an entry can say is refused, before anything is written`, async (store) => {
			const entry = { size: 12, offsetAt: 0, offsetWidth: 1, sizeAt: 8 };
			const journal = await store.oversized({ entry });
			await journal.append(1n, filled(12, 1), new Uint8Array(251));
			await journal.append(1n, filled(12, 2), new Uint8Array(300));
			await journal.sync(1n);
			const before = await imageOf(store.host);
			const calls = [1, 2].map(() =>
				assertFails("ERR_OFFSET_OVERFLOW", () =>
					journal.append(1n, filled(12, 3), value),
				),
			);
			const [first] = await Promise.all(calls);
			const at = { path: pathOf(INDEX, 1n), expected: 255, found: 559 };
			assert.include(first?.place, at);
			await journal.sync(1n);
			assert.deepEqual(await imageOf(store.host), before);
			assert.equal(await journal.size(1n), 24);
			await journal.rewind(1n, 12);
			await journal.append(1n, filled(12, 3), value);
			const stored = await journal.get(1n, 1);
			assert.deepEqual([...stored.subarray(0, 8)], [255, 3, 3, 3, 3, 3, 3, 3]);
		});
	}
}

function recoveryRows(suite: Suite): void {
	const test = journalTest(suite);

	for (const [name, fields] of Object.entries(LAYOUTS)) {
		test(`a crash leaves of entries with ${name} those whose values are there`, async (store) => {
			const entry = { size: 24, ...fields };
			let journal = await store.oversized({ entry });
			for (let id = 0; id < 20; id += 1) {
				await journal.append(1n, filled(24, id), sized(id));
			}
			await journal.syncAll();
			const end = endOf(12);
			await store.crash();
			await store.resizeBlob(VALUES, 1n, end + 3);
			journal = await store.oversized({ entry });
			assert.include(journal.recovery, { entriesCut: 8, valueBytesCut: 3 });
			await assertSized(journal, fields, 12);
			assert.equal(await journal.valueSize(1n), end);
			const at = await journal.append(1n, filled(24, 12), sized(12));
			assert.include(at, { position: 12, offset: end });
			await assertSized(journal, fields, 13);
		});
	}

	test("an offset and a size past every end, as wide as can be, are those of entries that are cut", async (store) => {
		const entry = { size: 20, sizeAt: 0, sizeWidth: 8, offsetAt: 12 };
		const ones = 2n ** 64n - 1n;
		const past: readonly (readonly [bigint, bigint])[] = [
			[ones, 20n],
			[0n, ones],
			[20n, 2n ** 32n],
			[ones, ones],
			[1n, ones],
		];
		await store.restart({ metadata: false });
		const values = await store.glob();
		const entries = await store.fixed({ entry: { size: 20 } });
		for (const [section, [offset, size]] of past.entries()) {
			await values.append(section, sixteen(1));
			await entries.append(section, forged(0n, 20n));
			await entries.append(section, forged(offset, size));
		}
		await store.restart({ metadata: true });
		const journal = await store.oversized({ entry });
		assert.include(journal.recovery, { entriesCut: 5, valueBytesCut: 0 });
		for (const section of past.keys()) {
			assert.equal(await journal.size(section), 20);
			assert.equal(await journal.valueSize(section), 20);
		}
	});
}

/** An entry of 20 bytes: a size, 4 bytes of its own, an offset. */
function forged(offset: bigint, size: bigint): Uint8Array {
	const view = new DataView(new ArrayBuffer(20));
	view.setBigUint64(0, size);
	view.setBigUint64(12, offset);
	return new Uint8Array(view.buffer);
}

/** The section has that many entries, each with the place of its value and bytes of its own. */
async function assertSized(
	journal: OversizedJournal,
	fields: PlaceFields,
	count: number,
): Promise<void> {
	const { offsetAt, offsetWidth = 8, sizeAt, sizeWidth = 4 } = fields;
	assert.equal(await journal.size(1n), count * 24);
	for (let id = 0; id < count; id += 1) {
		const entry = await journal.get(1n, id);
		const offset = numberIn(entry.subarray(offsetAt, offsetAt + offsetWidth));
		const size = numberIn(entry.subarray(sizeAt, sizeAt + sizeWidth));
		assert.deepEqual([offset, size], [endOf(id), id + 1 + 4]);
		assert.deepEqual(await journal.getValue(1n, offset, size), sized(id));
		entry.fill(id, offsetAt, offsetAt + offsetWidth);
		entry.fill(id, sizeAt, sizeAt + sizeWidth);
		assert.deepEqual(entry, filled(24, id));
	}
}

/** A value of another size for each number. */
function sized(id: number): Uint8Array {
	return filled(id + 1, id);
}

/** Where the first so many of those values end. */
function endOf(count: number): number {
	return (count * (count + 1)) / 2 + count * 4;
}

function numberIn(bytes: Uint8Array): number {
	return bytes.reduce((number, byte) => number * 256 + byte, 0);
}
