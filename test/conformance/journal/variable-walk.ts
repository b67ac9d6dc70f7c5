import { assert } from "chai";
import { OPEN_SECTIONS } from "../../../src/journal/section-slots.ts";
import { imageOf, readRaw } from "../../support/hosts/raw-file.ts";
import { filled, joined, pattern } from "../../support/runs/bytes.ts";
import { assertFails, KERNEL_ERROR } from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	INDEX,
	type JournalStore,
	journalTest,
	pathOf,
} from "../../support/stores/journal-store.ts";
import {
	assertItems,
	frame,
	writePages,
} from "../../support/stores/torn-items.ts";

const SECTION = pathOf(INDEX, 1n);
const GOOD = joined(frame(1, 2), frame(), frame(3));
const TORN = Uint8Array.of(9, 4, 5);

/** The walk before the first append to a section that was found. */
export function walkRows(suite: Suite): void {
	cutRows(suite);
	costRows(suite);
	damageRows(suite);
}

function cutRows(suite: Suite): void {
	const test = journalTest(suite);

	for (const [what, tail] of [
		["a length that is not whole", [0x80]],
		["an item that is not whole", [9, 4, 5]],
		["a huge item that is not there", [0xff, 0xff, 0xff, 0x07, 1, 2, 3]],
		["fewer bytes than a length can have, that are none", [0x80, 0, 1, 2]],
	] as const) {
		test(`the first append cuts ${what} from the end of its section, so that what is appended is found (commonware swallows it)`, async (store) => {
			await writePages(store, 1n, joined(GOOD, Uint8Array.from(tail)));
			let journal = await store.variable();
			assert.deepEqual(journal.recovery.cuts, []);
			const item = pattern(30);
			assert.deepEqual(await journal.append(1n, item), {
				...{ offset: GOOD.length, size: 30 },
			});
			const [cut] = journal.recovery.cuts;
			const { size, bytesCut } = { size: GOOD.length, bytesCut: tail.length };
			assert.include(cut, { section: 1n, why: "torn-item", size, bytesCut });
			assert.include(journal.recovery, { walks: 1, itemsWalked: 3, bytesCut });
			const kept = await readRaw(store.host, cut?.copy ?? "");
			assert.deepEqual(kept.slice(0, GOOD.length), GOOD);
			await journal.close();
			journal = await store.variable();
			await assertItems(journal, 1n, [[1, 2], [], [3], [...item]]);
			assert.deepEqual(journal.recovery.cuts, []);
		});
	}

	test("a torn tail is cut durably before anything is appended, and appends that wait keep their order", async (store) => {
		await writePages(store, 1n, joined(GOOD, filled(200, 0x7f), TORN));
		let journal = await store.variable();
		const places = await Promise.all(
			[5, 6, 7].map((size) => journal.append(1n, filled(size, size))),
		);
		const end = GOOD.length + 128;
		assert.deepEqual(
			places.map(({ offset }) => offset),
			[end, end + 6, end + 13],
		);
		assert.lengthOf(journal.recovery.cuts, 1);
		await store.crash();
		journal = await store.variable();
		assert.equal(await journal.size(1n), end);
		await assertItems(journal, 1n, [[1, 2], [], [3], Array(127).fill(0x7f)]);
	});

	test("a torn item that a crash of dualslot explains is cut without a copy", async (store) => {
		let journal = await store.variable();
		for (let index = 0; index < 40; index += 1) {
			await journal.append(1n, filled(50, index));
		}
		await store.crash();
		journal = await store.variable();
		await journal.append(1n, filled(3, 3));
		assert.isTrue(journal.recovery.foundCrash);
		const [cut] = journal.recovery.cuts;
		assert.equal(cut?.why, "torn-item");
		assert.isUndefined(cut?.copy);
		assert.equal((cut?.size ?? 0) % 51, 0);
	});

	test("a store that is open for reading cuts nothing, and its replay names what it would not give", async (store) => {
		await writePages(store, 1n, joined(GOOD, TORN));
		await store.restart({ readOnly: true });
		const before = await imageOf(store.host);
		const journal = await store.variable();
		await assertItems(journal, 1n, [[1, 2], [], [3]]);
		await assertFails("ERR_ITEM_OUT_OF_RANGE", () =>
			journal.get(1n, GOOD.length),
		);
		await journal.close();
		assert.deepEqual(await imageOf(store.host), before);
	});
}

function costRows(suite: Suite): void {
	const test = journalTest(suite);

	test("opening a variable journal costs two reads of each section, and the first append to one reads it once", async (store) => {
		let journal = await store.variable();
		const items = Array.from({ length: 500 }, (_, at) => pattern(40, at));
		for (const section of [1n, 2n]) {
			await journal.appendMany(section, items);
		}
		await store.restart();
		const { length } = await readRaw(store.host, SECTION);
		let bytes = 0;
		let reads = 0;
		store.host.hooks.read = async (path, call) => {
			const read = await call();
			if (path.startsWith(INDEX)) {
				reads += 1;
				bytes += read;
			}
			return read;
		};
		journal = await store.variable();
		assert.equal(reads, 4);
		assert.include(journal.recovery, {
			sections: 2,
			pagesScanned: 2,
			walks: 0,
		});
		bytes = 0;
		await journal.append(1n, pattern(3));
		assert.isAtMost(bytes, length);
		bytes = 0;
		await journal.append(1n, pattern(3));
		await journal.appendMany(1n, items);
		assert.isBelow(bytes, 64, "what a write goes over is read, and no page");
		assert.include(journal.recovery, { walks: 1, itemsWalked: 500 });
	});

	test("a replay of a whole section counts as its walk, and one of a part does not", async (store) => {
		await writePages(store, 1n, joined(GOOD, TORN));
		await writePages(store, 2n, GOOD);
		const journal = await store.variable();
		await assertItems(journal, 1n, [[1, 2], [], [3]]);
		assert.include(journal.recovery, { walks: 2, itemsWalked: 6 });
		let reads = 0;
		store.host.hooks.read = (_path, call) => {
			reads += 1;
			return call();
		};
		await journal.append(2n, pattern(1));
		assert.equal(reads, 0);
		await journal.append(1n, pattern(1));
		assert.equal(journal.recovery.cuts[0]?.bytesCut, TORN.length);
		store.host.hooks = {};
		await journal.close();
		const again = await store.variable();
		for await (const _item of again.replay({ from: 1n, offset: 3 })) {
			// All but the first item of the first section.
		}
		assert.equal(again.recovery.walks, 1, "the second section alone");
	});

	test("a section is walked once, however often it is closed for another", async (store) => {
		let journal = await store.variable();
		const sections = Array.from({ length: 3 * OPEN_SECTIONS }, (_, at) => at);
		for (const section of sections) {
			await journal.append(section, pattern(40, section));
		}
		assert.equal(journal.recovery.walks, 0, "those that are new need none");
		await journal.close();
		journal = await store.variable();
		for (const _round of [1, 2, 3]) {
			for (const section of sections) {
				await journal.append(section, pattern(40, section));
			}
		}
		assert.equal(journal.recovery.walks, sections.length);
	});
}

function damageRows(suite: Suite): void {
	const test = journalTest(suite);

	for (const [what, bytes, code] of [
		["bytes that are no length", [0x80, 0, 1, 2, 3], "ERR_ITEM_CORRUPT"],
		[
			"an item larger than any may be",
			[255, 255, 255, 255, 15],
			"ERR_ITEM_TOO_LARGE",
		],
	] as const) {
		test(`an append behind ${what} is refused, nothing is cut, and a rewind to the error's offset lets the section go on`, async (store) => {
			await writePages(store, 1n, joined(GOOD, Uint8Array.from(bytes)));
			const before = await imageOf(store.host, INDEX);
			const journal = await store.variable();
			for (const _again of [1, 2]) {
				const error = await assertFails(code, () =>
					journal.append(1n, pattern(5)),
				);
				assert.include(error.place, { section: 1n, offset: GOOD.length });
			}
			assert.deepEqual(await imageOf(store.host, INDEX), before);
			await journal.append(2n, pattern(5));
			await journal.rewindSection(1n, GOOD.length);
			const { offset } = await journal.append(1n, pattern(5));
			assert.equal(offset, GOOD.length);
			await assertItems(journal, 1n, [[1, 2], [], [3], [...pattern(5)]]);
		});
	}

	test("an append behind a damaged page is refused, and a rewind to the error's offset lets the section go on", async (store) => {
		let journal = await store.variable();
		const items = Array.from({ length: 20 }, (_, at) => pattern(40, at));
		await journal.appendMany(1n, items);
		await journal.close();
		await store.withBlob(INDEX, 1n, (blob) =>
			blob.write(76 * 5, Uint8Array.of(0xff)),
		);
		const before = await imageOf(store.host, INDEX);
		journal = await store.variable();
		const error = await assertFails("ERR_INVALID_CHECKSUM", () =>
			journal.append(1n, pattern(5)),
		);
		assert.include(error.place, { section: 1n, page: 5, offset: 5 * 64 });
		assert.deepEqual(await imageOf(store.host, INDEX), before);
		await journal.rewindSection(1n, error.place.offset ?? -1);
		await journal.append(1n, pattern(5));
		const kept = items.slice(0, Math.floor((5 * 64) / 41));
		await assertItems(journal, 1n, [
			...kept.map((item) => [...item]),
			[...pattern(5)],
		]);
	});

	test("an error of the host while a section is walked is returned, and cuts nothing", async (store) => {
		await writePages(store, 1n, joined(GOOD, TORN));
		await store.restart();
		const before = await readRaw(store.host, SECTION);
		const journal = await store.variable();
		await pageOut(store, journal);
		store.host.hooks.read = (path, call) => {
			if (path === SECTION) {
				throw KERNEL_ERROR;
			}
			return call();
		};
		const error = await assertFails("ERR_READ_FAILED", () =>
			journal.append(1n, pattern(5)),
		);
		assert.include(error.place, { section: 1n });
		store.host.hooks = {};
		assert.deepEqual(await readRaw(store.host, SECTION), before);
		assert.deepEqual(journal.recovery.cuts, []);
		const { offset } = await journal.append(1n, pattern(5));
		assert.equal(offset, GOOD.length);
	});

	test("an error of the host while a torn tail is cut refuses the append, and what was whole is found", async (store) => {
		const long = filled(100, 8);
		await writePages(store, 1n, joined(GOOD, frame(...long), TORN));
		for (const step of ["write", "sync"] as const) {
			const journal = await store.variable();
			store.host.hooks[step] = (path: string) => {
				if (path === SECTION) {
					throw KERNEL_ERROR;
				}
			};
			const code =
				step === "write" ? "ERR_WRITE_FAILED" : "ERR_BLOB_SYNC_FAILED";
			await assertFails(code, () => journal.append(1n, pattern(5)));
			await assertFails("ERR_POISONED", () => journal.append(1n, pattern(5)));
			store.host.hooks = {};
			await store.crash();
		}
		const journal = await store.variable();
		await assertItems(journal, 1n, [[1, 2], [], [3], [...long]]);
		await journal.append(1n, pattern(5));
		await assertItems(journal, 1n, [
			...[[1, 2], [], [3], [...long]],
			[...pattern(5)],
		]);
	});
}

/** Opens so many other sections that the first is closed. */
async function pageOut(
	store: JournalStore,
	journal: Awaited<ReturnType<JournalStore["variable"]>>,
): Promise<void> {
	for (let section = 0; section < OPEN_SECTIONS; section += 1) {
		await journal.append(100 + section, new Uint8Array());
	}
	store.forgetPages();
}
