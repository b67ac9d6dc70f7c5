import { assert } from "chai";
import type { ZerosAhead } from "../../../src/storage/zeros-ahead.ts";
import { ZerosBudget } from "../../../src/storage/zeros-budget.ts";
import type { Interceptor } from "../../support/hosts/intercepted-host.ts";
import { existsRaw, namesIn } from "../../support/hosts/raw-file.ts";
import {
	assertFails,
	assertRefuses,
	DISK_FULL,
	failureOf,
	KERNEL_ERROR,
} from "../../support/runs/failure.ts";
import type { Suite } from "../../support/runs/suite.ts";
import { exported } from "../../support/stores/archives.ts";
import {
	AHEAD,
	fileSize,
	filled,
	PAGE_SIZE,
	PATH,
	rest,
	STRIDE,
	syncedPages,
	until,
	type ZerosStore,
	zerosAhead,
	zerosTest,
} from "../../support/stores/zeros-store.ts";

const MARKER = "dualslot.open";

/** Zeros ahead of pages, in every host, as if all of them gained by it. */
export function zerosAheadRows(suite: Suite): void {
	keepingRows(suite);
	cuttingRows(suite);
	besideAppendRows(suite);
	failureRows(suite);
	optionRows(suite);
}

function keepingRows(suite: Suite): void {
	const onStore = zerosTest(suite);

	onStore(
		"a blob that is synced often has zeros behind its last page, which no call shows",
		async (store) => {
			await store.begin();
			const paged = await store.paged();
			await syncedPages(paged, 1);
			await filled(store, 1);
			assert.equal(paged.size, PAGE_SIZE);
			await until(() => store.storage.stats().reservedBytes === AHEAD);
			const pages: unknown[] = [];
			for await (const page of paged.pages()) {
				pages.push(page);
			}
			assert.lengthOf(pages, 1);
			await assertFails("ERR_BLOB_INSUFFICIENT_LENGTH", () =>
				paged.read(PAGE_SIZE, 1),
			);
		},
	);

	onStore(
		"after each sync a file is as without zeros ahead, and zeros alone follow",
		async (store) => {
			await store.begin();
			const paged = await store.paged();
			const plain = await store.pagedWithout();
			for (let count = 1; count < 60; count += 1) {
				const bytes = new Uint8Array(1 + ((count * 37) % 150)).fill(count);
				for (const one of [paged, plain]) {
					await one.append(bytes);
					await one.sync();
				}
				const expected = await plain.bytes();
				const found = await store.bytes();
				assert.deepEqual(found.slice(0, expected.length), expected);
				assert.isTrue(found.slice(expected.length).every((byte) => byte === 0));
			}
			await plain.close();
		},
	);

	onStore("an export of a store has none of its zeros ahead", async (store) => {
		const storage = await store.begin();
		await syncedPages(await store.paged(), 1);
		await filled(store, 1);
		const archive = await exported(storage);
		await storage.close();
		assert.deepEqual(await exported(await store.begin({ ahead: 0 })), archive);
	});

	onStore(
		"zeros are written only after as many synced growths as the host says, in a row without a bulk load",
		async (store) => {
			store.host.zerosAfter = 3;
			await store.begin();
			const paged = await store.paged();
			await syncedPages(paged, 2);
			await paged.append(new Uint8Array(AHEAD));
			await paged.sync();
			await syncedPages(paged, 2);
			const pages = Math.ceil(paged.size / PAGE_SIZE);
			assert.isFalse(await store.hasZerosSoon(pages));
			await syncedPages(paged, 1);
			await filled(store, Math.ceil(paged.size / PAGE_SIZE));
		},
	);
}

function cuttingRows(suite: Suite): void {
	const onStore = zerosTest(suite);

	onStore(
		"a clean close cuts zeros ahead, durably, before the marker goes",
		async (store) => {
			const storage = await store.begin();
			const paged = await store.paged();
			await syncedPages(paged, 1);
			await filled(store, 1);
			const events = listening(store);
			await storage.close();
			const cut = events.indexOf(`truncate ${PATH} to ${fileSize(1)}`);
			const durable = events.indexOf(`sync ${PATH}`, cut);
			assert.isAtLeast(cut, 0);
			assert.isAbove(durable, cut);
			assert.isAbove(events.indexOf(`remove ${MARKER}`), durable);
			assert.lengthOf(await store.bytes(), fileSize(1));
		},
	);

	onStore(
		"a shrink cuts zeros ahead with what it cuts, and none follow before that is durable",
		async (store) => {
			await store.begin();
			const paged = await store.paged();
			await syncedPages(paged, 3);
			await filled(store, 1, 3);
			const events = listening(store);
			await paged.resize(PAGE_SIZE);
			assert.lengthOf(await store.bytes(), fileSize(1));
			assert.isFalse(await store.hasZerosSoon(1));
			await syncedPages(paged, 1);
			await filled(store, 2);
			await until(() => events.some((event) => event.startsWith("zeros")));
			const cut = events.indexOf(`truncate ${PATH} to ${fileSize(1)}`);
			const zeros = events.findIndex((event) => event.startsWith("zeros"));
			assert.isAbove(zeros, events.indexOf(`sync ${PATH}`, cut));
		},
	);

	onStore(
		"zeros follow a truncation only after a sync that began behind it",
		async ({ host }) => {
			await host.makeDirectory("");
			const zeros = await zerosAhead(host, "one", new ZerosBudget(AHEAD, 1));
			await zeros.write([new Uint8Array(9).fill(1)], 0);
			let letGo = () => {};
			const held = new Promise<void>((resolve) => {
				letGo = resolve;
			});
			host.hooks = { sync: (_path, call) => held.then(call) };
			const sync = zeros.sync();
			await zeros.truncate(5);
			letGo();
			await sync;
			await rest();
			assert.equal(zeros.reserved, 0);
			await zeros.write([new Uint8Array(1).fill(1)], 5);
			await zeros.sync();
			await until(() => zeros.reserved === AHEAD);
			await zeros.close();
		},
	);

	onStore(
		"a blob that is dropped with zeros ahead is owed a look, though the store is closed clean",
		async (store) => {
			const storage = await store.begin();
			const paged = await store.paged();
			await syncedPages(paged, 1);
			await filled(store, 1);
			await paged.drop();
			await storage.close();
			assert.isTrue(await existsRaw(store.host, MARKER));
			await store.begin({ ahead: 0 });
			const again = await store.paged();
			assert.equal(again.recovery.reserved, AHEAD);
			assert.lengthOf(await store.bytes(), fileSize(1));
		},
	);
}

function besideAppendRows(suite: Suite): void {
	const onStore = zerosTest(suite);

	onStore(
		"an append that catches up with zeros waits for them, and no bytes are written by both at once",
		async (store) => {
			let letGo = () => {};
			const held = new Promise<void>((resolve) => {
				letGo = resolve;
			});
			const order: string[] = [];
			store.host.hooks = {
				write: async (path, { background }, call) => {
					if (path !== PATH) {
						return call();
					}
					order.push(background ? "zeros begin" : "append begins");
					await (background ? held : undefined);
					await call();
					order.push(background ? "zeros end" : "append ends");
				},
			};
			await store.begin();
			const paged = await store.paged();
			await syncedPages(paged, 1);
			const second = syncedPages(paged, 1, 9);
			await Promise.race([second, rest()]);
			letGo();
			await second;
			const zeros = order.indexOf("zeros begin");
			assert.deepEqual(order.slice(zeros, zeros + 4), [
				...["zeros begin", "zeros end", "append begins", "append ends"],
			]);
			assert.deepEqual(
				await paged.read(PAGE_SIZE, PAGE_SIZE),
				new Uint8Array(PAGE_SIZE).fill(9),
			);
		},
	);

	onStore(
		"a sync beside a sync of zeros fails with it: the disk tells only one of its error",
		async (store) => {
			let begun = () => {};
			const beginning = new Promise<void>((resolve) => {
				begun = resolve;
			});
			let fail = () => {};
			const failing = new Promise<void>((_, reject) => {
				fail = () => reject(KERNEL_ERROR);
			});
			store.host.hooks = {
				syncBehind: () => {
					begun();
					return failing;
				},
			};
			await store.begin();
			const paged = await store.paged();
			await syncedPages(paged, 1);
			await beginning;
			await paged.append(new Uint8Array(1));
			const sync = failureOf(() => paged.sync());
			await Promise.race([sync, rest()]);
			fail();
			await sync;
			await assertFails("ERR_POISONED", () => paged.sync());
		},
	);
}

function failureRows(suite: Suite): void {
	const onStore = zerosTest(suite);

	onStore(
		"zeros that find no room fail no call: they are cut, and stay off until a write finds room",
		async (store) => {
			let isFull = true;
			const events = listening(store, {
				write: async (_path, { background, file, parts, offset }, call) => {
					if (background && isFull) {
						await file.write([new Uint8Array(STRIDE)], offset);
						throw DISK_FULL;
					}
					assert.isAbove(parts.length, 0);
					return call();
				},
			});
			await store.begin();
			const paged = await store.paged();
			await syncedPages(paged, 1);
			await store.bytesOnce(fileSize(1));
			await until(() => events.some((event) => event.startsWith("truncate")));
			isFull = false;
			await syncedPages(paged, 2);
			await filled(store, 2, 3);
		},
	);

	onStore(
		"zeros that were cut for want of room are cut durably before the marker goes",
		async (store) => {
			const storage = await store.begin();
			const paged = await store.paged();
			await syncedPages(paged, 1);
			await filled(store, 1);
			let failures = 1;
			const other = await storage.open("raw", "blob");
			const events = listening(store, {
				write: (_path, _write, call) => {
					failures -= 1;
					if (failures === 0) {
						throw DISK_FULL;
					}
					return call();
				},
			});
			await other.write(0, new Uint8Array(1));
			assert.include(events, `truncate ${PATH} to ${fileSize(1)}`);
			assert.notInclude(events, `sync ${PATH}`);
			await storage.close();
			const durable = events.indexOf(`sync ${PATH}`);
			assert.isAbove(durable, 0);
			assert.isAbove(events.indexOf(`remove ${MARKER}`), durable);
		},
	);

	onStore(
		"a write without room cuts all zeros of the store, and is tried once more",
		async (store) => {
			await store.begin();
			const paged = await store.paged();
			const other = await store.paged("other");
			for (const [blob, path] of [
				[paged, PATH],
				[other, "pages/6f74686572"],
			] as const) {
				await syncedPages(blob, 1);
				await store.bytesOnce(fileSize(1) + AHEAD, path);
			}
			let failures = 1;
			store.host.hooks = {
				write: (path, { background }, call) => {
					if (path === PATH && !background && failures > 0) {
						failures -= 1;
						throw DISK_FULL;
					}
					return call();
				},
			};
			await paged.append(new Uint8Array(PAGE_SIZE).fill(3));
			await paged.sync();
			assert.equal(failures, 0);
			assert.lengthOf(await store.bytes("pages/6f74686572"), fileSize(1));
			assert.isUndefined(paged.failure);
		},
	);

	onStore(
		"of files that share a budget, the one that grew longest ago loses its zeros to another",
		async ({ host }) => {
			await host.makeDirectory("");
			const budget = new ZerosBudget(AHEAD, 1, AHEAD);
			const grow = async (file: ZerosAhead) => {
				await file.write([new Uint8Array(1).fill(1)], file.size());
				await file.sync();
				await rest();
			};
			const one = await zerosAhead(host, "one", budget);
			const two = await zerosAhead(host, "two", budget);
			await grow(one);
			assert.equal(one.reserved, AHEAD);
			await grow(two);
			assert.isTrue(one.reserved === 0 && one.mayLeaveZeros);
			await grow(two);
			assert.equal(two.reserved, AHEAD);
			assert.equal(budget.reserved, AHEAD);
			await one.close();
			await two.close();
		},
	);

	onStore(
		"a failed write of zeros is the next call's failure",
		async (store) => {
			let isOver = () => {};
			const over = new Promise<void>((resolve) => {
				isOver = resolve;
			});
			store.host.hooks = {
				write: (_path, { background }, call) => {
					if (background) {
						isOver();
						throw KERNEL_ERROR;
					}
					return call();
				},
			};
			await store.begin();
			const paged = await store.paged();
			await syncedPages(paged, 1);
			await over;
			await paged.append(new Uint8Array(1));
			await failureOf(() => paged.sync());
			await assertFails("ERR_POISONED", () => paged.sync());
		},
	);
}

function optionRows(suite: Suite): void {
	const onStore = zerosTest(suite);

	onStore(
		"no zeros ahead are written with `ahead: 0`, with `metadata: false`, or where the host gains nothing",
		async (store) => {
			for (const [options, zerosAfter] of [
				[{ ahead: 0 }, 1],
				[{ metadata: false }, 1],
				[{}, 0],
			] as const) {
				store.host.zerosAfter = zerosAfter;
				const storage = await store.begin(options);
				const paged = await store.paged();
				const had = paged.size / PAGE_SIZE;
				await syncedPages(paged, 3);
				assert.isFalse(await store.hasZerosSoon(had + 3));
				await storage.close();
			}
		},
	);

	onStore("the bytes ahead are checked before any call", async (store) => {
		for (const ahead of [-1, 0.5, Number.NaN, 1024 * 1024 + 1]) {
			await assertRefuses(RangeError, () => store.begin({ ahead }), "ahead");
		}
		assert.lengthOf(await namesIn(store.host), 0);
	});

	onStore("a raw blob has no zeros ahead", async (store) => {
		const storage = await store.begin();
		const raw = await storage.open("pages", "blob");
		for (let at = 0; at < 3 * STRIDE; at += STRIDE) {
			await raw.write(at, new Uint8Array(STRIDE).fill(1));
			await raw.sync();
		}
		assert.isFalse(await store.hasZerosSoon(3));
	});
}

/** The changes of the blob's file and of names, in their order, from now on. */
function listening(store: ZerosStore, hooks: Interceptor = {}): string[] {
	const events: string[] = [];
	store.host.hooks = {
		write: async (path, write, call) => {
			await (hooks.write ? hooks.write(path, write, call) : call());
			events.push(write.background ? `zeros ${path}` : `write ${path}`);
		},
		truncate: async (path, size, call) => {
			await call();
			events.push(`truncate ${path} to ${size}`);
		},
		sync: async (path, call) => {
			await call();
			events.push(`sync ${path}`);
		},
		remove: async (path, call) => {
			events.push(`remove ${path}`);
			return call();
		},
	};
	return events;
}
