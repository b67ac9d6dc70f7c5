import { assert } from "chai";
import { existsRaw, namesIn, writeRaw } from "../../support/hosts/raw-file.ts";
import { bytesOf } from "../../support/runs/bytes.ts";
import {
	assertFails,
	assertRefuses,
	callUntyped,
} from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	INDEX,
	type JournalStore,
	journalTest,
	numbered,
	pathOf,
} from "../../support/stores/journal-store.ts";

const LAST = 2n ** 64n - 1n;

export function sectionRows(suite: Suite): void {
	numberRows(suite);
	nameRows(suite);
	missingRows(suite);
	pruneRows(suite);
	removalRows(suite);
}

function numberRows(suite: Suite): void {
	const test = journalTest(suite);

	test("the oldest and the newest section are told, and none where there is none", async (store) => {
		const journal = await store.fixed();
		assert.isUndefined(journal.oldestSection());
		assert.isUndefined(journal.newestSection());
		for (const section of [7n, LAST, 300n]) {
			await journal.append(section, numbered(1));
		}
		assert.equal(journal.oldestSection(), 7n);
		assert.equal(journal.newestSection(), LAST);
		await journal.prune(8n);
		await journal.removeSection(LAST);
		assert.equal(journal.oldestSection(), 300n);
		assert.equal(journal.newestSection(), 300n);
	});

	test("sections are any whole numbers below 2^64, listed ascending, and given as numbers or bigints", async (store) => {
		let journal = await store.fixed();
		const sections = [LAST, 7n, 0n, 300n, 2n ** 53n, LAST - 1n];
		for (const section of sections) {
			assert.equal(await journal.append(section, numbered(1)), 0);
		}
		assert.equal(await journal.append(7, numbered(2)), 1);
		const ascending = [0n, 7n, 300n, 2n ** 53n, LAST - 1n, LAST];
		assert.deepEqual(journal.sections(), ascending);
		await journal.close();
		journal = await store.fixed();
		assert.deepEqual(journal.sections(), ascending);
		assert.deepEqual(await journal.get(7n, 1), numbered(2));
		assert.deepEqual(await journal.get(LAST, 0), numbered(1));
	});

	test("what is no section is refused before anything is done", async (store) => {
		const journal = await store.fixed();
		const calls = [
			(section: bigint | number) => journal.append(section, numbered(1)),
			(section: bigint | number) => journal.appendMany(section, numbered(1)),
			(section: bigint | number) => journal.get(section, 0),
			(section: bigint | number) => journal.getMany(section, [0]),
			async (section: bigint | number) =>
				journal.tryGet(section, 0, numbered(0)),
			(section: bigint | number) => journal.last(section),
			(section: bigint | number) => journal.size(section),
			(section: bigint | number) => journal.sync(section),
			(section: bigint | number) => journal.prune(section),
			(section: bigint | number) => journal.rewind(section, 0),
			(section: bigint | number) => journal.rewindSection(section, 0),
			(section: bigint | number) => journal.removeSection(section),
			async (section: bigint | number) => journal.replay({ from: section }),
		];
		for (const call of calls) {
			for (const section of [-1n, 2n ** 64n, -1, 0.5, Number.NaN, 2 ** 53]) {
				await assertRefuses(RangeError, () => call(section), "section");
			}
		}
		for (const method of ["append", "get", "size", "sync", "prune"]) {
			for (const section of ["1", undefined, null, {}]) {
				await assertRefuses(TypeError, () =>
					callUntyped(journal, method, section, numbered(1)),
				);
			}
		}
		assert.deepEqual(journal.sections(), []);
	});
}

function nameRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a section's blob is named by its number in eight bytes, big-endian", async (store) => {
		const journal = await store.fixed();
		await journal.append(0x0102n, numbered(1));
		await journal.append(LAST, numbered(1));
		await journal.close();
		assert.deepEqual(await namesIn(store.host, INDEX), [
			"0000000000000102",
			"ffffffffffffffff",
		]);
	});

	test("a blob whose name is no number of eight bytes is an error that names it, and nothing is changed for it", async (store) => {
		const journal = await store.fixed();
		await journal.append(1n, numbered(1));
		await journal.close();
		for (const name of [
			"626c6f62",
			"00000000000001",
			"000000000000000001",
		] as const) {
			await writeRaw(store.host, `${INDEX}/${name}`, bytesOf("CWIC\0\0\0\0"));
			const error = await assertFails("ERR_INVALID_BLOB_NAME", () =>
				store.fixed(),
			);
			assert.include(error.place, { partition: INDEX, blob: name });
			assert.include(error.message, `invalid blob name`);
			await store.host.remove(`${INDEX}/${name}`);
		}
		assert.deepEqual((await store.fixed()).sections(), [1n]);
	});

	test("a foreign file or directory among the sections is a corrupt partition", async (store) => {
		const journal = await store.fixed();
		await journal.append(1n, numbered(1));
		await journal.close();
		await writeRaw(store.host, `${INDEX}/notes.txt`, bytesOf("mine"));
		const error = await assertFails("ERR_PARTITION_CORRUPT", () =>
			store.fixed(),
		);
		assert.include(error.place, { partition: INDEX, found: "notes.txt" });
		await store.host.remove(`${INDEX}/notes.txt`);
		await store.host.makeDirectory(`${INDEX}/0000000000000002`);
		await assertFails("ERR_PARTITION_CORRUPT", () => store.fixed());
	});
}

function missingRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a partition that does not exist is a journal without sections, and is made by the first append", async (store) => {
		const journal = await store.fixed();
		assert.deepEqual(journal.sections(), []);
		assert.notInclude(await namesIn(store.host), INDEX);
		await journal.append(3n, numbered(1));
		assert.isTrue(await existsRaw(store.host, pathOf(INDEX, 3n)));
	});

	test("a section that does not exist has size 0, syncs and rewinds to nothing, and has no entry", async (store) => {
		const journal = await store.fixed();
		await journal.append(3n, numbered(1));
		assert.equal(await journal.size(2n), 0);
		await journal.sync(2n);
		await journal.rewindSection(2n, 0);
		assert.isFalse(await journal.removeSection(2n));
		assert.isFalse(journal.tryGet(2n, 0, numbered(0)));
		for (const call of [
			() => journal.get(2n, 0),
			() => journal.getMany(2n, [0]),
			() => journal.last(2n),
		]) {
			const error = await assertFails("ERR_SECTION_OUT_OF_RANGE", call);
			assert.include(error.place, { partition: INDEX, section: 2n });
			assert.include(error.message, "section out of range: 2");
		}
		assert.deepEqual(journal.sections(), [3n]);
	});
}

function pruneRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a prune removes every section below, and those it names are gone for every call", async (store) => {
		const journal = await withSections(store, [1n, 3n, 5n, 9n]);
		assert.isTrue(await journal.prune(5n));
		assert.deepEqual(journal.sections(), [5n, 9n]);
		assert.deepEqual(await namesIn(store.host, INDEX), [
			"0000000000000005",
			"0000000000000009",
		]);
		for (const section of [0n, 1n, 4n]) {
			for (const call of [
				() => journal.append(section, numbered(1)),
				() => journal.appendMany(section, numbered(1)),
				() => journal.get(section, 0),
				() => journal.getMany(section, [0]),
				() => journal.last(section),
				() => journal.size(section),
				() => journal.sync(section),
				() => journal.rewind(section, 0),
				() => journal.rewindSection(section, 0),
				() => journal.removeSection(section),
			]) {
				const error = await assertFails("ERR_SECTION_PRUNED", call);
				assert.include(error.message, "already pruned to section: 5");
				assert.include(error.place, { partition: INDEX, section });
			}
		}
		assert.deepEqual(await journal.get(5n, 0), numbered(5));
		assert.deepEqual(journal.sections(), [5n, 9n]);
	});

	test("a prune that removes nothing answers so, and forbids nothing", async (store) => {
		const journal = await withSections(store, [5n]);
		assert.isFalse(await journal.prune(5n));
		assert.isFalse(await journal.prune(0n));
		assert.equal(await journal.append(2n, numbered(1)), 0);
		assert.isTrue(await journal.prune(5n));
		assert.isFalse(await journal.prune(5n));
		await assertFails("ERR_SECTION_PRUNED", () => journal.size(2n));
	});

	test("what was pruned is not remembered by the next open", async (store) => {
		let journal = await withSections(store, [1n, 2n]);
		await journal.prune(2n);
		await journal.close();
		journal = await store.fixed();
		await assertFails("ERR_SECTION_OUT_OF_RANGE", () => journal.get(1n, 0));
		assert.equal(await journal.append(1n, numbered(1)), 0);
	});

	test("a prune removes from the lowest section on, each durably, and half-way leaves the highest", async (store) => {
		const journal = await withSections(store, [1n, 2n, 3n, 4n]);
		const events: string[] = [];
		store.host.hooks = {
			remove: (path, call) => {
				if (path === pathOf(INDEX, 3n)) {
					throw new Error("busy");
				}
				events.push(`remove ${path}`);
				return call();
			},
			syncDirectory: (path, call) => {
				events.push(`sync ${path}`);
				return call();
			},
		};
		const error = await assertFails("ERR_IO", () => journal.prune(4n));
		assert.include(error.place, { partition: INDEX, section: 3n });
		assert.deepEqual(events, [
			`remove ${pathOf(INDEX, 1n)}`,
			`sync ${INDEX}`,
			`remove ${pathOf(INDEX, 2n)}`,
			`sync ${INDEX}`,
		]);
		assert.deepEqual(journal.sections(), [3n, 4n]);
		assert.deepEqual(await journal.get(3n, 0), numbered(3));
		store.host.hooks = {};
		assert.isTrue(await journal.prune(4n));
		assert.deepEqual(journal.sections(), [4n]);
	});
}

function removalRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a section that was removed is gone, durably, and can be made anew", async (store) => {
		let journal = await withSections(store, [1n, 2n, 3n]);
		assert.isTrue(await journal.removeSection(2n));
		assert.isFalse(await journal.removeSection(2n));
		assert.deepEqual(journal.sections(), [1n, 3n]);
		await store.crash();
		journal = await store.fixed();
		assert.deepEqual(journal.sections(), [1n, 3n]);
		assert.equal(await journal.append(2n, numbered(8)), 0);
		assert.deepEqual(await journal.get(2n, 0), numbered(8));
	});

	test("a section whose removal failed has what was synced, though it was closed with less before", async (store) => {
		const journal = await store.fixed();
		for (let section = 1n; section < 40n; section += 1n) {
			await journal.append(section, numbered(1));
		}
		await journal.append(1n, numbered(2));
		await journal.sync(1n);
		store.host.hooks.remove = () => {
			throw new Error("busy");
		};
		await assertFails("ERR_IO", () => journal.removeSection(1n));
		store.host.hooks = {};
		assert.deepEqual(await journal.last(1n), numbered(2));
		assert.equal(await journal.append(1n, numbered(3)), 2);
	});

	test("a cleared journal has no section, has forgotten what was pruned, and goes on", async (store) => {
		const journal = await withSections(store, [1n, 2n, 3n]);
		await journal.prune(2n);
		await journal.append(9n, numbered(1));
		await journal.clear();
		assert.deepEqual(journal.sections(), []);
		assert.deepEqual(await namesIn(store.host, INDEX), []);
		assert.equal(await journal.append(1n, numbered(7)), 0);
		assert.deepEqual(await journal.get(1n, 0), numbered(7));
	});

	test("a destroyed journal leaves no partition, and is closed", async (store) => {
		const journal = await withSections(store, [1n, 2n]);
		await journal.append(1n, numbered(2));
		await journal.destroy();
		assert.notInclude(await namesIn(store.host), INDEX);
		await assertFails("ERR_CLOSED", () => journal.append(1n, numbered(1)));
		await assertFails("ERR_CLOSED", () => journal.get(1n, 0));
		await journal.close();
		const other = await store.fixed({ entry: { size: 4 } });
		assert.deepEqual(other.sections(), []);
		await other.destroy();
	});
}

/** Each section has one synced entry, with its own number. */
async function withSections(store: JournalStore, sections: readonly bigint[]) {
	const journal = await store.fixed();
	for (const section of sections) {
		await journal.append(section, numbered(Number(section)));
	}
	await journal.syncAll();
	return journal;
}
