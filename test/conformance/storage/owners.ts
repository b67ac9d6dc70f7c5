import { assert } from "chai";
import { cacheMemoryOf, PageCache } from "../../../src/paged/cache.ts";
import { PagedBlob } from "../../../src/paged/paged-blob.ts";
import { contextOf, Storage } from "../../../src/storage/storage.ts";
import { InterceptedHost } from "../../support/hosts/intercepted-host.ts";
import { LateHost } from "../../support/hosts/late-host.ts";
import { filled } from "../../support/runs/bytes.ts";
import {
	assertFails,
	assertRefuses,
	failureOf,
} from "../../support/runs/failure.ts";
import {
	hostTest,
	inMemory,
	MEMORY,
	type Suite,
	storageTest,
	withStorage,
} from "../../support/runs/suite.ts";
import { afterTurns, TURNS } from "../../support/runs/turns.ts";
import {
	HANDLE,
	OWNED,
	OWNED_BLOB,
	OWNED_KINDS,
	OWNED_VALUES,
	type OwnedKind,
} from "../../support/stores/owned-kinds.ts";

/** One live owner of each partition and blob of a store. */
export function ownerRows(suite: Suite): void {
	for (const kind of OWNED_KINDS) {
		secondOwnerRows(suite, kind);
		nextOwnerRows(suite, kind);
	}
	for (const kind of [...OWNED_KINDS, HANDLE]) {
		overlappingRows(suite, kind);
		outlivingRows(suite, kind);
	}
	handleRows(suite);
}

function secondOwnerRows(suite: Suite, kind: OwnedKind): void {
	const { what } = kind;
	const test = storageTest(suite);

	test(`beside ${what} no other owner opens, and all that it was given is found`, async (storage) => {
		const first = await kind.open(storage);
		await first.append();
		for (const open of [
			() => kind.open(storage),
			() => storage.open(OWNED, OWNED_BLOB),
			() => kind.open(storage),
		]) {
			const error = await assertFails("ERR_IN_USE", open);
			assert.include(error.message, `is held by ${what} opened in this store`);
			assert.include(error.place, { partition: OWNED, found: what });
			await first.append();
			await first.sync();
		}
		for (const other of OWNED_KINDS) {
			await failureOf(() => other.open(storage));
			await first.append();
		}
		await first.close();
		const again = await kind.open(storage);
		const records = 4 + OWNED_KINDS.length;
		assert.equal(await again.size(), records * kind.recordSize);
	});

	test(`in a store that is open for reading ${what} opens beside another one`, async (storage) => {
		await (await kind.open(storage)).append();
		await storage.close();
		const options = { memory: MEMORY, readOnly: true };
		const reading = await Storage.open(storage.host, options);
		for (const owned of [await kind.open(reading), await kind.open(reading)]) {
			assert.equal(await owned.size(), kind.recordSize);
		}
		await reading.close();
	});
}

function nextOwnerRows(suite: Suite, kind: OwnedKind): void {
	const { what, recordSize } = kind;
	const test = storageTest(suite);
	const onHost = hostTest(suite);

	for (const end of ["close", "drop"] as const) {
		test(`after ${end} of ${what} the next one opens`, async (storage) => {
			const first = await kind.open(storage);
			await first.append();
			await first.sync();
			await first[end]();
			assert.equal(await (await kind.open(storage)).size(), recordSize);
		});

		test(`while ${what} lets go by ${end} the next one waits, and nothing is lost`, async (storage) => {
			const first = await kind.open(storage);
			await first.append();
			await first.sync();
			await first.append();
			const ending = first[end]();
			const second = await kind.open(storage);
			await ending;
			await second.append();
			await second.sync();
			await second.drop();
			const third = await kind.open(storage);
			const records = end === "close" ? 3 : 2;
			assert.equal(await third.size(), records * recordSize);
		});
	}

	onHost(
		`an open that comes while ${what} closes is done when that has synced`,
		async (host) => {
			const hooked = new InterceptedHost(host);
			await withStorage(hooked, async (storage) => {
				const first = await kind.open(storage);
				await first.append();
				const ends: string[] = [];
				hooked.hooks.sync = async (_, call) => {
					await new Promise((resolve) => setTimeout(resolve));
					await call();
					ends.push("synced");
				};
				const closing = first.close();
				const second = await kind.open(storage);
				ends.push("opened");
				await closing;
				assert.include(ends, "synced");
				assert.equal(ends.at(-1), "opened");
				assert.equal(await second.size(), recordSize);
			});
		},
	);

	test(`of two that wait for ${what} to close one opens`, async (storage) => {
		const first = await kind.open(storage);
		const closing = first.close();
		const opened = await Promise.allSettled([
			kind.open(storage),
			kind.open(storage),
		]);
		await closing;
		const statuses = opened.map(({ status }) => status).sort();
		assert.deepEqual(statuses, ["fulfilled", "rejected"]);
	});

	onHost(
		`where ${what} fails to open its partition is free again`,
		async (host) => {
			const faulty = new InterceptedHost(host);
			await withStorage(faulty, async (storage) => {
				const first = await kind.open(storage);
				await first.append();
				await first.close();
				const fail = () => {
					throw new Error("the disk is gone");
				};
				for (const hooks of [{ list: fail }, { open: fail }, { read: fail }]) {
					faulty.hooks = hooks;
					await kind.open(storage).then(
						(owned) => owned.drop(),
						() => undefined,
					);
					faulty.hooks = {};
					const blobs = await storage.scan(OWNED);
					for (const name of blobs) {
						// The failed open leaves a handle, which is only in the way of owners.
						await (await storage.open(OWNED, name)).close();
					}
				}
			});
		},
	);
}

function overlappingRows(suite: Suite, kind: OwnedKind): void {
	const onHost = hostTest(suite);

	onHost(
		`an open that comes at any moment of ${kind.what}'s close waits or is refused, and nothing is lost that the close promised`,
		async (host) => {
			await withStorage(new LateHost(host), async (storage) => {
				let records = 0;
				for (const turns of TURNS) {
					const first = await kind.open(storage);
					await first.append();
					await first.sync();
					const appended = first.append();
					const closing = first.close();
					await afterTurns(turns);
					const second = await kind.open(storage).catch(refusedAsInUse);
					await Promise.all([appended, closing]);
					const next = second ?? (await kind.open(storage));
					records += 2;
					assert.equal(await next.size(), records * kind.recordSize);
					await next.append();
					await next.sync();
					records += 1;
					await next.drop();
				}
				const found = await kind.open(storage);
				assert.equal(await found.size(), records * kind.recordSize);
			});
		},
	);
}

function refusedAsInUse(error: unknown): undefined {
	assert.propertyVal(error, "code", "ERR_IN_USE");
}

function outlivingRows(suite: Suite, kind: OwnedKind): void {
	const onHost = hostTest(suite);

	onHost(
		`of a store that is closed while ${kind.what} opens nothing works on, and the memory is the next store's`,
		async (host) => {
			await withStorage(host, async (storage) => {
				await (await kind.open(storage)).append();
				await storage.close();
			});
			for (const turns of TURNS) {
				const storage = await Storage.open(host, { memory: MEMORY });
				const opening = kind.open(storage);
				opening.catch(() => undefined);
				await afterTurns(turns);
				await storage.close();
				await withStorage(inMemory().host, async (next) => {
					const written = await nextOwnerIn(next);
					const old = await opening.catch(() => undefined);
					if (old !== undefined) {
						await assertFails("ERR_CLOSED", () => old.append());
						await assertFails("ERR_CLOSED", () => old.sync());
					}
					assert.deepEqual(await written.read(0, 500), filled(500, 0xbb));
				});
			}
		},
	);
}

/** Fills the memory of the next store of that size. */
async function nextOwnerIn(next: Storage): Promise<PagedBlob> {
	const cache = new PageCache(next, { pageSize: 64, pages: 4 });
	const blob = await next.open("next", "blob");
	const paged = await PagedBlob.open(blob, { cache });
	await paged.append(filled(500, 0xbb));
	return paged;
}

function handleRows(suite: Suite): void {
	const test = storageTest(suite);
	const [fixed, , , oversized, paged] = OWNED_KINDS;

	for (const kind of OWNED_KINDS.filter((one) => one !== paged)) {
		test(`beside a blob's handle ${kind.what} does not open`, async (storage) => {
			const blob = await storage.open(OWNED, OWNED_BLOB);
			const second = await storage.open(OWNED, OWNED_BLOB);
			const error = await assertFails("ERR_IN_USE", () => kind.open(storage));
			assert.include(error.message, "is held by a blob's handle");
			await blob.close();
			await second.drop();
			await (await kind.open(storage)).append();
		});
	}

	test("of two handles of a blob one becomes a paged blob, and the other changes nothing from then on", async (storage) => {
		const cache = new PageCache(storage, { pageSize: 64, pages: 4 });
		const first = await storage.open(OWNED, OWNED_BLOB);
		const second = await storage.open(OWNED, OWNED_BLOB);
		const owner = await PagedBlob.open(first, { cache });
		for (const change of [
			() => PagedBlob.open(second, { cache }),
			() => PagedBlob.open(first, { cache }),
			() => second.write(0, filled(9, 1)),
			() => second.writeSync(0, filled(9, 1)),
			() => second.resize(9),
		]) {
			await assertFails("ERR_IN_USE", change);
		}
		await owner.append(filled(20, 1));
		await owner.close();
		await second.write(second.size, filled(9, 1));
		await second.close();
	});

	test("a partition is not removed while a journal has it, nor a blob of it", async (storage) => {
		const journal = await fixed?.open(storage);
		await journal?.append();
		await assertFails("ERR_IN_USE", () => storage.remove(OWNED));
		await assertFails("ERR_IN_USE", () => storage.remove(OWNED, OWNED_BLOB));
		const closing = journal?.close();
		await storage.remove(OWNED);
		await closing;
		await assertFails("ERR_PARTITION_MISSING", () => storage.scan(OWNED));
	});

	test("a journal of entries and values holds both partitions", async (storage) => {
		await oversized?.open(storage);
		for (const partition of [OWNED, OWNED_VALUES]) {
			const error = await assertFails("ERR_IN_USE", () =>
				storage.open(partition, OWNED_BLOB),
			);
			assert.equal(error.place.partition, partition);
		}
	});

	test("a closed store gives out no page cache, and the memory of those that it gave out is not theirs any more", async (storage) => {
		const cache = new PageCache(storage, { pageSize: 64, pages: 4 });
		const memory = cacheMemoryOf(cache);
		await storage.close();
		await assertFails("ERR_CLOSED", () => {
			new PageCache(storage, { pageSize: 64, pages: 4 });
		});
		for (const use of [
			() => memory.hit(0, 0, 1),
			() => memory.fill(0, 0),
			() => memory.show(0, 64, []),
			() => contextOf(storage).core,
			() => contextOf(storage).arena,
		]) {
			await assertFails("ERR_CLOSED", use);
		}
		cache.close();
	});

	test("a paged blob takes no cache of another store", async (storage) => {
		await withStorage(inMemory().host, async (other) => {
			const cache = new PageCache(other, { pageSize: 64, pages: 4 });
			const blob = await storage.open(OWNED, OWNED_BLOB);
			await assertRefuses(TypeError, () => PagedBlob.open(blob, { cache }));
			const own = new PageCache(storage, { pageSize: 64, pages: 4 });
			await PagedBlob.open(blob, { cache: own });
		});
	});

	test("a paged blob that was removed is in nobody's way", async (storage) => {
		const old = await paged?.open(storage);
		await old?.append();
		await storage.remove(OWNED, OWNED_BLOB);
		const fresh = await paged?.open(storage);
		assert.equal(await fresh?.size(), 0);
		await old?.drop();
		await assertFails("ERR_IN_USE", () => storage.open(OWNED, OWNED_BLOB));
	});

	test("a blob's handle that is closed while it is being written to lets the next owner wait for that", async (storage) => {
		const blob = await storage.open("raw", "name");
		const writing = blob.write(0, filled(100, 1));
		const closing = blob.close();
		await Promise.allSettled([writing, closing]);
		const next = await storage.open("raw", "name");
		assert.deepEqual(await next.read(0, next.size), filled(next.size, 1));
	});
}
