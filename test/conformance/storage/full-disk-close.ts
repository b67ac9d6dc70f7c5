import { assert } from "chai";
import { isNoSpace, StorageError } from "../../../src/errors.ts";
import type { Host } from "../../../src/host/host.ts";
import { PageCache } from "../../../src/paged/cache.ts";
import { PagedBlob } from "../../../src/paged/paged-blob.ts";
import { Storage } from "../../../src/storage/storage.ts";
import {
	type CallFault,
	failingFrom,
} from "../../support/hosts/failing-calls.ts";
import { InterceptedHost } from "../../support/hosts/intercepted-host.ts";
import {
	emptyRaw,
	existsRaw,
	namesIn,
	readRaw,
} from "../../support/hosts/raw-file.ts";
import {
	assertSame,
	filled,
	joined,
	textOf,
} from "../../support/runs/bytes.ts";
import { DISK_FULL } from "../../support/runs/failure.ts";
import { callsInTurn } from "../../support/runs/share.ts";
import {
	hostTest,
	MEMORY,
	type Suite,
	withStorage,
} from "../../support/runs/suite.ts";
import { session } from "../../support/stores/left-session.ts";

const MARKER = "dualslot.open";
const TEMPORARY = "dualslot.tmp";
const RECORD_BYTES = 100;

/** A close without room on the disk. */
export function fullDiskCloseRows(suite: Suite): void {
	markerRows(suite);
	for (const isOwed of [false, true]) {
		for (const lasts of ["once", "on"] as const) {
			eachCallRows(suite, isOwed, lasts);
		}
	}
}

function markerRows(suite: Suite): void {
	const onHost = hostTest(suite);

	onHost(
		"a store closes where the disk has no room for the list of blobs that are owed a look, and the next open looks at all of them",
		async (host) => {
			await crash(host);
			const full = new InterceptedHost(host);
			await session(full, async (storage) => {
				await append(storage, "first");
				full.hooks = {
					write: (path, _, call) => {
						if (path === TEMPORARY) {
							throw DISK_FULL;
						}
						return call();
					},
				};
			});
			assert.isFalse(await existsRaw(host, TEMPORARY));
			assert.include(textOf(await readRaw(host, MARKER)), "all");
			await session(host, async (storage) => {
				assert.isTrue(storage.recovery.foundCrash);
				for (const name of ["first", "owed"]) {
					assert.isTrue((await open(storage, name)).recovery.foundCrash);
				}
			});
			assert.isFalse(await existsRaw(host, MARKER));
		},
	);
}

function eachCallRows(
	suite: Suite,
	isOwed: boolean,
	lasts: CallFault["lasts"],
): void {
	const stride = suite.host === "opfs" ? 3 : 1;
	const whose = isOwed ? " while a blob is owed its look" : "";
	const from =
		lasts === "on"
			? "from any call of its close on"
			: "at any one call of its close";

	hostTest(suite)(
		`a store that finds the disk full ${from}${whose} is let go, and loses nothing`,
		async (host) => {
			for (const nth of callsInTurn(stride)) {
				for (const done of ["nothing", "part"] as const) {
					const fault = { error: DISK_FULL, done, lasts };
					const failed = await closeFull(host, isOwed, nth, fault);
					if (failed === undefined) {
						assert.isAbove(nth, 4, "calls that failed");
						return;
					}
				}
			}
		},
	);
}

/** Returns the call that failed, if one did. */
async function closeFull(
	host: Host,
	isOwed: boolean,
	nth: number,
	fault: CallFault,
): Promise<string | undefined> {
	await emptyRaw(host);
	if (isOwed) {
		await crash(host);
	}
	const full = new InterceptedHost(host);
	const calls = failingFrom(nth, fault);
	const storage = await Storage.open(full, { memory: MEMORY });
	await append(storage, "first");
	const paged = await open(storage, "first");
	await paged.append(filled(RECORD_BYTES, 2));
	full.hooks = calls.hooks;
	const failure = await errorOf(storage.close());
	const where = `call ${nth}, ${calls.failed}, ${fault.done} of it`;
	if (failure !== undefined) {
		assert.instanceOf(failure, StorageError, `${where}: ${failure}`);
		assert.isTrue(isNoSpace(failure.cause), `${where}: ${failure}`);
		const isOwn = calls.failed?.includes("dualslot.") ?? true;
		assert.isFalse(isOwn && fault.lasts === "once", `${where}: ${failure}`);
	}
	await assertWhole(host, isOwed, failure === undefined, where);
	return calls.failed;
}

/** The lock is free, all acknowledged content is there, and blobs are still owed their look. */
async function assertWhole(
	host: Host,
	isOwed: boolean,
	isClosed: boolean,
	where: string,
): Promise<void> {
	await session(host, async (storage) => {
		const first = await open(storage, "first");
		assert.isAtLeast(first.size, (isClosed ? 2 : 1) * RECORD_BYTES, where);
		const records = joined(filled(RECORD_BYTES, 1), filled(RECORD_BYTES, 2));
		assertSame(await first.read(0, first.size), records.slice(0, first.size));
		if (isOwed) {
			const owed = await open(storage, "owed");
			assert.isTrue(owed.recovery.foundCrash, where);
			assertSame(await owed.read(0, RECORD_BYTES), filled(RECORD_BYTES, 1));
		}
		assert.deepEqual(storage.recovery.changedOutside, [], where);
	});
	const names = await namesIn(host);
	assert.notInclude(names, MARKER, where);
	assert.notInclude(names, TEMPORARY, where);
}

/** A session that ends without a close, and in which a blob got a record. */
function crash(host: Host): Promise<void> {
	return withStorage(host, (storage) => append(storage, "owed"));
}

async function append(storage: Storage, name: string): Promise<void> {
	const paged = await open(storage, name);
	await paged.append(filled(RECORD_BYTES, 1));
	await paged.close();
}

async function open(storage: Storage, name: string): Promise<PagedBlob> {
	const cache = new PageCache(storage, { pageSize: 64, pages: 2 });
	return PagedBlob.open(await storage.open("pages", name), { cache });
}

/** The error of a call, if it rejects. */
function errorOf(call: Promise<void>): Promise<unknown> {
	return call.then(
		() => undefined,
		(error: unknown) => error,
	);
}
