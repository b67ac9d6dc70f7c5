import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { assert } from "chai";
import { afterEach, beforeEach, test, vi } from "vitest";
import {
	type NodeStorageOptions,
	nodeHost,
	openStorage,
} from "../../hosts/node.ts";
import { StorageError } from "../../src/errors.ts";
import type { StorageRecovery } from "../../src/storage/recovery.ts";
import { Holder } from "../support/hosts/holder.ts";
import { failureOf } from "../support/runs/failure.ts";

let directory: string;
let holders: Holder[];

beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), "dualslot-"));
	holders = [];
});

afterEach(async () => {
	await Promise.all(holders.map((holder) => holder.end()));
	rmSync(directory, { recursive: true });
});

test("a lock keeps out other hosts of this process", async () => {
	const lock = await nodeHost(directory).lock();
	assert.isUndefined(await nodeHost(directory).lock());
	assert.isUndefined(await nodeHost(join(directory, ".")).lock());
	await lock?.release();
	await assertFree();
});

test("a lock keeps out other processes and is kept out by them", async () => {
	const lock = await nodeHost(directory).lock();
	await startHolder().refused();
	await lock?.release();
	await startHolder().holding();
	assert.isUndefined(await nodeHost(directory).lock());
});

test("a lock does not keep out who locks another directory", async () => {
	const lock = await nodeHost(directory).lock();
	const inner = join(directory, "inner");
	mkdirSync(inner);
	const other = await nodeHost(inner).lock();
	assert.isDefined(other);
	await other?.release();
	await lock?.release();
});

test("a lock ends with a holder that is killed, and leaves nothing to clean up", async () => {
	const holder = startHolder();
	await holder.kill();
	assert.deepEqual(readdirSync(directory), []);
	await assertFree();
});

test("a lock is not inherited by a child that outlives its holder", async () => {
	const holder = startHolder("60");
	const { child } = await holder.holding();
	assert.isDefined(child);
	try {
		await holder.kill();
		assert.isTrue(isAlive(child));
		await assertFree();
	} finally {
		process.kill(child, "SIGKILL");
	}
});

test("a lock of a missing directory is an error, and no refusal", async () => {
	const missing = nodeHost(join(directory, "missing"));
	const failure = await failureOf(() => missing.lock());
	assert.propertyVal(failure, "code", "ENOENT");
});

test("a lock is unsupported where koffi does not load", async () => {
	vi.resetModules();
	vi.doMock("koffi", () => {
		throw new Error("no such package");
	});
	try {
		const { lockPath } = await import("../../hosts/node/flock.ts");
		const failure = await failureOf(() => lockPath(directory, "directory"));
		assert.propertyVal(failure, "code", "ERR_UNSUPPORTED");
		assert.property(failure, "cause");
	} finally {
		vi.doUnmock("koffi");
		vi.resetModules();
	}
});

test("a store that is open is refused at once, by its name", async () => {
	const storage = await openStorage(directory);
	await assertLocked({});
	await assertLocked({ wait: false });
	await storage.close();
});

test("a store that another process holds is refused until that ends", async () => {
	const holder = startHolder();
	await holder.holding();
	await assertLocked({});
	await holder.kill();
	await (await openStorage(directory)).close();
});

test("a store is refused after the time it was to wait", async () => {
	const storage = await openStorage(directory);
	const start = performance.now();
	await assertLocked({ wait: 100 });
	assert.isAtLeast(performance.now() - start, 99);
	await storage.close();
});

test("a store is refused when the signal aborts the wait", async () => {
	const storage = await openStorage(directory);
	const abort = new AbortController();
	const refused = assertLocked({ wait: abort.signal });
	abort.abort();
	await refused;
	await assertLocked({ wait: AbortSignal.abort() });
	await storage.close();
});

test("a store opens for who waits when its owner closes it", async () => {
	for (const wait of [60_000, new AbortController().signal]) {
		const storage = await openStorage(directory);
		const next = openStorage(directory, { wait });
		assert.equal(
			await Promise.race([next, setTimeout(50, "waited")]),
			"waited",
		);
		await storage.close();
		await (await next).close();
	}
});

test("a store is read without its lock", async () => {
	const storage = await openStorage(directory);
	const reader = await openStorage(directory, { readOnly: true });
	await reader.close();
	await assertLocked({});
	await storage.close();
});

test("a store that another process has open is read without a crash to be found, and with one once that is killed", async () => {
	const holder = Holder.ofStore("node", directory);
	holders.push(holder);
	await holder.holding();
	const beside = await found();
	assert.include(beside, { foundCrash: false, owner: "live" });
	await holder.kill();
	const after = await found();
	assert.isTrue(after.foundCrash);
	// A process in a container is not shown all locks, and cannot know that there is none.
	assert.include(["none", "unknown"], after.owner);
});

test.each(["", "a\0b", 7, undefined])(
	"openStorage refuses %j as a directory",
	async (value) => {
		const failure = await failureOf(() =>
			Reflect.apply(openStorage, undefined, [value]),
		);
		assert.instanceOf(failure, TypeError);
	},
);

test.each([{ sync: "never" }, { sync: "toString" }, null])(
	"openStorage refuses the options %j",
	async (options) => {
		const path = join(directory, "store");
		const failure = await failureOf(() =>
			Reflect.apply(openStorage, undefined, [path, options]),
		);
		assert.instanceOf(failure, TypeError);
		assert.deepEqual(readdirSync(directory), []);
	},
);

async function assertLocked(options: NodeStorageOptions): Promise<void> {
	const failure = await failureOf(() => openStorage(directory, options));
	assert.instanceOf(failure, StorageError);
	assert.propertyVal(failure, "code", "ERR_LOCKED");
	assert.include(String(failure), directory);
}

async function found(): Promise<StorageRecovery> {
	const storage = await openStorage(directory, { readOnly: true });
	await storage.close();
	return storage.recovery;
}

async function assertFree(): Promise<void> {
	const lock = await nodeHost(directory).lock();
	assert.isDefined(lock);
	await lock?.release();
}

function startHolder(...childSeconds: string[]): Holder {
	const holder = Holder.ofLock("node", directory, ...childSeconds);
	holders.push(holder);
	return holder;
}

function isAlive(pid: number): boolean {
	return process.kill(pid, 0);
}
