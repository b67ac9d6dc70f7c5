import { assert } from "chai";
import type { Host } from "../../../src/host/host.ts";
import { PackedStore } from "../../../src/packed/packed-store.ts";
import { InterceptedHost } from "../../support/hosts/intercepted-host.ts";
import { readRaw, writeRaw } from "../../support/hosts/raw-file.ts";
import { assertFails, KERNEL_ERROR } from "../../support/runs/failure.ts";
import { hostTest, type Suite } from "../../support/runs/suite.ts";
import {
	CHECKSUMS_PATH,
	FRAMES_PATH,
	LOG_PATH,
	longLog,
	SNAPSHOT_PATH,
	snapshotBytes,
} from "../../support/stores/packed-files.ts";
import {
	frameOf,
	PackedSession,
	SMALL,
} from "../../support/stores/packed-store.ts";

/** A host's false counts of a read. */
const LIES: readonly (readonly [string, (found: number) => number])[] = [
	["none", () => 0],
	["one byte fewer", (found) => found - 1],
	["-1", () => -1],
	["NaN", () => Number.NaN],
	["4294967288", () => 4_294_967_288],
];

/** Reads of a packed store's files with too few bytes, or an impossible count. */
export function readCountRows(suite: Suite): void {
	for (const path of [LOG_PATH, SNAPSHOT_PATH, CHECKSUMS_PATH]) {
		for (const [what, lie] of LIES) {
			openRow(suite, path, what, lie);
		}
	}
	foldingRow(suite);
}

function openRow(
	suite: Suite,
	path: string,
	what: string,
	lie: (found: number) => number,
): void {
	hostTest(suite)(
		`a packed store does not open where a read of ${path} is said to have found ${what}, changes nothing, and opens after that`,
		async (host) => {
			await prepare(host);
			const files = await filesOf(host);
			let nth = 1;
			while (await failsAt(host, path, nth, lie)) {
				assert.deepEqual(await filesOf(host), files, `read ${nth}`);
				nth += 1;
			}
			assert.isAbove(nth, 1, "reads of the file");
			const session = await PackedSession.open(host);
			const found = await session.contents();
			const { checksums } = session.store;
			await session.store.drop();
			assert.deepEqual(found, [
				[1, 1],
				[2, 2],
			]);
			assert.deepEqual(checksums, { covered: 2, uncovered: 0 });
		},
	);
}

/**
 * Makes the n-th read of a file lie while the store is opened; returns false where there is no such
 * read.
 */
async function failsAt(
	host: Host,
	path: string,
	nth: number,
	lie: (found: number) => number,
): Promise<boolean> {
	const lying = new InterceptedHost(host);
	let reads = 0;
	lying.hooks.read = async (read, call) => {
		const found = await call();
		reads += read === path ? 1 : 0;
		return read === path && reads === nth ? lie(found) : found;
	};
	const opening = PackedStore.open(lying, SMALL);
	const store = await opening.catch(() => undefined);
	await store?.drop();
	if (reads < nth) {
		await opening;
		return false;
	}
	await assertFails("ERR_IO", () => opening);
	return true;
}

/**
 * A log is read again to be folded up: if that fails, nothing is folded up, and the next flush does
 * it.
 */
function foldingRow(suite: Suite): void {
	hostTest(suite)(
		"a log that cannot be read to be folded up is told, with its cause, and folded up by the next flush",
		async (host) => {
			await writeRaw(host, FRAMES_PATH, frameOf(1));
			await writeRaw(host, LOG_PATH, longLog());
			const session = await PackedSession.open(host, { checksums: true });
			await session.write(2, 2);
			session.host.hooks.read = (path, call) => {
				if (path === LOG_PATH) {
					throw KERNEL_ERROR;
				}
				return call();
			};
			const error = await assertFails("ERR_READ_FAILED", () =>
				session.store.flush(),
			);
			assert.equal(error.cause, KERNEL_ERROR);
			session.host.hooks = {};
			await session.write(3, 3);
			await session.store.flush();
			assert.equal(await session.logSize(), 0);
			await session.assertDurable([1, 1], [2, 2], [3, 3]);
			await session.store.drop();
		},
	);
}

/** A snapshot with one GUID, a log with another, and the checksums of both frames. */
async function prepare(host: Host): Promise<void> {
	await writeRaw(host, FRAMES_PATH, frameOf(1));
	await writeRaw(host, SNAPSHOT_PATH, snapshotBytes({ mappings: [[1, 0]] }));
	const session = await PackedSession.open(host, { checksums: true });
	await session.store.coverFrames();
	await session.write(2, 2);
	await session.store.flush();
	await session.store.drop();
}

function filesOf(host: Host): Promise<Uint8Array[]> {
	const paths = [LOG_PATH, SNAPSHOT_PATH, CHECKSUMS_PATH];
	return Promise.all(paths.map((path) => readRaw(host, path)));
}
