import { assert } from "chai";
import { assertFails, assertRefuses } from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	INDEX,
	type JournalStore,
	journalTest,
	numbered,
	pointer,
	sixteen,
	VALUES,
} from "../../support/stores/journal-store.ts";
import { append } from "../../support/stores/oversized-pairs.ts";

const LAST = 2n ** 64n - 1n;
/** More than stay open: the first one is closed, so every call on it reaches the host. */
const MANY = 20n;
const NO_WHOLE_NUMBERS = [-1, 0.5, Number.NaN];

/** The refusals of a journal of any kind: none of them calls the host first. */
export function refusalRows(suite: Suite): void {
	numberRows(suite);
	openRows(suite);
	pruneRows(suite);
	endRows(suite);
}

function numberRows(suite: Suite): void {
	const test = journalTest(suite);

	test("numbers that a fixed journal cannot use are refused before the host is asked for anything", async (store) => {
		const journal = await store.fixed();
		for (let section = 0n; section < MANY; section += 1n) {
			await journal.append(section, numbered(1));
		}
		await journal.syncAll();
		forbid(store);
		for (const number of NO_WHOLE_NUMBERS) {
			for (const call of [
				() => journal.get(0n, number),
				() => journal.getMany(0n, [number]),
				() => journal.tryGet(0n, number, numbered(0)),
				() => journal.replay({ position: number }),
				() => journal.replay({ buffer: number }),
				() => journal.replay({ from: number }),
				() => journal.removeSection(number),
				() => journal.prune(number),
			]) {
				await assertRefuses(RangeError, call);
			}
		}
		for (const size of [-8, 4, Number.NaN]) {
			await assertRefuses(RangeError, () => journal.rewind(0n, size));
			await assertRefuses(RangeError, () => journal.rewindSection(0n, size));
		}
		await assertRefuses(RangeError, () => journal.getMany(0n, [1, 0]));
		await assertRefuses(RangeError, () => journal.append(0n, pointer(1)));
		await assertRefuses(RangeError, () => journal.appendMany(0n, pointer(1)));
	});

	test("numbers that a glob cannot use are refused before the host is asked for anything", async (store) => {
		const glob = await store.glob();
		for (let section = 0n; section < MANY; section += 1n) {
			await glob.append(section, sixteen(1));
		}
		await glob.syncAll();
		forbid(store);
		for (const number of NO_WHOLE_NUMBERS) {
			await assertRefuses(RangeError, () => glob.get(0n, number, 20));
			await assertRefuses(RangeError, () => glob.get(0n, 0, number));
			await assertRefuses(RangeError, () => glob.append(number, sixteen(1)));
			await assertRefuses(RangeError, () => glob.size(number));
		}
		await assertFails("ERR_OFFSET_OVERFLOW", () =>
			glob.get(0n, Number.MAX_SAFE_INTEGER, 20),
		);
		await assertRefuses(RangeError, () => glob.rewind(0n, -1));
	});

	test("numbers that an oversized journal cannot use are refused before the host is asked for anything", async (store) => {
		const journal = await store.oversized();
		for (let section = 0n; section < MANY; section += 1n) {
			await append(journal, section, [1]);
		}
		await journal.syncAll();
		forbid(store);
		for (const number of NO_WHOLE_NUMBERS) {
			for (const call of [
				() => journal.append(number, pointer(1), sixteen(1)),
				() => journal.getValue(0n, number, 20),
				() => journal.getValue(0n, 0, number),
				() => journal.getValue(number, 0, 20),
				() => journal.get(0n, number),
				() => journal.valueSize(number),
			]) {
				await assertRefuses(RangeError, call);
			}
		}
		await assertFails("ERR_OFFSET_OVERFLOW", () =>
			journal.getValue(0n, Number.MAX_SAFE_INTEGER, 20),
		);
		await assertRefuses(RangeError, () =>
			journal.append(0n, numbered(1), sixteen(1)),
		);
		await assertRefuses(RangeError, () => journal.rewind(0n, 19));
	});
}

function openRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a journal of no partition or no sizes is refused before the host is asked for anything", async (store) => {
		forbid(store);
		for (const partition of ["", "a/b", "../a", "a b"]) {
			for (const open of [
				() => store.fixed({ partition }),
				() => store.glob({ partition }),
				() => store.oversized({ index: partition }),
				() => store.oversized({ values: partition }),
			]) {
				await assertFails("ERR_PARTITION_NAME_INVALID", open);
			}
		}
		for (const writeBuffer of [-1, 0.5, Number.NaN]) {
			await assertRefuses(RangeError, () => store.fixed({ writeBuffer }));
			await assertRefuses(RangeError, () => store.glob({ writeBuffer }));
			await assertRefuses(RangeError, () =>
				store.oversized({ valueBuffer: writeBuffer }),
			);
		}
		await assertRefuses(RangeError, () => store.fixed({ entry: { size: 0 } }));
	});
}

function pruneRows(suite: Suite): void {
	const test = journalTest(suite);

	test("what was pruned is gone for every call of a glob and of an oversized journal, and of one that does not wait", async (store) => {
		const fixed = await store.fixed({ partition: "fixed" });
		const glob = await store.glob({ partition: "glob" });
		const journal = await store.oversized();
		for (const section of [1n, 2n]) {
			await fixed.append(section, numbered(1));
			await glob.append(section, sixteen(1));
			await append(journal, section, [1]);
		}
		for (const each of [fixed, glob, journal]) {
			assert.isTrue(await each.prune(2n));
		}
		for (const call of [
			() => fixed.tryGet(1n, 0, numbered(0)),
			() => glob.append(1n, sixteen(1)),
			() => glob.get(1n, 0, 20),
			...changesOf(glob),
			() => journal.append(1n, pointer(1), sixteen(1)),
			() => journal.get(1n, 0),
			() => journal.getMany(1n, [0]),
			() => journal.tryGet(1n, 0, pointer(0)),
			() => journal.last(1n),
			() => journal.getValue(1n, 0, 20),
			() => journal.valueSize(1n),
			...changesOf(journal),
		]) {
			const error = await assertFails("ERR_SECTION_PRUNED", call);
			assert.include(error.place, { section: 1n, expected: "2" });
		}
		let replayed = 0;
		for await (const { section } of journal.replay({ from: 0n })) {
			assert.equal(section, 2n);
			replayed += 1;
		}
		assert.equal(replayed, 1, "a replay begins at the next section");
	});

	test("the highest section can be rewound and is what a prune may come to", async (store) => {
		const journal = await store.oversized();
		for (const section of [1n, LAST - 1n, LAST]) {
			await append(journal, section, [1, 2]);
		}
		await journal.rewind(LAST, 20);
		assert.equal(await journal.size(LAST), 20);
		assert.deepEqual(journal.sections(), [1n, LAST - 1n, LAST]);
		assert.isTrue(await journal.prune(LAST));
		assert.deepEqual(journal.sections(), [LAST]);
		assert.isTrue(await journal.removeSection(LAST));
		assert.deepEqual(journal.sections(), []);
	});
}

function endRows(suite: Suite): void {
	const test = journalTest(suite);

	test("a journal of any kind that is disposed of is durable, and every call of it is refused", async (store) => {
		const fixed = await store.fixed({ partition: "fixed" });
		const glob = await store.glob({ partition: "glob" });
		const journal = await store.oversized();
		await fixed.append(1n, numbered(1));
		await glob.append(1n, sixteen(1));
		await append(journal, 1n, [1]);
		for (const each of [fixed, glob, journal]) {
			await each[Symbol.asyncDispose]();
			await each.close();
		}
		const replay = journal.replay();
		for (const call of [
			() => fixed.append(1n, numbered(1)),
			() => fixed.appendMany(1n, numbered(1)),
			() => fixed.tryGet(1n, 0, numbered(0)),
			() => fixed.getMany(1n, [0]),
			() => fixed.last(1n),
			...changesOf(fixed),
			() => glob.append(1n, sixteen(1)),
			() => glob.get(1n, 0, 20),
			...changesOf(glob),
			() => journal.append(1n, pointer(1), sixteen(1)),
			() => journal.getValue(1n, 0, 20),
			() => journal.valueSize(1n),
			() => replay.next(),
			...changesOf(journal),
			...[fixed, glob, journal].flatMap((each) => [
				() => each.syncAll(),
				() => each.prune(1n),
				() => each.clear(),
				() => each.destroy(),
			]),
		]) {
			await assertFails("ERR_CLOSED", call);
		}
		await store.crash();
		assert.equal(await (await store.fixed({ partition: "fixed" })).size(1n), 8);
		assert.equal(await (await store.glob({ partition: "glob" })).size(1n), 20);
		assert.equal(await (await store.oversized()).size(1n), 20);
	});

	test("a journal without sections that is closed refuses a sync of all", async (store) => {
		const journal = await store.fixed();
		await journal.close();
		await assertFails("ERR_CLOSED", () => journal.syncAll());
		assert.isUndefined(await store.host.list(INDEX));
		assert.isUndefined(await store.host.list(VALUES));
	});
}

interface Changing {
	size(section: bigint): Promise<number>;
	sync(section: bigint): Promise<void>;
	rewind(section: bigint, size: number): Promise<void>;
	rewindSection(section: bigint, size: number): Promise<void>;
	removeSection(section: bigint): Promise<boolean>;
}

/** Every journal's calls that change a section. */
function changesOf(journal: Changing): (() => Promise<unknown>)[] {
	return [
		() => journal.size(1n),
		() => journal.sync(1n),
		() => journal.rewind(1n, 0),
		() => journal.rewindSection(1n, 0),
		() => journal.removeSection(1n),
	];
}

/** From now on any call of the host fails the test. */
function forbid(store: JournalStore): void {
	const refuse = () => {
		throw new Error("the host was asked");
	};
	store.host.hooks = {
		...{ open: refuse, list: refuse, makeDirectory: refuse },
		...{ remove: refuse, rename: refuse, syncDirectory: refuse },
		...{ read: refuse, write: refuse, truncate: refuse },
		...{ sync: refuse, close: refuse },
	};
}
