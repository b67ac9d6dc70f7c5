import { assert } from "chai";
import type { Awaitable, Host, HostFile, OpenMode } from "../../src/host.ts";

export type Test = (name: string, body: () => Promise<void> | void) => void;

export interface HostSuite {
	readonly test: Test;
	/** A host whose store's directory is missing, and which no other test sees. */
	readonly createHost: () => Awaitable<Host>;
}

/** What the engine relies on in every host. */
export function hostConformance({ test, createHost }: HostSuite): void {
	const onStore = (name: string, body: (host: Host) => Promise<void>) =>
		test(name, async () => {
			const host = await createHost();
			await host.makeDirectory("");
			await body(host);
		});

	test("the store's own directory is missing until it is made", async () => {
		const host = await createHost();
		assert.isUndefined(await host.list(""));
		assert.isUndefined(await host.open("file", "read"));
		assert.isTrue(await host.makeDirectory(""));
		assert.isFalse(await host.makeDirectory(""));
		assert.deepEqual(await host.list(""), []);
	});
	openModes(onStore);
	reads(onStore);
	writes(onStore);
	truncations(onStore);
	syncs(onStore);
	directories(onStore);
	removals(onStore);
	renames(onStore);
	openHandles(onStore);
	locks(onStore);
}

type StoreTest = (name: string, body: (host: Host) => Promise<void>) => void;

function openModes(test: StoreTest): void {
	for (const mode of ["read", "write"] as const) {
		test(`a missing file opened to ${mode} is undefined and stays missing`, async (host) => {
			assert.isUndefined(await host.open("file", mode));
			assert.isUndefined(await host.open("missing/file", mode));
			assert.deepEqual(await host.list(""), []);
		});
	}
	for (const mode of ["read", "write", "replace"] as const) {
		test(`a directory is not opened to ${mode}`, async (host) => {
			await host.makeDirectory("directory");
			await assertFails(() => host.open("directory", mode));
			await assertFails(() => host.open("", mode));
			assert.deepEqual(await host.list("directory"), []);
		});
	}
	test("a file opened to write keeps what it holds", async (host) => {
		await fill(host, "file", "held");
		await using(host, "file", "write", async (file) => {
			await file.write([bytes("C")], 1);
		});
		assert.equal(await content(host, "file"), "hCld");
	});
	test("a replaced file is empty, whether or not there was one", async (host) => {
		await using(host, "file", "replace", async (file) => {
			assert.equal(await file.size(), 0);
			await file.write([bytes("old")], 0);
		});
		await using(host, "file", "replace", async (file) => {
			assert.equal(await file.size(), 0);
			assert.equal(await file.read(new Uint8Array(3), 0), 0);
		});
		assert.equal(await content(host, "file"), "");
	});
	test("a replaced file can be read through the same handle", async (host) => {
		await using(host, "file", "replace", async (file) => {
			await file.write([bytes("written")], 0);
			assert.equal(await text(file), "written");
		});
	});
	test("a file in a missing directory is not made", async (host) => {
		await assertFails(() => host.open("missing/file", "replace"));
		assert.isUndefined(await host.list("missing"));
	});
	test("a file opened to read is never changed", async (host) => {
		await fill(host, "file", "held");
		await using(host, "file", "read", async (file) => {
			await assertFails(() => file.write([bytes("new")], 0));
			await assertFails(() => file.truncate(0));
			await assertFails(() => file.truncate(9));
		});
		assert.equal(await content(host, "file"), "held");
	});
}

function reads(test: StoreTest): void {
	test("a read is short at the end of the file only", async (host) => {
		await fill(host, "file", "0123456789");
		await using(host, "file", "read", async (file) => {
			for (const [offset, length, expected] of [
				[0, 4, "0123"],
				[6, 4, "6789"],
				[8, 4, "89"],
				[10, 4, ""],
				[99, 4, ""],
				[3, 0, ""],
			] as const) {
				const target = new Uint8Array(length);
				const count = await file.read(target, offset);
				assert.equal(decode(target.subarray(0, count)), expected);
			}
		});
	});
	test("a read fills its target and nothing around it", async (host) => {
		await fill(host, "file", "0123456789");
		await using(host, "file", "read", async (file) => {
			const around = bytes("--------");
			assert.equal(await file.read(around.subarray(2, 6), 9), 1);
			assert.equal(decode(around), "--9-----");
			assert.equal(await file.read(around.subarray(2, 6), 1), 4);
			assert.equal(decode(around), "--1234--");
		});
	});
	test("a read of many bytes is whole", async (host) => {
		const written = pattern(3_000_001);
		await using(host, "file", "replace", async (file) => {
			await file.write([written], 0);
			const found = new Uint8Array(written.length + 1);
			assert.equal(await file.read(found, 0), written.length);
			assertSame(found.subarray(0, written.length), written);
		});
	});
	test("handles of one file see each other's writes", async (host) => {
		await fill(host, "file", "old");
		await using(host, "file", "read", async (reader) => {
			await using(host, "file", "write", async (writer) => {
				await writer.write([bytes("news")], 0);
				assert.equal(await text(reader), "news");
				await writer.truncate(1);
				assert.equal(await reader.size(), 1);
			});
		});
	});
}

function writes(test: StoreTest): void {
	test("a write past the end fills the gap with zeros", async (host) => {
		await fill(host, "file", "ab");
		await using(host, "file", "write", async (file) => {
			await file.write([bytes("cd")], 5);
			assert.equal(await file.size(), 7);
		});
		assert.equal(await content(host, "file"), "ab\0\0\0cd");
	});
	test("a write across the end extends the file", async (host) => {
		await fill(host, "file", "abc");
		await using(host, "file", "write", async (file) => {
			await file.write([bytes("XYZ")], 2);
		});
		assert.equal(await content(host, "file"), "abXYZ");
	});
	test("the parts of a write follow each other, the empty ones too", async (host) => {
		await fill(host, "file", "..........");
		await using(host, "file", "write", async (file) => {
			const parts = ["", "a", "", "", "bcd", "ef", ""].map(bytes);
			await file.write(parts, 2);
		});
		assert.equal(await content(host, "file"), "..abcdef..");
	});
	test("a write of nothing changes nothing, past the end too", async (host) => {
		await fill(host, "file", "held");
		await using(host, "file", "write", async (file) => {
			await file.write([], 0);
			await file.write([], 99);
			await file.write([new Uint8Array(0), new Uint8Array(0)], 99);
			assert.equal(await file.size(), 4);
		});
		assert.equal(await content(host, "file"), "held");
	});
	test("a write takes more parts than one system call", async (host) => {
		const written = pattern(2500 * 7);
		const parts = Array.from({ length: 2500 }, (_, index) =>
			written.subarray(index * 7, index * 7 + 7),
		);
		await using(host, "file", "replace", async (file) => {
			await file.write(parts, 3);
			const found = new Uint8Array(written.length);
			assert.equal(await file.read(found, 3), written.length);
			assertSame(found, written);
			assert.equal(await file.size(), written.length + 3);
		});
	});
	test("a write keeps no view of its parts", async (host) => {
		await using(host, "file", "replace", async (file) => {
			const part = bytes("written");
			await file.write([part], 0);
			part.fill(0);
			assert.equal(await text(file), "written");
		});
	});
	test("views of linear memory are written and read", async (host) => {
		const { buffer } = new WebAssembly.Memory({ initial: 1 });
		await using(host, "file", "replace", async (file) => {
			new Uint8Array(buffer, 4096, 7).set(bytes("written"));
			await file.write([new Uint8Array(buffer, 4096, 7)], 0);
			const target = new Uint8Array(buffer, 8192, 7);
			assert.equal(await file.read(target, 0), 7);
			assert.equal(decode(target), "written");
		});
	});
}

function truncations(test: StoreTest): void {
	test("a truncation cuts", async (host) => {
		await fill(host, "file", "0123456789");
		await using(host, "file", "write", async (file) => {
			await file.truncate(4);
			assert.equal(await file.size(), 4);
		});
		assert.equal(await content(host, "file"), "0123");
	});
	test("a truncation past the end extends with zeros", async (host) => {
		await fill(host, "file", "ab");
		await using(host, "file", "write", (file) => file.truncate(5));
		assert.equal(await content(host, "file"), "ab\0\0\0");
	});
	test("what a truncation cut never comes back", async (host) => {
		await fill(host, "file", "secret");
		await using(host, "file", "write", async (file) => {
			await file.truncate(1);
			await file.truncate(4);
			assert.equal(await text(file), "s\0\0\0");
			await file.truncate(0);
			await file.write([bytes("!")], 5);
		});
		assert.equal(await content(host, "file"), "\0\0\0\0\0!");
	});
	test("a truncation to the same size changes nothing", async (host) => {
		await fill(host, "file", "same");
		await using(host, "file", "write", (file) => file.truncate(4));
		assert.equal(await content(host, "file"), "same");
	});
}

function syncs(test: StoreTest): void {
	test("a sync settles after writes, truncations and nothing", async (host) => {
		await using(host, "file", "replace", async (file) => {
			await file.sync();
			await file.write([bytes("written")], 0);
			await file.truncate(3);
			await file.sync();
			await file.sync();
		});
		assert.equal(await content(host, "file"), "wri");
	});
	test("syncs of one file overlap", async (host) => {
		await using(host, "file", "replace", async (file) => {
			await file.write([bytes("written")], 0);
			await Promise.all([file.sync(), file.sync(), file.sync()]);
		});
	});
	test("a file closed during its sync is synced", async (host) => {
		const file = await opened(host, "file", "replace");
		await file.write([bytes("written")], 0);
		await Promise.all([file.sync(), file.close()]);
		assert.equal(await content(host, "file"), "written");
	});
	test("directories are synced, a missing one is an error", async (host) => {
		await host.makeDirectory("directory");
		await host.syncDirectory("directory");
		await host.syncDirectory("");
		await assertFails(() => host.syncDirectory("missing"));
	});
}

function directories(test: StoreTest): void {
	test("making a directory says whether it was missing", async (host) => {
		assert.isTrue(await host.makeDirectory("directory"));
		await fill(host, "directory/file", "held");
		assert.isFalse(await host.makeDirectory("directory"));
		assert.equal(await content(host, "directory/file"), "held");
	});
	test("no directory is made where a file is", async (host) => {
		await fill(host, "file", "held");
		await assertFails(() => host.makeDirectory("file"));
		assert.equal(await content(host, "file"), "held");
	});
	test("no directory is made in a missing one", async (host) => {
		await assertFails(() => host.makeDirectory("missing/directory"));
		assert.isUndefined(await host.list("missing"));
	});
	test("a list names the entries of one directory by kind", async (host) => {
		await fill(host, "file", "");
		await host.makeDirectory("directory");
		await fill(host, "directory/inner", "");
		assert.sameDeepMembers((await host.list("")) ?? [], [
			{ name: "file", kind: "file" },
			{ name: "directory", kind: "directory" },
		]);
		assert.deepEqual(await host.list("directory"), [
			{ name: "inner", kind: "file" },
		]);
	});
	test("a list keeps names as they were given", async (host) => {
		const names = ["UPPER", "upper", "with space", "ümlaut", "雪", ".hidden"];
		for (const name of names) {
			await fill(host, name, name);
		}
		const listed = (await host.list("")) ?? [];
		assert.sameMembers(
			listed.map(({ name }) => name),
			names,
		);
		assert.equal(await content(host, "雪"), "雪");
	});
	test("the list of a missing directory is undefined", async (host) => {
		assert.isUndefined(await host.list("missing"));
		assert.isUndefined(await host.list("missing/directory"));
	});
	test("the list of a file is an error", async (host) => {
		await fill(host, "file", "");
		await assertFails(() => host.list("file"));
	});
}

function removals(test: StoreTest): void {
	test("removing a file says whether there was one", async (host) => {
		await fill(host, "file", "held");
		assert.isTrue(await host.remove("file"));
		assert.isFalse(await host.remove("file"));
		assert.isUndefined(await host.open("file", "read"));
		assert.isFalse(await host.remove("missing/file"));
	});
	test("removing a directory removes all it holds", async (host) => {
		await host.makeDirectory("directory");
		await host.makeDirectory("directory/inner");
		await fill(host, "directory/inner/file", "held");
		await fill(host, "other", "held");
		assert.isTrue(await host.remove("directory"));
		assert.isFalse(await host.remove("directory"));
		assert.deepEqual(await host.list(""), [{ name: "other", kind: "file" }]);
	});
	test("a name is free again once removed", async (host) => {
		await fill(host, "name", "file");
		await host.remove("name");
		assert.isTrue(await host.makeDirectory("name"));
		await host.remove("name");
		await fill(host, "name", "new");
		assert.equal(await content(host, "name"), "new");
	});
}

function renames(test: StoreTest): void {
	test("a rename replaces its target whole", async (host) => {
		await host.makeDirectory("directory");
		await fill(host, "directory/target", "longer than the source");
		await fill(host, "source", "new");
		await host.rename("source", "directory/target");
		assert.equal(await content(host, "directory/target"), "new");
		assert.isUndefined(await host.open("source", "read"));
	});
	test("a rename needs no target", async (host) => {
		await fill(host, "source", "new");
		await host.rename("source", "target");
		assert.equal(await content(host, "target"), "new");
		assert.lengthOf((await host.list("")) ?? [], 1);
	});
	test("a rename of a missing file leaves the target", async (host) => {
		await fill(host, "target", "held");
		await assertFails(() => host.rename("source", "target"));
		assert.equal(await content(host, "target"), "held");
	});
	test("a rename that fails leaves the source", async (host) => {
		await fill(host, "source", "held");
		await host.makeDirectory("directory");
		await assertFails(() => host.rename("source", "missing/target"));
		await assertFails(() => host.rename("source", "directory"));
		assert.equal(await content(host, "source"), "held");
	});
}

function openHandles(test: StoreTest): void {
	const whileOpen = (
		name: string,
		body: (host: Host, handle: HostFile) => Promise<void>,
	) =>
		test(name, async (host) => {
			if (host.capabilities.removeOpenFile) {
				await host.makeDirectory("directory");
				await fill(host, "directory/file", "own");
				await using(host, "directory/file", "write", (handle) =>
					body(host, handle),
				);
			}
		});

	whileOpen(
		"a removed file stays readable where it is open",
		async (host, handle) => {
			await host.remove("directory/file");
			assert.equal(await text(handle), "own");
			await handle.sync();
		},
	);
	whileOpen(
		"the file of a removed directory stays readable where it is open",
		async (host, handle) => {
			await host.remove("directory");
			assert.equal(await text(handle), "own");
		},
	);
	whileOpen(
		"a new file of a removed one's name is another file",
		async (host, handle) => {
			await host.remove("directory/file");
			await fill(host, "directory/file", "another");
			assert.equal(await text(handle), "own");
			await handle.write([bytes("OWN")], 0);
			assert.equal(await content(host, "directory/file"), "another");
		},
	);
	whileOpen(
		"a file that a rename replaced stays readable where it is open",
		async (host, handle) => {
			await fill(host, "source", "new");
			await host.rename("source", "directory/file");
			assert.equal(await text(handle), "own");
			assert.equal(await content(host, "directory/file"), "new");
		},
	);
	whileOpen(
		"a renamed file is the same file where it is open",
		async (host, handle) => {
			await host.rename("directory/file", "moved");
			await handle.write([bytes("moved")], 0);
			assert.equal(await content(host, "moved"), "moved");
		},
	);
}

function locks(test: StoreTest): void {
	test("a store has one holder, until the lock is released", async (host) => {
		for (let turn = 0; turn < 3; turn++) {
			const lock = await host.lock();
			assert.isUndefined(await host.lock());
			assert.isUndefined(await host.lock());
			await lock?.release();
		}
		const lock = await host.lock();
		assert.isDefined(lock);
		await lock?.release();
	});
	test("a lock leaves no entry in the store", async (host) => {
		const lock = await host.lock();
		assert.deepEqual(await host.list(""), []);
		await lock?.release();
		assert.deepEqual(await host.list(""), []);
	});
}

async function opened(
	host: Host,
	path: string,
	mode: OpenMode,
): Promise<HostFile> {
	const file = await host.open(path, mode);
	assert.isDefined(file, `${path} is there to ${mode}`);
	return file;
}

async function using(
	host: Host,
	path: string,
	mode: OpenMode,
	body: (file: HostFile) => Awaitable<void>,
): Promise<void> {
	const file = await opened(host, path, mode);
	try {
		await body(file);
	} finally {
		await file.close();
	}
}

function fill(host: Host, path: string, held: string): Promise<void> {
	return using(host, path, "replace", (file) => file.write([bytes(held)], 0));
}

async function content(host: Host, path: string): Promise<string> {
	let found = "";
	await using(host, path, "read", async (file) => {
		found = await text(file);
	});
	return found;
}

async function text(file: HostFile): Promise<string> {
	const found = new Uint8Array(await file.size());
	assert.equal(await file.read(found, 0), found.length);
	return decode(found);
}

/** A host that answers at once fails at once, others reject. */
async function assertFails(call: () => Awaitable<unknown>): Promise<void> {
	const failure: unknown = await Promise.resolve()
		.then(call)
		.then(
			() => undefined,
			(error: unknown) => error,
		);
	assert.instanceOf(failure, Error);
}

/** Compares without printing millions of bytes when they differ. */
function assertSame(found: Uint8Array, expected: Uint8Array): void {
	assert.equal(found.length, expected.length);
	const differs = found.findIndex((byte, index) => byte !== expected[index]);
	assert.equal(differs, -1, "the first byte that differs");
}

/** Bytes of which no run repeats at a power of two. */
function pattern(length: number): Uint8Array {
	return Uint8Array.from({ length }, (_, index) => index % 251);
}

function bytes(string: string): Uint8Array {
	return new TextEncoder().encode(string);
}

function decode(found: Uint8Array): string {
	return new TextDecoder().decode(found);
}
