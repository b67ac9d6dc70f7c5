import { assert } from "chai";
import type { Glob } from "../../../src/journal/values/glob.ts";
import { assertSame, pattern } from "../../support/runs/bytes.ts";
import { assertFails, KERNEL_ERROR } from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	type JournalStore,
	journalTest,
	VALUES,
} from "../../support/stores/journal-store.ts";

const COUNT = 1000;
const SIZE = 1024;

/** Values that are read in order, as a replay of their entries does. */
export function readingAheadRows(suite: Suite): void {
	const test = journalTest(suite);

	test("values that are read one behind the other take a read of the host for every 128 KiB", async (store) => {
		const glob = await filledGlob(store);
		let reads = 0;
		store.host.hooks = {
			read: (_, call) => {
				reads += 1;
				return call();
			},
		};
		await assertAll(glob);
		// The first read does not know that others follow.
		const atATime = Math.floor(2 ** 17 / (SIZE + 4));
		assert.equal(reads, 1 + Math.ceil((COUNT - 1) / atATime));
		reads = 0;
		for (let index = COUNT - 1; index >= 0; index -= 1) {
			assertSame(await getAt(glob, index), valueAt(index));
		}
		// Backwards, the rest of the last read ahead is used, and then each takes its own read.
		assert.equal(reads, COUNT - ((COUNT - 1) % atATime));
	});

	test("values that are asked for at once, in order, are each their own", async (store) => {
		const glob = await filledGlob(store);
		const found = await Promise.all(
			Array.from({ length: COUNT }, (_, index) => getAt(glob, index)),
		);
		for (const [index, value] of found.entries()) {
			assertSame(value, valueAt(index));
		}
	});

	test("a value that is read again is another copy, whatever became of the first", async (store) => {
		const glob = await filledGlob(store);
		for (let round = 0; round < 3; round += 1) {
			for (let index = 0; index < 4; index += 1) {
				const value = await getAt(glob, index);
				assertSame(value, valueAt(index));
				value.fill(0xee);
			}
		}
	});

	test("what was read ahead of a rewind is not found behind it", async (store) => {
		const glob = await filledGlob(store);
		for (let index = 0; index < 4; index += 1) {
			await getAt(glob, index);
		}
		await glob.rewindSection(1n, placeOf(4));
		await glob.append(1n, valueAt(77));
		await glob.append(1n, valueAt(78));
		await glob.sync(1n);
		assertSame(await getAt(glob, 4), valueAt(77));
		assertSame(await getAt(glob, 5), valueAt(78));
	});

	test("a failed read ahead fails no value that can be read alone", async (store) => {
		const glob = await filledGlob(store);
		store.host.hooks = {
			read: async (_, call) => {
				const count = await call();
				if (count > SIZE + 4) {
					throw KERNEL_ERROR;
				}
				return count;
			},
		};
		await assertAll(glob);
		store.host.hooks = {
			read: () => {
				throw KERNEL_ERROR;
			},
		};
		await assertFails("ERR_READ_FAILED", () => getAt(glob, 0));
		await assertFails("ERR_READ_FAILED", () => getAt(glob, 1));
		store.host.hooks = {};
		await assertAll(glob);
	});

	test("values at random are the same where the host answers at once, later, or now this way and now that", async (store) => {
		const glob = await filledGlob(store);
		let reads = 0;
		store.host.hooks = {
			read: (_, call) => {
				reads += 1;
				return reads % 3 === 0 ? Promise.resolve().then(call) : call();
			},
		};
		for (let index = 0; index < COUNT; index += 7) {
			const at = (index * 37) % COUNT;
			assertSame(await getAt(glob, at), valueAt(at));
		}
		store.host.hooks = {
			read: () => {
				throw KERNEL_ERROR;
			},
		};
		const error = await assertFails("ERR_READ_FAILED", () => getAt(glob, 500));
		assert.equal(error.cause, KERNEL_ERROR);
		store.host.hooks = {
			read: () => Promise.reject(KERNEL_ERROR),
		};
		await assertFails("ERR_READ_FAILED", () => getAt(glob, 400));
		await assertFails("ERR_READ_FAILED", () => getAt(glob, 300));
		store.host.hooks = {};
		assertSame(await getAt(glob, 500), valueAt(500));
	});

	test("a damaged value among those read ahead fails its checksum, with its place, and no other does", async (store) => {
		let glob = await filledGlob(store);
		await glob.close();
		await store.withBlob(VALUES, 1n, async (blob) => {
			const [byte = 0] = await blob.read(placeOf(5) + 3, 1);
			await blob.write(placeOf(5) + 3, Uint8Array.of(byte ^ 1));
		});
		glob = await store.glob();
		for (let index = 0; index < 10; index += 1) {
			if (index === 5) {
				const error = await assertFails("ERR_INVALID_CHECKSUM", () =>
					getAt(glob, 5),
				);
				assert.include(error.place, { section: 1n, offset: placeOf(5) });
			} else {
				assertSame(await getAt(glob, index), valueAt(index));
			}
		}
	});
}

async function filledGlob(store: JournalStore): Promise<Glob> {
	const glob = await store.glob();
	for (let index = 0; index < COUNT; index += 1) {
		await glob.append(1n, valueAt(index));
	}
	await glob.sync(1n);
	return glob;
}

async function assertAll(glob: Glob): Promise<void> {
	for (let index = 0; index < COUNT; index += 1) {
		assertSame(await getAt(glob, index), valueAt(index));
	}
}

function getAt(glob: Glob, index: number): Promise<Uint8Array> {
	return glob.get(1n, placeOf(index), SIZE + 4);
}

function placeOf(index: number): number {
	return index * (SIZE + 4);
}

function valueAt(index: number): Uint8Array {
	return pattern(SIZE, index);
}
