import { assert } from "chai";
import { JUDGED_AT_OPEN } from "../../../src/journal/section-manager.ts";
import {
	OPEN_SECTIONS,
	openSectionsMax,
} from "../../../src/journal/section-slots.ts";
import { contextOf } from "../../../src/storage/storage.ts";
import { existsRaw } from "../../support/hosts/raw-file.ts";
import { assertFails, KERNEL_ERROR } from "../../support/runs/failure.ts";
import { MEMORY, type Suite } from "../../support/runs/suite.ts";
import {
	INDEX,
	type JournalStore,
	journalTest,
	numbered,
	pathOf,
} from "../../support/stores/journal-store.ts";

export function openingRows(suite: Suite): void {
	costRows(suite);
	boundRows(suite);
}

function costRows(suite: Suite): void {
	const test = journalTest(suite);

	test("opening a journal costs two reads of each section, whatever its length, and syncs nothing", async (store) => {
		let journal = await store.fixed();
		const sections = range(JUDGED_AT_OPEN);
		for (const section of sections) {
			const count = section % 10n === 0n ? 1000 : 3;
			await journal.appendMany(section, new Uint8Array(8 * count));
		}
		await journal.close();
		await store.restart();
		const reads = new Map<string, number>();
		store.host.hooks = {
			read: (path, call) => {
				reads.set(path, (reads.get(path) ?? 0) + 1);
				return call();
			},
			sync: () => {
				throw new Error("an open synced");
			},
		};
		journal = await store.fixed();
		for (const section of sections) {
			assert.equal(reads.get(pathOf(INDEX, section)), 2, `${section}`);
		}
		assert.include(journal.recovery, {
			sections: JUDGED_AT_OPEN,
			pagesScanned: JUDGED_AT_OPEN,
			foundCrash: false,
		});
		store.host.hooks = {};
		await store.restart();
	});

	test("a section that is opened again is read no further than its last page, also after a crash", async (store) => {
		let journal = await store.fixed();
		for (const section of range(30)) {
			await journal.appendMany(section, new Uint8Array(8 * 1000));
		}
		await journal.close();
		await store.crash();
		journal = await store.fixed();
		assert.isTrue(journal.recovery.foundCrash);
		let reads = 0;
		store.host.hooks.read = (_path, call) => {
			reads += 1;
			return call();
		};
		assert.equal(await journal.append(0n, numbered(0)), 1000);
		assert.equal(reads, 2);
	});
}

function boundRows(suite: Suite): void {
	const test = journalTest(suite);

	test("no more than a bounded number of sections is ever open, and their memory with them", async (store) => {
		const open = watchOpenFiles(store);
		const free = contextOf(store.storage).arena.freeBytes;
		let journal = await store.fixed();
		await journal.append(0n, numbered(0));
		const each = free - contextOf(store.storage).arena.freeBytes;
		for (let round = 0; round < 3; round += 1) {
			for (const section of range(50)) {
				await journal.append(section, numbered(round));
			}
		}
		assert.equal(open.most, OPEN_SECTIONS);
		const taken = free - contextOf(store.storage).arena.freeBytes;
		assert.isAtMost(taken, OPEN_SECTIONS * each);
		await Promise.all(range(50).map((section) => journal.get(section, 1)));
		for await (const { section, position, entry } of journal.replay()) {
			const round = section === 0n ? Math.max(0, position - 1) : position;
			assert.deepEqual(entry, numbered(round));
		}
		assert.equal(open.most, OPEN_SECTIONS);
		await journal.close();
		assert.equal(open.now, 0);
		assert.equal(contextOf(store.storage).arena.freeBytes, free);
		journal = await store.fixed();
		assert.equal(open.most, OPEN_SECTIONS);
		assert.equal(open.now, OPEN_SECTIONS);
		await journal.syncAll();
		assert.equal(open.most, OPEN_SECTIONS);
	});

	test(
		"a store of more memory keeps more sections open, and appends to them in turns sync none",
		async (store) => {
			const sections = range(2 * OPEN_SECTIONS);
			const open = watchOpenFiles(store);
			const journal = await store.fixed();
			for (const section of sections) {
				await journal.append(section, numbered(1));
			}
			let syncs = 0;
			store.host.hooks.sync = (_path, call) => {
				syncs += 1;
				return call();
			};
			for (const section of sections) {
				await journal.append(section, numbered(2));
			}
			assert.deepEqual([open.most, syncs], [2 * OPEN_SECTIONS, 0]);
			await journal.append(1000n, numbered(1));
			assert.equal(open.most, 2 * OPEN_SECTIONS);
			assert.isAbove(syncs, 1);
		},
		{ memory: 2 * MEMORY },
	);

	test("however much memory a store has, a journal leaves open files to others", async () => {
		assert.equal(openSectionsMax(2 ** 30, 65536, 1), 128);
	});

	test("a journal keeps no more sections open than there is memory for their write buffers, beside those of other journals", async () => {
		assert.equal(openSectionsMax(16 * MEMORY, 72 * 1024, 1), 113);
		assert.equal(openSectionsMax(16 * MEMORY, 72 * 1024, 3), 37);
		assert.equal(openSectionsMax(8 * MEMORY, 4 * MEMORY, 1), OPEN_SECTIONS);
	});

	test("a section that must be synced is synced before it is closed for another, and one that must not goes first", async (store) => {
		let journal = await store.fixed();
		const sections = range(OPEN_SECTIONS);
		for (const section of sections) {
			await journal.append(section, numbered(1));
		}
		// All but two are clean; the least recently used of these is closed.
		await journal.syncAll();
		await journal.append(0n, numbered(2));
		await journal.append(1n, numbered(2));
		await journal.get(2n, 0);
		const events: string[] = [];
		store.host.hooks = {
			sync: (path, call) => {
				events.push(`sync ${path}`);
				return call();
			},
			close: (path, call) => {
				events.push(`close ${path}`);
				return call();
			},
		};
		await journal.append(100n, numbered(1));
		const closed = () => events.filter((event) => event.includes(INDEX));
		assert.deepEqual(closed(), [`close ${pathOf(INDEX, 3n)}`]);
		for (const section of sections.slice(4)) {
			await journal.append(section, numbered(2));
		}
		await journal.append(2n, numbered(2));
		events.length = 0;
		await journal.append(101n, numbered(1));
		const idleLongest = [0n, 1n, 100n, 4n];
		const synced = idleLongest.map((section) => {
			return `sync ${pathOf(INDEX, section)}`;
		});
		assert.sameMembers(closed().slice(0, -1), synced);
		assert.equal(closed().at(-1), `close ${pathOf(INDEX, 0n)}`);
		events.length = 0;
		await journal.append(102n, numbered(1));
		assert.deepEqual(closed(), [`close ${pathOf(INDEX, 1n)}`]);
		store.host.hooks = {};
		await store.crash();
		journal = await store.fixed();
		assert.equal(await journal.size(0n), 16);
	});

	test("a section that was closed for another is known to be durable when it is opened again", async (store) => {
		const journal = await store.fixed();
		for (const section of range(2 * OPEN_SECTIONS)) {
			await journal.append(section, numbered(1));
		}
		await journal.syncAll();
		let syncs = 0;
		store.host.hooks.sync = (_path, call) => {
			syncs += 1;
			return call();
		};
		await journal.syncAll();
		for (const section of range(2 * OPEN_SECTIONS)) {
			await journal.sync(section);
		}
		assert.equal(syncs, 0);
	});

	test("what opening found is synced once by the first sync of each section (commonware #3940)", async (store) => {
		let journal = await store.fixed();
		for (const section of range(2 * OPEN_SECTIONS)) {
			await journal.append(section, numbered(1));
		}
		await journal.close();
		await store.restart();
		journal = await store.fixed();
		const synced: string[] = [];
		store.host.hooks.sync = (path, call) => {
			synced.push(path);
			return call();
		};
		await journal.sync(3n);
		assert.deepEqual(synced, [pathOf(INDEX, 3n)]);
		await journal.syncAll();
		await journal.syncAll();
		const all = range(2 * OPEN_SECTIONS).map((each) => pathOf(INDEX, each));
		assert.sameMembers(synced, all);
	});

	test("a section that was damaged while it was closed is an error when it is opened again, and nothing is cut", async (store) => {
		let journal = await store.fixed();
		for (const section of range(OPEN_SECTIONS + 1)) {
			await journal.appendMany(section, new Uint8Array(8 * 20));
		}
		await store.withBlob(INDEX, 0n, (blob) =>
			blob.write(2 * 76, Uint8Array.of(0xff)),
		);
		const error = await assertFails("ERR_INVALID_CHECKSUM", () =>
			journal.append(0n, numbered(1)),
		);
		assert.include(error.place, {
			...{ partition: INDEX, section: 0n, page: 2 },
			...{ expected: 160, found: 128 },
		});
		await store.withBlob(INDEX, 0n, async (blob) =>
			assert.equal(blob.size, 3 * 76),
		);
		await journal.append(1n, numbered(1));
		await journal.close();
		journal = await store.fixed();
		assert.equal(await journal.size(0n), 128);
	});

	test(
		"a section that finds no memory gets that of one that is not in use",
		async (store) => {
			const journal = await store.fixed();
			const free = contextOf(store.storage).arena.freeBytes;
			const writeBuffer = Math.floor(free / 4);
			await journal.close();
			const large = await store.fixed({ writeBuffer });
			for (const section of range(10)) {
				await large.append(section, numbered(Number(section)));
			}
			for (const section of range(10)) {
				const found = await large.get(section, 0);
				assert.deepEqual(found, numbered(Number(section)));
			}
		},
		{ memory: 512 * 1024 },
	);

	test(
		"a section for which there is no memory at all is an error, and the journal goes on",
		async (store) => {
			const journal = await store.fixed();
			const { arena } = contextOf(store.storage);
			const taken = arena.allocate(arena.freeBytes - 64);
			const append = () => journal.append(2n, numbered(2));
			const error = await assertFails("ERR_MEMORY", append);
			assert.include(error.place, { partition: INDEX, section: 2n });
			assert.isTrue(await existsRaw(store.host, pathOf(INDEX, 2n)));
			assert.deepEqual(journal.sections(), [2n], "as the next open finds");
			arena.free(taken);
			assert.equal(await append(), 0);
		},
		{ memory: 512 * 1024 },
	);

	test("a section that cannot be opened is an error with its place, and the others go on", async (store) => {
		let journal = await store.fixed();
		for (const section of range(3)) {
			await journal.append(section, numbered(1));
		}
		await journal.close();
		const opens = async (path: string, call: () => unknown) => {
			if (path === pathOf(INDEX, 1n)) {
				throw KERNEL_ERROR;
			}
			return call();
		};
		const free = contextOf(store.storage).arena.freeBytes;
		store.host.hooks.read = async (path, call) => {
			await opens(path, () => undefined);
			return call();
		};
		const error = await assertFails("ERR_READ_FAILED", () => store.fixed());
		assert.include(error.place, { partition: INDEX, section: 1n });
		assert.equal(error.cause, KERNEL_ERROR);
		assert.equal(
			contextOf(store.storage).arena.freeBytes,
			free,
			"all is let go",
		);
		store.host.hooks = {};
		journal = await store.fixed();
		assert.equal(journal.recovery.bytesCut, 0);
	});
}

function range(count: number): bigint[] {
	return Array.from({ length: count }, (_, index) => BigInt(index));
}

/** How many of the journal's files are open at the host. */
function watchOpenFiles(store: JournalStore): { now: number; most: number } {
	const open = { now: 0, most: 0 };
	store.host.hooks = {
		open: async (path, _mode, call) => {
			const file = await call();
			if (path.startsWith(INDEX) && file !== undefined) {
				open.now += 1;
				open.most = Math.max(open.most, open.now);
			}
			return file;
		},
		close: (path, call) => {
			open.now -= path.startsWith(INDEX) ? 1 : 0;
			return call();
		},
	};
	return open;
}
