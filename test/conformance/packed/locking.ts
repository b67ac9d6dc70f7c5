import { assert } from "chai";
import type { Host } from "../../../src/host/host.ts";
import { PackedStore } from "../../../src/packed/packed-store.ts";
import { InterceptedHost } from "../../support/hosts/intercepted-host.ts";
import { namesIn, readRaw, writeRaw } from "../../support/hosts/raw-file.ts";
import { filled } from "../../support/runs/bytes.ts";
import { assertFails, KERNEL_ERROR } from "../../support/runs/failure.ts";
import { hostTest, type Suite } from "../../support/runs/suite.ts";
import {
	FRAMES_PATH,
	guidOf,
	LOG_PATH,
	SNAPSHOT_PATH,
} from "../../support/stores/packed-files.ts";
import {
	frameOf,
	SMALL,
	withPacked,
} from "../../support/stores/packed-store.ts";

const LOCK_PATH = "store.lock";

export function lockingRows(suite: Suite): void {
	refusalRows(suite);
	waitingRows(suite);
	endingRows(suite);
}

function refusalRows(suite: Suite): void {
	const test = hostTest(suite);

	test("a second opener is refused, and touches nothing", async (host) => {
		await withPacked(host, {}, async (store) => {
			await store.write(guidOf(1), frameOf(1));
			await store.flush();
			const torn = filled(20, 0);
			const file = await host.open(LOG_PATH, "write");
			await file?.write([torn], 37);
			await file?.close();
			const error = await assertFails("ERR_LOCKED", () => openNow(host));
			assert.equal(error.place.path, host.location);
			assert.equal((await readRaw(host, LOG_PATH)).length, 57);
		});
	});

	for (const path of [LOCK_PATH, LOG_PATH]) {
		test(`a store is refused while another holds ${path} alone, and let go of then`, async (host) => {
			await host.makeDirectory("");
			const lock = await host.lock(path);
			assert.isDefined(lock);
			await assertFails("ERR_LOCKED", () => openNow(host));
			await lock?.release();
			await withPacked(host, {}, async () => undefined);
		});
	}

	test("a store that could not be opened is not locked", async (host) => {
		await writeRaw(host, SNAPSHOT_PATH, filled(3, 0));
		await assertFails("ERR_BLOB_INSUFFICIENT_LENGTH", () => openNow(host));
		await assertFails("ERR_BLOB_INSUFFICIENT_LENGTH", () => openNow(host));
		await host.remove(SNAPSHOT_PATH);
		await withPacked(host, {}, async () => undefined);
	});

	test("the files of a new store are made, and its lock is empty", async (host) => {
		await withPacked(host, {}, async () => undefined);
		const names = await namesIn(host);
		assert.includeMembers(names, [LOCK_PATH, LOG_PATH, FRAMES_PATH]);
		assert.notInclude(names, SNAPSHOT_PATH);
		assert.equal((await readRaw(host, LOCK_PATH)).length, 0);
	});
}

function waitingRows(suite: Suite): void {
	const test = hostTest(suite);

	test("an opener that waits gets the store when it is let go", async (host) => {
		const first = await PackedStore.open(host, SMALL);
		const second = PackedStore.open(host, { ...SMALL, wait: 60_000 });
		await first.drop();
		await (await second).drop();
	});

	test("an opener waits until its signal ends that", async (host) => {
		const controller = new AbortController();
		await withPacked(host, {}, async () => {
			const wait = controller.signal;
			const opening = PackedStore.open(host, { ...SMALL, wait });
			controller.abort(KERNEL_ERROR);
			const error = await assertFails("ERR_LOCKED", () => opening);
			assert.equal(error.cause, KERNEL_ERROR);
		});
	});
}

function endingRows(suite: Suite): void {
	const test = hostTest(suite);

	for (const end of ["close", "drop"] as const) {
		test(`a store is unlocked by ${end}, which may be called twice`, async (host) => {
			const store = await PackedStore.open(host, SMALL);
			await Promise.all([store[end](), store[end]()]);
			await store[end]();
			await withPacked(host, {}, async () => undefined);
		});
	}

	test("a store whose file fails to close says so, and is unlocked all the same", async (host) => {
		const intercepted = new InterceptedHost(host);
		const store = await PackedStore.open(intercepted, SMALL);
		intercepted.hooks.close = async (path, call) => {
			await call();
			if (path === FRAMES_PATH) {
				throw KERNEL_ERROR;
			}
		};
		let failure: unknown;
		await store.close().catch((error: unknown) => {
			failure = error;
		});
		assert.equal(failure, KERNEL_ERROR);
		intercepted.hooks = {};
		await withPacked(host, {}, async () => undefined);
	});

	test("closing flushes, and dropping does not", async (host) => {
		const closed = await PackedStore.open(host, SMALL);
		await closed.write(guidOf(1), frameOf(1));
		await closed.close();
		const dropped = await PackedStore.open(host, SMALL);
		await dropped.write(guidOf(2), frameOf(2));
		await dropped.drop();
		await withPacked(host, {}, async (store) => {
			assert.deepEqual(store.list(), [guidOf(1)]);
		});
	});
}

function openNow(host: Host): Promise<PackedStore> {
	return PackedStore.open(host, SMALL);
}
