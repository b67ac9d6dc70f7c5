import { assert } from "chai";
import type { FixedJournal } from "../../../src/journal/entries/fixed-journal.ts";
import {
	assertFails,
	DISK_FULL,
	failureOf,
} from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	INDEX,
	type JournalStore,
	journalTest,
	numbered,
	pathOf,
	pointer,
	VALUES,
} from "../../support/stores/journal-store.ts";

/** A journal of one kind. A test appends a number to it, and counts its numbers. */
interface Kind {
	readonly name: string;
	/** The partition whose writes a test fails. */
	readonly partition: string;
	open(store: JournalStore): Promise<Opened>;
}

interface Opened {
	append(section: bigint, number: number): Promise<unknown>;
	sync(section: bigint): Promise<void>;
	syncAll(): Promise<void>;
	close(): Promise<void>;
	size(section: bigint): Promise<number>;
	/** Bytes of one appended number. */
	readonly each: number;
}

const KINDS: readonly Kind[] = [
	{
		name: "a fixed journal",
		partition: INDEX,
		open: async (store) => {
			const journal = await store.fixed();
			return opened(journal, 8, (section, number) =>
				journal.append(section, numbered(number)),
			);
		},
	},
	{
		name: "a variable journal",
		partition: INDEX,
		open: async (store) => {
			const journal = await store.variable();
			return opened(journal, 9, (section, number) =>
				journal.append(section, numbered(number)),
			);
		},
	},
	{
		name: "a glob",
		partition: VALUES,
		open: async (store) => {
			const journal = await store.glob();
			return opened(journal, 12, (section, number) =>
				journal.append(section, numbered(number)),
			);
		},
	},
	{
		name: "an oversized journal",
		partition: VALUES,
		open: async (store) => {
			const journal = await store.oversized();
			return opened(journal, 20, (section, number) =>
				journal.append(section, pointer(number), numbered(number)),
			);
		},
	},
];

/** More than the tests' write buffers hold. */
const MANY = 500;

export function unawaitedRows(suite: Suite): void {
	orderRows(suite);
	for (const kind of KINDS) {
		coverRows(suite, kind);
		failureRows(suite, kind);
	}
}

function coverRows(suite: Suite, kind: Kind): void {
	const test = journalTest(suite);
	const ends = {
		"a sync of the section": (journal: Opened) => journal.sync(1n),
		"a sync of all": (journal: Opened) => journal.syncAll(),
		"a close": (journal: Opened) => journal.close(),
	};

	for (const [what, end] of Object.entries(ends)) {
		test(`${what} of ${kind.name} covers appends that were called before it and not awaited, to a section that is not there`, async (store) => {
			const journal = await kind.open(store);
			const appends = [journal.append(1n, 0), journal.append(1n, 1)];
			await end(journal);
			await store.crash();
			const found = await kind.open(store);
			assert.equal(await found.size(1n), 2 * found.each);
			await Promise.all(appends);
		});

		test(`${what} of ${kind.name} covers appends that were called before it and not awaited, past the write buffer`, async (store) => {
			const journal = await kind.open(store);
			await journal.append(1n, 0);
			const appends = Array.from({ length: MANY }, (_, index) =>
				journal.append(1n, index + 1),
			);
			await end(journal);
			await store.crash();
			const found = await kind.open(store);
			assert.equal(await found.size(1n), (MANY + 1) * found.each);
			await Promise.all(appends);
		});
	}
}

/**
 * Enough microtasks, where the host answers at once, for a call to open its section and to go on.
 */
const TICKS = 400;

function orderRows(suite: Suite): void {
	const test = journalTest(suite);
	// A browser answers in turns of its event loop: microtasks between them change nothing.
	const most = suite.host === "opfs" ? 10 : TICKS;
	/** Each is called repeatedly, with more and more microtasks between two appends. */
	const waits = {
		"while their section is opened": {
			section: (ticks: number) => BigInt(ticks),
			wait: async () => undefined,
		},
		"while a cut of their section runs": {
			section: () => 1n,
			wait: (journal: FixedJournal) => journal.rewindSection(1n, 0),
		},
	};

	for (const [when, { section, wait }] of Object.entries(waits)) {
		test(`appends that are called ${when} are found in the order of their calls`, async (store) => {
			const journal = await store.fixed();
			await journal.append(1n, numbered(0));
			for (let ticks = 1; ticks < most; ticks += 1) {
				const waited = wait(journal);
				const first = journal.append(section(ticks), numbered(1));
				for (let tick = 0; tick < ticks; tick += 1) {
					await undefined;
				}
				const second = journal.append(section(ticks), numbered(2));
				const [one, two] = await Promise.all([first, second]);
				assert.equal(two, one + 1, `${ticks} microtasks between`);
				await waited;
			}
		});
	}
}

function failureRows(suite: Suite, kind: Kind): void {
	const test = journalTest(suite);

	test(`where an append to ${kind.name} fails those behind it and the sync fail with it, and the next sync goes on`, async (store) => {
		const journal = await kind.open(store);
		await journal.append(1n, 0);
		failOnce(store, pathOf(kind.partition, 1n));
		const appends = Array.from({ length: MANY }, (_, index) =>
			journal.append(1n, index + 1),
		);
		const ended = Promise.allSettled(appends);
		const error = await failureOf(() => journal.sync(1n));
		const results = await ended;
		const first = results.findIndex(({ status }) => status === "rejected");
		assert.isAbove(first, 0);
		for (const result of results.slice(first)) {
			assert.equal(reasonOf(result), DISK_FULL);
		}
		assert.equal(causeOf(error), DISK_FULL);
		assert.equal(await journal.size(1n), (first + 1) * journal.each);
		await journal.append(1n, MANY);
		await journal.sync(1n);
		await store.crash();
		const found = await kind.open(store);
		assert.equal(await found.size(1n), (first + 2) * found.each);
	});

	test(`where a section of ${kind.name} cannot be opened at first, nothing is appended behind what is missing, and the next append goes on`, async (store) => {
		const journal = await kind.open(store);
		let isFirst = true;
		store.host.hooks.open = (path, _, call) => {
			if (isFirst && path === pathOf(kind.partition, 1n)) {
				isFirst = false;
				throw DISK_FULL;
			}
			return call();
		};
		const appends = [journal.append(1n, 0), journal.append(1n, 1)];
		const ended = Promise.allSettled(appends);
		const error = await failureOf(() => journal.sync(1n));
		assert.equal(causeOf(error), DISK_FULL);
		assert.deepEqual((await ended).map(reasonOf), [DISK_FULL, DISK_FULL]);
		await journal.append(1n, 2);
		await journal.sync(1n);
		await store.crash();
		const found = await kind.open(store);
		assert.equal(await found.size(1n), found.each);
	});

	test(`where a section of ${kind.name} cannot be opened its appends and the sync fail, and other sections are synced with all`, async (store) => {
		const journal = await kind.open(store);
		store.host.hooks.open = (path, _, call) => {
			if (path === pathOf(kind.partition, 1n)) {
				throw DISK_FULL;
			}
			return call();
		};
		const appends = [
			journal.append(1n, 0),
			journal.append(1n, 1),
			journal.append(2n, 0),
		];
		const ended = Promise.allSettled(appends);
		const error = await assertFails("ERR_BLOB_OPEN_FAILED", () =>
			journal.syncAll(),
		);
		assert.equal(error.cause, DISK_FULL);
		store.host.hooks = {};
		const statuses = (await ended).map(({ status }) => status);
		assert.deepEqual(statuses, ["rejected", "rejected", "fulfilled"]);
		await store.crash();
		const found = await kind.open(store);
		assert.equal(await found.size(2n), found.each);
	});
}

function opened(
	journal: Omit<Opened, "append" | "each">,
	each: number,
	append: Opened["append"],
): Opened {
	return {
		append,
		sync: (section) => journal.sync(section),
		syncAll: () => journal.syncAll(),
		close: () => journal.close(),
		size: (section) => journal.size(section),
		each,
	};
}

/** The next write to the file finds no room on the disk, later ones do. */
function failOnce(store: JournalStore, full: string): void {
	let isFull = true;
	store.host.hooks.write = (path, _, call) => {
		if (isFull && path === full) {
			isFull = false;
			throw DISK_FULL;
		}
		return call();
	};
}

function reasonOf(result: PromiseSettledResult<unknown>): unknown {
	return result.status === "rejected" ? causeOf(result.reason) : undefined;
}

function causeOf(error: unknown): unknown {
	return error instanceof Error ? error.cause : error;
}
