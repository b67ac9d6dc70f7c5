import { assert } from "chai";
import type { Host } from "../../../src/host/host.ts";
import { FixedJournal } from "../../../src/journal/entries/fixed-journal.ts";
import { OversizedJournal } from "../../../src/journal/oversized/oversized-journal.ts";
import { PackedStore } from "../../../src/packed/packed-store.ts";
import { PagedBlob } from "../../../src/paged/paged-blob.ts";
import { Storage } from "../../../src/storage/storage.ts";
import { InterceptedHost } from "../../support/hosts/intercepted-host.ts";
import { filled } from "../../support/runs/bytes.ts";
import {
	assertFails,
	DISK_FULL,
	failureOf,
	KERNEL_ERROR,
} from "../../support/runs/failure.ts";
import { complaints, Listening } from "../../support/runs/listening.ts";
import { hostTest, MEMORY, type Suite } from "../../support/runs/suite.ts";
import { FRAME_SIZE } from "../../support/stores/packed-files.ts";
import { SMALL } from "../../support/stores/packed-store.ts";

const MEBIBYTE = 1024 * 1024;
const ROOMY = 4 * MEBIBYTE;

/** Failures that are reported before anybody calls again. */
export function errorRows(suite: Suite): void {
	backgroundRows(suite);
	listenerRows(suite);
}

function backgroundRows(suite: Suite): void {
	const test = hostTest(suite);

	test("a sync that fails behind an append is told before anybody calls again", async (host) => {
		const heard = new Listening();
		await withFailingSyncs(host, heard, async (storage, fail) => {
			const paged = await PagedBlob.open(storage, "partition", "blob", BUFFER);
			fail();
			for (let written = 0; written < 5 * MEBIBYTE; written += MEBIBYTE / 2) {
				await failureUnlessDone(() => paged.append(filled(MEBIBYTE / 2, 1)));
			}
			const error = await heard.firstError();
			assert.equal(error.code, "ERR_BLOB_SYNC_FAILED");
			assert.equal(error.cause, KERNEL_ERROR);
			assert.include(error.place, { partition: "partition", blob: "626c6f62" });
			assert.lengthOf(heard.errors, 1);
		});
	});

	test("a sync that nobody waits for is told when it fails, once for all who share it", async (host) => {
		const heard = new Listening();
		await withFailingSyncs(host, heard, async (storage, fail) => {
			const paged = await PagedBlob.open(storage, "partition", "blob");
			await paged.append(filled(10, 1));
			fail();
			const syncs = [paged.sync(), paged.sync(), paged.sync()];
			const settled = Promise.allSettled(syncs);
			assert.equal((await heard.firstError()).code, "ERR_BLOB_SYNC_FAILED");
			await settled;
			await assertFails("ERR_POISONED", () => paged.sync());
			assert.lengthOf(heard.errors, 1);
		});
	});

	test("a section whose sync fails is told with its number, and so are its values", async (host) => {
		const heard = new Listening();
		await withFailingSyncs(host, heard, async (storage, fail) => {
			const fixed = await FixedJournal.open(storage, {
				...{ partition: "fixed", entry: { size: 8 } },
			});
			const pairs = await OversizedJournal.open(storage, {
				...{ index: "index", values: "values" },
				entry: { size: 12, offsetAt: 0, sizeAt: 8 },
			});
			await fixed.append(7n, filled(8, 1));
			await pairs.append(9n, filled(12, 1), filled(5, 1));
			fail();
			await Promise.allSettled([fixed.sync(7n), pairs.sync(9n)]);
			assert.deepEqual(
				heard.errors.map(({ place }) => [place.partition, place.section]),
				[
					["fixed", 7n],
					["values", 9n],
				],
			);
		});
	});

	test("a write buffer that is drained for another, and cannot be, is told", async (host) => {
		const heard = new Listening();
		const full = new InterceptedHost(host);
		const storage = await Storage.open(full, {
			...{ memory: MEMORY, ...heard.options },
		});
		const writeBuffer = 200 * 1024;
		const blobs: PagedBlob[] = [];
		for (const name of ["a", "b", "c", "d", "e", "f"]) {
			const options = { writeBuffer };
			blobs.push(await PagedBlob.open(storage, "partition", name, options));
		}
		full.hooks.write = (path, _, call) => {
			if (path === "partition/61") {
				throw DISK_FULL;
			}
			return call();
		};
		for (const paged of blobs) {
			await paged.append(filled(10, 1));
		}
		assert.isNotEmpty(heard.errors);
		for (const { code, place } of heard.errors) {
			assert.deepEqual([code, place.blob], ["ERR_NO_SPACE", "61"]);
		}
		full.hooks = {};
		await storage.close();
	});

	test("a packed store's flush that nobody waits for is told when it fails", async (host) => {
		const heard = new Listening();
		const failing = new InterceptedHost(host);
		const options = { ...SMALL, ...heard.options };
		const store = await PackedStore.open(failing, options);
		await store.write(new Uint8Array(16), filled(FRAME_SIZE, 1));
		failing.hooks.sync = () => {
			throw KERNEL_ERROR;
		};
		const settled = Promise.allSettled([store.flush()]);
		assert.equal((await heard.firstError()).cause, KERNEL_ERROR);
		await settled;
		await assertFails("ERR_POISONED", () => store.flush());
		assert.lengthOf(heard.errors, 1);
		await store.drop();
	});
}

function listenerRows(suite: Suite): void {
	const test = hostTest(suite);

	test("the listeners of an open are told instead of the store's, each for itself", async (host) => {
		const [ofStore, ofBlob] = [new Listening(), new Listening()];
		await withFailingSyncs(host, ofStore, async (storage, fail) => {
			const { onError } = ofBlob;
			const options = { onError, pageSize: 100, writeBuffer: 1 };
			const paged = await PagedBlob.open(storage, "partition", "a", options);
			await paged.append(filled(10, 1));
			fail();
			await failureOf(() => paged.sync());
		});
		assert.lengthOf(ofBlob.errors, 1);
		assert.isEmpty(ofStore.errors);
		assert.isEmpty(ofBlob.events);
		ofStore.assertOne({
			...{ kind: "buffer-raised", partition: "partition", blob: "61" },
			...{ asked: 1, bytes: 200 },
		});
	});

	for (const [how, fail] of [
		["throws", refuse],
		["returns a promise that rejects", async () => refuse()],
	] as const) {
		test(`a listener that ${how} harms nothing, and its failure is written to the console`, async (host) => {
			const failing = new InterceptedHost(host);
			const said = await complaints(async () => {
				const options = { memory: ROOMY, onError: fail, onEvent: fail };
				const storage = await Storage.open(failing, options);
				const paged = await PagedBlob.open(storage, "partition", "blob", {
					...{ pageSize: 100, writeBuffer: 1 },
				});
				await paged.append(filled(10, 1));
				failing.hooks.sync = () => {
					throw KERNEL_ERROR;
				};
				await assertFails("ERR_BLOB_SYNC_FAILED", () => paged.sync());
				failing.hooks = {};
				assert.equal((await paged.read(0, 10))[9], 1);
				const other = await PagedBlob.open(storage, "partition", "other");
				await other.append(filled(10, 1));
				await other.sync();
				await storage.drop();
			});
			assert.deepEqual(
				said.map(([, error]) => error),
				[LISTENER_ERROR, LISTENER_ERROR],
			);
		});
	}

	test("a listener that is no function is refused by each open", async (host) => {
		const storage = await Storage.open(host, { memory: ROOMY });
		// biome-ignore lint/suspicious/noExplicitAny: as JavaScript would pass it.
		const wrong: any = { onError: 1 };
		const fixed = { partition: "fixed", entry: { size: 8 }, ...wrong };
		for (const open of [
			() => Storage.open(host, wrong),
			() => PackedStore.open(host, wrong),
			() => storage.open("partition", "blob", wrong),
			() => PagedBlob.open(storage, "partition", "blob", wrong),
			() => FixedJournal.open(storage, fixed),
		]) {
			assert.match(`${await failureOf(open)}`, /TypeError: onError is a func/);
		}
		await storage.close();
	});
}

const BUFFER = { writeBuffer: 64 * 1024 };
const LISTENER_ERROR = new Error("the listener's");

function refuse(): void {
	throw LISTENER_ERROR;
}

/** Appends may meet a store that already refuses them. */
async function failureUnlessDone(call: () => Promise<void>): Promise<void> {
	await Promise.allSettled([call()]);
}

async function withFailingSyncs(
	host: Host,
	heard: Listening,
	body: (storage: Storage, fail: () => void) => Promise<void>,
): Promise<void> {
	const failing = new InterceptedHost(host);
	const options = { memory: ROOMY, ...heard.options };
	const storage = await Storage.open(failing, options);
	await body(storage, () => {
		failing.hooks.sync = () => {
			throw KERNEL_ERROR;
		};
	});
	failing.hooks = {};
	await storage.drop();
}
