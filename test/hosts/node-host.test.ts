import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { afterAll, describe, test, vi } from "vitest";
import { nodeHost } from "../../hosts/node.ts";
import { hostConformance } from "../conformance/host.ts";
import { packedSuite } from "../conformance/packed.ts";
import { yieldingRows } from "../conformance/storage/yielding.ts";
import { temporaryHost } from "../support/hosts/temporary-host.ts";
import { dealt } from "../support/runs/dealt.ts";

const directory = fs.mkdtempSync(join(tmpdir(), "dualslot-"));
let stores = 0;

afterAll(() => fs.rmSync(directory, { recursive: true }));

describe.each(["async", "blocking"] as const)("sync: %s", (sync) => {
	const createHost = () =>
		temporaryHost((directory) =>
			nodeHost(join(directory, "parent", "store"), { sync }),
		);
	hostConformance({ test, host: "node", createHost });
	yieldingRows({ test, host: "node", createHost });
});

// Direct I/O is none where files lie in memory.
describe("on a disk", () => {
	const createHost = () => temporaryHost((directory) => nodeHost(directory));
	packedSuite({
		test: dealt(test, "node, on a disk"),
		host: "node",
		createHost,
	});
});

test.runIf(process.platform === "linux")(
	"a POSIX directory holds names that are no UTF-8, which are listed without one",
	() => {
		const store = freshDirectory();
		const name = Buffer.from([0x66, 0xff]);
		fs.writeFileSync(Buffer.concat([Buffer.from(`${store}/`), name]), "");
		const host = nodeHost(store);
		assert.deepEqual(host.list(""), [{ name: undefined, kind: "file" }]);
		assert.isTrue(host.remove(""));
		assert.isFalse(fs.existsSync(store));
	},
);

test("a POSIX directory keeps a byte order mark that begins a name", () => {
	const host = nodeHost(freshDirectory());
	host.makeDirectory("\ufeffname");
	assert.deepEqual(host.list(""), [{ name: "\ufeffname", kind: "directory" }]);
});

test("a POSIX directory lists a link as other, and removes it without what it leads to", () => {
	const store = freshDirectory();
	const target = freshDirectory();
	fs.symlinkSync(target, join(store, "a.link"));
	const host = nodeHost(store);
	assert.deepEqual(host.list(""), [{ name: "a.link", kind: "other" }]);
	assert.isTrue(host.remove("a.link"));
	assert.isTrue(fs.existsSync(target));
});

test.runIf(process.platform !== "win32")(
	"a POSIX directory refuses a named pipe instead of waiting for its other end",
	() => {
		const store = freshDirectory();
		execFileSync("mkfifo", [join(store, "pipe")]);
		for (const mode of ["read", "write", "replace"] as const) {
			assert.throws(() => nodeHost(store).open("pipe", mode), /EINVAL/);
		}
	},
);

test("a POSIX directory answers at once, but for a sync that is not blocking", async () => {
	const store = freshDirectory();
	const blocking = await nodeHost(store, { sync: "blocking" }).open(
		"a",
		"replace",
	);
	assert.isUndefined(blocking?.sync());
	assert.isUndefined(blocking?.close());
	const pooled = await nodeHost(store).open("a", "write");
	const synced = pooled?.sync();
	assert.instanceOf(synced, Promise);
	await synced;
	assert.isUndefined(pooled?.close());
});

test("a POSIX directory continues reads and writes that the system cut short", async () => {
	await withTransfersOf(2, async ({ PosixDirectory }) => {
		const host = new PosixDirectory(freshDirectory());
		const file = await host.open("file", "replace");
		const parts = ["a", "bcd", "", "efghi"].map((part) => Buffer.from(part));
		await file?.write(parts, 1);
		const found = Buffer.alloc(12);
		assert.equal(await file?.read([found], 0), 10);
		assert.equal(found.toString(), "\0abcdefghi\0\0");
		await file?.close();
	});
});

test("a POSIX directory fails a write of which the system takes nothing", async () => {
	await withTransfersOf(0, async ({ PosixDirectory }) => {
		const host = new PosixDirectory(freshDirectory());
		const file = await host.open("file", "replace");
		assert.throws(() => file?.write([Buffer.from("a")], 0), /took 0 bytes/);
		await file?.close();
	});
});

test("a POSIX directory moves no more bytes at once than a call can count", async () => {
	const moved: number[] = [];
	const move = (length: number) => {
		moved.push(length);
		return length;
	};
	const readSync = (_: number, __: Uint8Array, ___: number, length: number) =>
		move(length);
	const writevSync = (_: number, parts: Uint8Array[]) => move(bytesOf(parts));
	const moves = { readSync, writeSync: readSync, writevSync };
	await withFileSystem(moves, async ({ PosixDirectory }) => {
		const host = new PosixDirectory(freshDirectory());
		const file = await host.open("file", "replace");
		const large = new Uint8Array(2 ** 31);
		const small = large.subarray(0, 9);
		const parts = [small, small, large, small, large.subarray(9)];
		await file?.write(parts, 0);
		const written = moved.reduce((sum, length) => sum + length, 0);
		assert.equal(written, bytesOf(parts));
		assert.equal(await file?.read([large], 0), large.length);
		await file?.close();
	});
	assert.isAtMost(Math.max(...moved), 2 ** 31 - 1);
});

test("a POSIX directory is made durable with the parents that it lacked", async () => {
	const parent = freshDirectory();
	const store = join(parent, "a", "b", "store");
	const paths = new Map<number, string>();
	const synced: (string | undefined)[] = [];
	const openSync = (path: string, flags: number) => {
		const fd = fs.openSync(path, flags);
		paths.set(fd, path);
		return fd;
	};
	const fsyncSync = (fd: number) => {
		synced.push(paths.get(fd));
		fs.fsyncSync(fd);
	};
	await withFileSystem({ openSync, fsyncSync }, async ({ PosixDirectory }) => {
		const host = new PosixDirectory(store, { sync: "blocking" });
		assert.isTrue(await host.makeDirectory(""));
		assert.deepEqual(synced, [
			parent,
			join(parent, "a"),
			join(parent, "a", "b"),
		]);
		assert.isFalse(await host.makeDirectory(""));
	});
});

test.runIf(fs.existsSync("/proc/self/fd"))(
	"a POSIX directory keeps no descriptor of what it refused or closed",
	async () => {
		const descriptors = () => fs.readdirSync("/proc/self/fd").length;
		const host = nodeHost(freshDirectory());
		const lock = await host.lock();
		const before = descriptors();
		for (let turn = 0; turn < 20; turn++) {
			assert.isUndefined(await host.lock());
			assert.throws(() => host.open("", "read"), /EISDIR/);
			await host.syncDirectory("");
			const file = await host.open("file", "replace");
			await Promise.all([file?.sync(), file?.close()]);
		}
		assert.equal(descriptors(), before);
		await lock?.release();
		assert.equal(descriptors(), before - 1);
	},
);

function freshDirectory(): string {
	const fresh = join(directory, `${++stores}`);
	fs.mkdirSync(fresh);
	return fresh;
}

/** A file system that moves no more than `most` bytes in a call. */
function withTransfersOf(most: number, body: PosixTest): Promise<void> {
	const readSync = (
		fd: number,
		target: Uint8Array,
		at: number,
		length: number,
		position: number,
	) => fs.readSync(fd, target, at, Math.min(length, most), position);
	const writeSync = (
		fd: number,
		part: Uint8Array,
		at: number,
		length: number,
		position: number,
	) => fs.writeSync(fd, part, at, Math.min(length, most), position);
	const writevSync = (fd: number, parts: Uint8Array[], position: number) => {
		const bytes = Buffer.concat(parts);
		return writeSync(fd, bytes, 0, bytes.length, position);
	};
	return withFileSystem({ readSync, writeSync, writevSync }, body);
}

function bytesOf(parts: readonly Uint8Array[]): number {
	return parts.reduce((sum, { length }) => sum + length, 0);
}

type PosixTest = (
	posix: typeof import("../../hosts/posix/posix-host.ts"),
) => Promise<void>;

/** The real file system, but for the calls that are given. */
async function withFileSystem(calls: object, body: PosixTest): Promise<void> {
	vi.resetModules();
	vi.doMock("node:fs", () => ({ ...fs, ...calls }));
	try {
		await body(await import("../../hosts/posix/posix-host.ts"));
	} finally {
		vi.doUnmock("node:fs");
		vi.resetModules();
	}
}
