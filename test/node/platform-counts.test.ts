import * as fs from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { afterEach, beforeEach, describe, test, vi } from "vitest";
import { errnoOf } from "../../hosts/node/libc.ts";
import { readAll, resize, sizeOf, writeAll } from "../../hosts/opfs/access.ts";
import {
	DirectFile,
	PooledDirectFile,
	PosixFile,
	syncBlocking,
} from "../../hosts/posix/posix-file.ts";
import type { HostFile } from "../../src/host/host.ts";
import { LatchedFile } from "../../src/host/latch.ts";
import { assertSame, pattern } from "../support/runs/bytes.ts";
import { failureOf } from "../support/runs/failure.ts";

/** What no read, and no write, of 8 bytes comes to. Chrome's on a full disk is the last. */
const NONSENSE = [-1, 9, 1.5, Number.NaN, 4_294_967_288];

/** What node:fs answers instead of what a call came to; undefined to let it be. */
const script = vi.hoisted(() => ({
	count: undefined as ((came: number) => number) | undefined,
	/** Of what a write was given it takes so much at most. */
	takes: Number.POSITIVE_INFINITY,
	size: undefined as number | undefined,
}));

vi.mock("node:fs", async (original) => {
	const real = await original<typeof import("node:fs")>();
	const told = (came: number) => script.count?.(came) ?? came;
	const oneWrite = (
		fd: number,
		bytes: Uint8Array,
		offset: number,
		length: number,
		position: number,
	) => {
		const taken = Math.min(length, script.takes);
		return told(real.writeSync(fd, bytes, offset, taken, position));
	};
	return {
		...real,
		readSync: (...given: Parameters<typeof real.readSync>) =>
			told(real.readSync(...given)),
		writeSync: oneWrite,
		fstatSync: (fd: number) => {
			const stats = real.fstatSync(fd);
			return Object.assign(stats, { size: script.size ?? stats.size });
		},
	};
});

let directory: string;
let fd: number;

beforeEach(() => {
	directory = fs.mkdtempSync(join(tmpdir(), "dualslot-"));
	fd = fs.openSync(join(directory, "file"), "w+");
});

afterEach(() => {
	Object.assign(script, {
		...{ count: undefined, size: undefined },
		takes: Number.POSITIVE_INFINITY,
	});
	fs.rmSync(directory, { recursive: true });
});

describe("node:fs", () => {
	test.each(NONSENSE)(
		"a read of 8 bytes that comes to %s has failed",
		async (count) => {
			const file = posixFile();
			await file.write([pattern(8)], 0);
			script.count = () => count;
			assert.equal(await codeOf(() => file.read([pattern(8)], 0)), "EIO");
			await file.close();
		},
	);

	test.each([0, ...NONSENSE])(
		"a write of 8 bytes that comes to %s found no room",
		async (count) => {
			const file = posixFile();
			script.count = () => count;
			assert.equal(await codeOf(() => file.write([pattern(8)], 0)), "ENOSPC");
			await file.close();
		},
	);

	test.each([
		["PosixFile", PosixFile, 3],
		["DirectFile", DirectFile, 5000],
	])(
		"%s: a write that takes a part goes on behind the last whole block of it",
		async (_, File, takes) => {
			const file = new File(fd, { sync: syncBlocking });
			script.takes = takes;
			await file.write([pattern(16_384)], 0);
			script.takes = Number.POSITIVE_INFINITY;
			assertSame(fs.readFileSync(join(directory, "file")), pattern(16_384));
			await file.close();
		},
	);

	test("a write of direct I/O that takes less than a block found no room", async () => {
		const file = new DirectFile(fd, { sync: syncBlocking });
		script.takes = 4095;
		assert.equal(await codeOf(() => file.write([pattern(8192)], 0)), "ENOSPC");
		await file.close();
	});

	test("a size that is no size is an error", async () => {
		const file = posixFile();
		for (const size of [-8, 0.5, Number.NaN]) {
			script.size = size;
			assert.equal(await codeOf(() => file.size()), "EIO");
		}
		await file.close();
	});
});

test("what a thread of node:fs transfers is written and found whole", async () => {
	const file = new PooledDirectFile(fd, { sync: syncBlocking });
	await file.write([pattern(4096)], 0);
	const target = new Uint8Array(8192);
	assert.equal(await file.read([target], 0), 4096);
	assertSame(target.subarray(0, 4096), pattern(4096));
	await file.close();
});

test("a call of the C library that has failed and left no errno has failed", () => {
	const { EIO, ENOSPC } = constants.errno;
	assert.deepEqual([errnoOf(0), errnoOf(ENOSPC)], [EIO, ENOSPC]);
});

describe("an access handle of a browser's", () => {
	test.each(NONSENSE)("a read that answers %s has failed", async (answer) => {
		const access = accessHandle({ read: () => answer });
		assert.equal(await codeOf(() => readAll(access, [pattern(8)], 0)), "EIO");
	});

	test.each([0, ...NONSENSE])(
		"a write that answers %s found no room",
		async (answer) => {
			const access = accessHandle({ write: () => answer });
			const failed = () => writeAll(access, [pattern(8)], 0);
			assert.equal(await codeOf(failed), "ENOSPC");
		},
	);

	test("a write goes on where it took a part, until it takes none", async () => {
		const taken: [number, number][] = [];
		const access = accessHandle({
			write: (bytes, { at }) => {
				taken.push([at, bytes.length]);
				return at < 6 ? Math.min(2, bytes.length) : 4_294_967_288;
			},
		});
		const failed = () => writeAll(access, [pattern(3), pattern(5)], 0);
		assert.equal(await codeOf(failed), "ENOSPC");
		assert.deepEqual(taken, [
			[0, 3],
			[2, 1],
			[3, 5],
			[5, 3],
			[7, 1],
		]);
	});

	test("a size that is no size is an error", async () => {
		for (const size of [-8, 0.5, Number.NaN]) {
			const access = accessHandle({ getSize: () => size });
			assert.equal(await codeOf(() => sizeOf(access)), "EIO");
		}
	});

	test("a truncation that changed nothing has failed; one that was to extend found no room", async () => {
		const access = accessHandle({ getSize: () => 5 });
		assert.equal(await codeOf(() => resize(access, 9)), "ENOSPC");
		assert.equal(await codeOf(() => resize(access, 1)), "EIO");
	});
});

test("a file whose host says of it that it has no size is not opened", async () => {
	const file = Object.assign(posixFile(), { size: () => -8 });
	const opened = () => LatchedFile.wrap(file, "path", new Set());
	assert.equal(await codeOf(opened), "EIO");
	await file.close();
});

function posixFile(): HostFile {
	return new PosixFile(fd, { sync: syncBlocking });
}

type AccessHandle = Parameters<typeof readAll>[0];

function accessHandle(calls: Partial<AccessHandle>): AccessHandle {
	return {
		read: () => 0,
		write: (bytes) => bytes.length,
		truncate: () => undefined,
		getSize: () => 0,
		flush: () => undefined,
		close: () => undefined,
		...calls,
	};
}

async function codeOf(call: () => unknown): Promise<unknown> {
	const failure = await failureOf(call);
	return typeof failure === "object" && failure !== null && "code" in failure
		? failure.code
		: failure;
}
