import type { Host } from "../../../src/host/host.ts";
import type { PackedStoreOptions } from "../../../src/packed/options.ts";
import { InterceptedHost } from "../../support/hosts/intercepted-host.ts";
import { readRaw, writeRaw } from "../../support/hosts/raw-file.ts";
import { filled, joined } from "../../support/runs/bytes.ts";
import {
	assertFails,
	DISK_FULL,
	failureOf,
	KERNEL_ERROR,
} from "../../support/runs/failure.ts";
import { Listening } from "../../support/runs/listening.ts";
import { hostTest, type Suite } from "../../support/runs/suite.ts";
import {
	CHECKSUMS_PATH,
	FRAMES_PATH,
	LOG_PATH,
	SNAPSHOT_PATH,
	STAGED_PATH,
	setRecord,
} from "../../support/stores/packed-files.ts";
import { PackedSession } from "../../support/stores/packed-store.ts";

const RECORD_BYTES = 37;
/** The number of records in a log of a mebibyte. */
const RECORDS = 28_340;

/** Each event of a packed store, once, with its cause. */
export function packedEventRows(suite: Suite): void {
	manifestRows(suite);
	frameRows(suite);
}

function manifestRows(suite: Suite): void {
	const test = hostTest(suite);

	test("the torn tail of a packed store's log is told with its copy when it is cut", async (host) => {
		await flushed(host);
		const log = await readRaw(host, LOG_PATH);
		await writeRaw(host, LOG_PATH, joined(log, log.subarray(0, 10)));
		const heard = new Listening();
		const session = await PackedSession.open(host, heard.options);
		const { copy = "" } = session.store.recovery.cut ?? {};
		heard.assertOne({
			...{ kind: "log-cut", path: LOG_PATH, offset: RECORD_BYTES },
			...{ bytes: 10, copy },
		});
		heard.assertOne({ kind: "changed-outside", path: LOG_PATH, what: "size" });
		await session.store.close();
	});

	test("a log that is folded up is told, and a snapshot that a crash left half made", async (host) => {
		await writeRaw(host, STAGED_PATH, filled(50, 1));
		const record = setRecord(1, 0);
		const log = Array.from({ length: RECORDS - 1 }, () => record);
		await writeRaw(host, LOG_PATH, joined(...log));
		const heard = new Listening();
		const session = await PackedSession.open(host, heard.options);
		await session.write(2, 2);
		await session.store.flush();
		heard.assertOne({ kind: "snapshot-skipped", path: STAGED_PATH });
		heard.assertOne({
			...{ kind: "log-folded", path: SNAPSHOT_PATH, frames: 2 },
			...{ bytes: 24 + 2 * 24, logBytes: RECORDS * RECORD_BYTES },
		});
		await session.store.close();
	});

	test("a write of the log that finds the disk full and is undone is told", async (host) => {
		const heard = new Listening();
		const session = await PackedSession.open(host, heard.options);
		await session.write(1, 1);
		session.host.hooks.write = (path, _, call) => {
			if (path === LOG_PATH) {
				throw DISK_FULL;
			}
			return call();
		};
		await assertFails("ERR_NO_SPACE", () => session.store.flush());
		session.host.hooks = {};
		heard.assertOne({ kind: "write-undone", path: LOG_PATH });
		await session.store.close();
	});

	test("checksums that are of no frame there is are begun anew, and told", async (host) => {
		await flushed(host, { checksums: true });
		await writeRaw(host, CHECKSUMS_PATH, filled(96, 7));
		const heard = new Listening();
		const session = await PackedSession.open(host, heard.options);
		heard.assertOne({
			...{ kind: "checksums-restarted", path: CHECKSUMS_PATH, bytes: 96 },
		});
		await session.store.close();
	});
}

function frameRows(suite: Suite): void {
	const test = hostTest(suite);

	test("frames that go through the system's cache for want of direct I/O are told", async (own) => {
		const heard = new Listening();
		const host = new InterceptedHost(own);
		host.hooks.open = (_path, _mode, call, options) => {
			if (options?.direct) {
				throw Object.assign(new Error("no direct I/O"), { code: "EINVAL" });
			}
			return call();
		};
		const session = await PackedSession.open(host, heard.options);
		heard.assertOne({ kind: "direct-io-refused", path: FRAMES_PATH });
		await session.store.close();
	});

	test("that the platform promises no room is told once", async (host) => {
		const heard = new Listening();
		const session = await PackedSession.open(host, heard.options);
		session.host.hooks.allocate = async (_, __, call) => {
			await call();
			return false;
		};
		await session.write(1, 1);
		session.host.hooks = {};
		heard.assertOne({ kind: "room-refused", path: FRAMES_PATH });
		await session.store.close();
	});

	test("frames that a crash kept from being erased are told when an open erases them", async (host) => {
		const erasing = { erase: true, checksums: true };
		const first = await PackedSession.open(host, erasing);
		await first.write(1, 1);
		await first.store.flush();
		await first.delete(1);
		let isFlushing = false;
		first.host.hooks.write = (path, _, call) => {
			isFlushing ||= path === LOG_PATH;
			if (isFlushing && path === FRAMES_PATH) {
				throw KERNEL_ERROR;
			}
			return call();
		};
		await failureOf(() => first.store.flush());
		first.host.hooks = {};
		await first.store.drop();
		const heard = new Listening();
		const options = { ...erasing, ...heard.options };
		const session = await PackedSession.open(host, options);
		heard.assertOne({ kind: "frames-erased", frames: 1 });
		await session.store.close();
	});
}

/** A closed store with one frame. */
async function flushed(
	host: Host,
	options: PackedStoreOptions = {},
): Promise<void> {
	const { store } = await PackedSession.open(host, options);
	await store.write(new Uint8Array(16).fill(1), filled(512 * 1024, 1));
	await store.close();
}
