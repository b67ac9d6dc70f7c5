import { assert } from "chai";
import { OPEN_SECTIONS } from "../../../src/journal/section-slots.ts";
import type { Glob } from "../../../src/journal/values/glob.ts";
import type { ValuePlace } from "../../../src/journal/values/value.ts";
import { contextOf } from "../../../src/storage/storage.ts";
import { HeldSyncs, settleTurns } from "../../support/hosts/held-syncs.ts";
import { namesIn } from "../../support/hosts/raw-file.ts";
import {
	assertSame,
	filled,
	fromHex,
	pattern,
	toHex,
} from "../../support/runs/bytes.ts";
import {
	assertFails,
	assertRefuses,
	callUntyped,
	DISK_FULL,
	KERNEL_ERROR,
} from "../../support/runs/failure.ts";
import { placesOf } from "../../support/runs/share.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	type JournalStore,
	journalTest,
	pathOf,
	VALUES,
} from "../../support/stores/journal-store.ts";

export function valueRows(suite: Suite): void {
	formatRows(suite);
	readRows(suite);
	bufferRows(suite);
	changeRows(suite);
	failureRows(suite);
}

function formatRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a value lies in its section as its bytes and their CRC-32C, big-endian, and the next one behind it", async (store) => {
		const glob = await store.glob();
		assert.deepEqual(await glob.append(1n, filled(16, 7)), place(0, 20));
		assert.deepEqual(await glob.append(1n, new Uint8Array()), place(20, 4));
		assert.deepEqual(await glob.append(1n, pattern(9)), place(24, 13));
		assert.equal(await glob.size(1n), 37);
		await glob.close();
		await store.withBlob(VALUES, 1n, async (blob) => {
			const bytes = await blob.read(0, 24);
			const expected = fromHex(`${"07".repeat(16)} 55f5a132 00000000`);
			assert.equal(toHex(bytes), toHex(expected));
			assert.equal(blob.size, 37);
		});
	});

	test("values of every size are found again, those larger than the write buffer too", async (store) => {
		let glob = await store.glob({ writeBuffer: 64 });
		const sizes = [0, 1, 59, 60, 61, 63, 64, 65, 127, 128, 1000, 70_000, 3];
		const places: ValuePlace[] = [];
		for (const [index, size] of sizes.entries()) {
			places.push(await glob.append(1n, pattern(size, index)));
		}
		await assertValues(glob, sizes, places);
		await glob.close();
		glob = await store.glob();
		await assertValues(glob, sizes, places);
	});

	test("a write buffer too small for a checksum is large enough all the same", async (store) => {
		const glob = await store.glob({ writeBuffer: 1 });
		const first = await glob.append(1n, pattern(30));
		const second = await glob.append(1n, pattern(5));
		assertSame(await glob.get(1n, first.offset, first.size), pattern(30));
		assertSame(await glob.get(1n, second.offset, second.size), pattern(5));
	});
}

function readRows(suite: Suite): void {
	const test = journalTest(suite);

	test("what cannot lie in the section is an error: past its end, or too short for a checksum", async (store) => {
		const glob = await store.glob();
		await glob.append(1n, pattern(16));
		for (const [offset, size] of [
			[0, 21],
			[1, 20],
			[20, 4],
			[0, 0],
			[0, 3],
			[2 ** 52, 20],
		] as const) {
			const error = await assertFails("ERR_BLOB_INSUFFICIENT_LENGTH", () =>
				glob.get(1n, offset, size),
			);
			assert.include(error.place, { partition: VALUES, section: 1n, offset });
		}
		await assertFails("ERR_SECTION_OUT_OF_RANGE", () => glob.get(2n, 0, 20));
		await assertFails("ERR_OFFSET_OVERFLOW", () =>
			glob.get(1n, Number.MAX_SAFE_INTEGER, 20),
		);
	});

	test("what is no place and no value is refused", async (store) => {
		const glob = await store.glob();
		await glob.append(1n, pattern(16));
		for (const [offset, size] of [
			[-1, 20],
			[0.5, 20],
			[0, -1],
			[0, Number.NaN],
		] as const) {
			await assertRefuses(RangeError, () => glob.get(1n, offset, size));
		}
		await assertRefuses(TypeError, () => callUntyped(glob, "get", 1n, "0", 20));
		for (const value of ["text", undefined, [1, 2]]) {
			await assertRefuses(TypeError, () =>
				callUntyped(glob, "append", 1n, value),
			);
		}
	});

	test("a value of 2^32 - 4 bytes is too large", async (store) => {
		const glob = await store.glob();
		const value = new Uint8Array(8);
		Object.defineProperty(value, "length", { value: 2 ** 32 - 4 });
		const error = await assertFails("ERR_VALUE_TOO_LARGE", () =>
			glob.append(1n, value),
		);
		assert.include(error.message, "value too large");
		assert.deepEqual(glob.sections(), []);
	});

	test("a place that is no whole value's, and every flipped bit of a value, fail its checksum, with the place", async (store) => {
		let glob = await store.glob();
		await glob.append(1n, pattern(16));
		await glob.append(1n, pattern(16, 16));
		for (const [offset, size] of [
			[0, 19],
			[0, 40],
			[1, 20],
			[4, 16],
			[19, 4],
		] as const) {
			const error = await assertFails("ERR_INVALID_CHECKSUM", () =>
				glob.get(1n, offset, size),
			);
			assert.include(error.place, { partition: VALUES, section: 1n, offset });
			assert.hasAnyKeys(error.place, ["expected", "found"]);
		}
		await glob.close();
		glob = await store.glob();
		for (const bit of placesOf(160)) {
			await flip(store, bit);
			await assertFails("ERR_INVALID_CHECKSUM", () => glob.get(1n, 0, 20));
			assertSame(await glob.get(1n, 20, 20), pattern(16, 16));
			await flip(store, bit);
		}
		assertSame(await glob.get(1n, 0, 20), pattern(16));
	});

	test("a value is read from the disk, from the buffer, and over the border between", async (store) => {
		const glob = await store.glob({ writeBuffer: 100 });
		const places: ValuePlace[] = [];
		const sizes = [30, 30, 30, 150, 20, 40];
		for (const [index, size] of sizes.entries()) {
			places.push(await glob.append(1n, pattern(size, index)));
			await assertValues(glob, sizes.slice(0, index + 1), places);
		}
		await glob.sync(1n);
		await assertValues(glob, sizes, places);
	});
}

function bufferRows(suite: Suite): void {
	const test = journalTest(suite);

	test("appends that nobody waits for keep their order, large and small", async (store) => {
		const glob = await store.glob({ writeBuffer: 64 });
		const sizes = Array.from({ length: 60 }, (_, index) => (index * 37) % 150);
		const places = await Promise.all(
			sizes.map((size, index) => glob.append(1n, pattern(size, index))),
		);
		let end = 0;
		for (const { offset, size } of places) {
			assert.equal(offset, end);
			end += size;
		}
		await assertValues(glob, sizes, places);
	});

	test("appends go on while a sync waits for the disk, and are not durable by it", async (store) => {
		const glob = await store.glob();
		await glob.append(1n, pattern(10));
		await glob.sync(1n);
		const held = HeldSyncs.of(store.host, pathOf(VALUES, 1n));
		await glob.append(1n, pattern(20));
		const first = glob.sync(1n);
		await held.whenBegun(1);
		const { offset, size } = await glob.append(1n, pattern(30));
		assertSame(await glob.get(1n, offset, size), pattern(30));
		const second = glob.sync(1n);
		held.release();
		await first;
		await held.whenBegun(2);
		held.releaseAll();
		await second;
		await store.crash();
		const reopened = await store.glob();
		assertSame(await reopened.get(1n, offset, size), pattern(30));
	});

	test("64 writers that append and sync share one sync of the host, round after round", async (store) => {
		const glob = await store.glob({ writeBuffer: 65_536 });
		await glob.append(1n, pattern(10));
		await glob.sync(1n);
		const held = HeldSyncs.of(store.host, pathOf(VALUES, 1n));
		held.releaseAll();
		const writer = async () => {
			for (let round = 0; round < 3; round += 1) {
				await glob.append(1n, pattern(100));
				await glob.sync(1n);
			}
		};
		await Promise.all(Array.from({ length: 64 }, writer));
		assert.equal(held.begun, 3);
	});

	test("writers of values that come while a sync is under way fall in with those that it releases", async (store) => {
		const glob = await store.glob({ writeBuffer: 65_536 });
		await glob.append(1n, pattern(10));
		await glob.sync(1n);
		const held = HeldSyncs.of(store.host, pathOf(VALUES, 1n));
		const writer = async () => {
			for (let round = 0; round < 3; round += 1) {
				await glob.append(1n, pattern(100));
				await glob.sync(1n);
			}
		};
		const first = Array.from({ length: 60 }, writer);
		await held.whenBegun(1);
		const late = Array.from({ length: 4 }, writer);
		await settleTurns();
		held.releaseAll();
		await Promise.all([...first, ...late]);
		assert.equal(held.begun, 4);
	});

	test("the first sync of what an open found reaches the disk, and a sync with nothing new asks nothing (commonware #3940)", async (store) => {
		let glob = await store.glob();
		await glob.append(1n, pattern(10));
		await glob.close();
		glob = await store.glob();
		const held = HeldSyncs.of(store.host, pathOf(VALUES, 1n));
		held.releaseAll();
		await glob.sync(1n);
		assert.equal(held.begun, 1);
		await glob.sync(1n);
		await glob.syncAll();
		assert.equal(held.begun, 1);
	});

	test("opening a glob opens no section, and no more than a bounded number is ever open", async (store) => {
		let glob = await store.glob();
		const free = contextOf(store.storage).arena.freeBytes;
		for (let section = 0n; section < 40n; section += 1n) {
			await glob.append(section, pattern(10, Number(section)));
		}
		const taken = free - contextOf(store.storage).arena.freeBytes;
		assert.equal(taken, OPEN_SECTIONS * 1024);
		await glob.close();
		glob = await store.glob();
		assert.equal(contextOf(store.storage).arena.freeBytes, free);
		assert.lengthOf(glob.sections(), 40);
		for (let section = 0n; section < 40n; section += 1n) {
			const found = await glob.get(section, 0, 14);
			assertSame(found, pattern(10, Number(section)));
		}
	});
}

function changeRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a glob is pruned, rewound, cleared and destroyed as every journal", async (store) => {
		let glob = await store.glob();
		for (const section of [1n, 2n, 3n, 4n]) {
			await glob.append(section, pattern(16));
			await glob.append(section, pattern(16, 9));
		}
		assert.isTrue(await glob.prune(2n));
		await assertFails("ERR_SECTION_PRUNED", () => glob.get(1n, 0, 20));
		await glob.rewind(3n, 20);
		assert.deepEqual(glob.sections(), [2n, 3n]);
		assert.equal(await glob.size(3n), 20);
		await assertFails("ERR_BLOB_INSUFFICIENT_LENGTH", () =>
			glob.get(3n, 20, 20),
		);
		assert.deepEqual(await glob.append(3n, pattern(5)), place(20, 9));
		await glob.rewindSection(2n, 0);
		assert.deepEqual(await glob.append(2n, pattern(5)), place(0, 9));
		assert.isTrue(await glob.removeSection(2n));
		await glob.clear();
		assert.deepEqual(glob.sections(), []);
		await glob.append(1n, pattern(5));
		await glob.destroy();
		assert.notInclude(await namesIn(store.host), VALUES);
		glob = await store.glob();
		assert.deepEqual(glob.sections(), []);
	});

	for (const [where, size] of [
		["on disk", 20],
		["in the buffer", 60],
	] as const) {
		test(`a rewind to what lies ${where} is durable when it resolves`, async (store) => {
			let glob = await store.glob();
			await glob.append(1n, pattern(16));
			await glob.append(1n, pattern(16));
			await glob.sync(1n);
			await glob.append(1n, pattern(16));
			await glob.append(1n, pattern(16));
			await glob.rewindSection(1n, size);
			await store.crash();
			glob = await store.glob();
			assert.equal(await glob.size(1n), size);
			assertSame(await glob.get(1n, size - 20, 20), pattern(16));
		});
	}
}

function failureRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a failed sync poisons its section alone, until the glob is opened anew; reads go on", async (store) => {
		let glob = await store.glob();
		await glob.append(1n, pattern(10));
		await glob.append(2n, pattern(10));
		store.host.hooks.sync = (path, call) => {
			if (path === pathOf(VALUES, 1n)) {
				throw KERNEL_ERROR;
			}
			return call();
		};
		await assertFails("ERR_BLOB_SYNC_FAILED", () => glob.sync(1n));
		store.host.hooks = {};
		for (const call of [
			() => glob.append(1n, pattern(10)),
			() => glob.sync(1n),
			() => glob.rewindSection(1n, 0),
		]) {
			const error = await assertFails("ERR_POISONED", call);
			assert.include(error.place, { section: 1n });
		}
		assertSame(await glob.get(1n, 0, 14), pattern(10));
		await glob.sync(2n);
		await assertFails("ERR_POISONED", () => glob.close());
		glob = await store.glob();
		await glob.append(1n, pattern(10));
		await glob.close();
	});

	test("a value that found the disk full is taken back, and can be tried again", async (store) => {
		const glob = await store.glob({ writeBuffer: 64 });
		const first = await glob.append(1n, pattern(20));
		await glob.sync(1n);
		await glob.append(1n, pattern(40));
		store.host.hooks.write = async (_path, write) => {
			store.host.hooks = {};
			const [part = new Uint8Array()] = write.parts;
			await write.file.write([part.subarray(0, 5)], write.offset);
			throw DISK_FULL;
		};
		const error = await assertFails("ERR_NO_SPACE", () =>
			glob.append(1n, pattern(50)),
		);
		assert.equal(error.cause, DISK_FULL);
		assert.equal(await glob.size(1n), 24 + 44);
		const again = await glob.append(1n, pattern(50));
		assert.deepEqual(again, place(68, 54));
		assertSame(await glob.get(1n, again.offset, again.size), pattern(50));
		assertSame(await glob.get(1n, first.offset, first.size), pattern(20));
		await glob.close();
	});

	test("a store that is open for reading gives values, and takes none", async (store) => {
		const glob = await store.glob();
		await glob.append(1n, pattern(10));
		await store.restart({ readOnly: true });
		const reader = await store.glob();
		assertSame(await reader.get(1n, 0, 14), pattern(10));
		for (const call of [
			() => reader.append(1n, pattern(10)),
			() => reader.append(2n, pattern(10)),
			() => reader.sync(1n),
			() => reader.rewindSection(1n, 0),
		]) {
			await assertFails("ERR_READ_ONLY", call);
		}
		await reader.close();
	});

	test("what was appended is gone with a dropped glob, and refused by a closed one", async (store) => {
		let glob = await store.glob();
		await glob.append(1n, pattern(10));
		await glob.drop();
		await assertFails("ERR_CLOSED", () => glob.append(1n, pattern(10)));
		await assertFails("ERR_CLOSED", () => glob.get(1n, 0, 14));
		glob = await store.glob();
		assert.equal(await glob.size(1n), 0);
		await glob.append(1n, new Uint8Array(1));
		const free = contextOf(store.storage).arena.freeBytes;
		await glob.close();
		assert.equal(contextOf(store.storage).arena.freeBytes, free + 1024);
	});
}

function place(offset: number, size: number): ValuePlace {
	return { offset, size };
}

async function assertValues(
	glob: Glob,
	sizes: readonly number[],
	places: readonly ValuePlace[],
): Promise<void> {
	for (const [index, { offset, size }] of places.entries()) {
		const value = await glob.get(1n, offset, size);
		assertSame(value, pattern(sizes[index] ?? 0, index));
	}
}

/** Flips one bit of section 1. */
async function flip(store: JournalStore, bit: number): Promise<void> {
	await store.withBlob(VALUES, 1n, async (blob) => {
		const [byte = 0] = await blob.read(bit >> 3, 1);
		await blob.write(bit >> 3, Uint8Array.of(byte ^ (1 << (bit & 7))));
	});
}
