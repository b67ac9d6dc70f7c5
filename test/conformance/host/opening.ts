import { assert } from "chai";
import { openAs, withFile } from "../../support/hosts/raw-file.ts";
import { bytesOf } from "../../support/runs/bytes.ts";
import {
	assertFails,
	content,
	fill,
	type StoreTest,
	textIn,
} from "./text-files.ts";

export function openingRows(test: StoreTest): void {
	for (const mode of ["read", "write"] as const) {
		test(`a missing file opened to ${mode} is undefined and stays missing`, async (host) => {
			assert.isUndefined(await host.open("file", mode));
			assert.isUndefined(await host.open("missing/file", mode));
			assert.deepEqual(await host.list(""), []);
		});
	}
	for (const mode of ["read", "write", "create", "replace"] as const) {
		test(`a directory is not opened to ${mode}`, async (host) => {
			await host.makeDirectory("directory");
			await assertFails(() => host.open("directory", mode));
			await assertFails(() => host.open("", mode));
			assert.deepEqual(await host.list("directory"), []);
		});
	}
	test("a file opened to write keeps what it holds", async (host) => {
		await fill(host, "file", "held");
		await withFile(host, "file", "write", async (file) => {
			await file.write([bytesOf("C")], 1);
		});
		assert.equal(await content(host, "file"), "hCld");
	});
	test("a created file is empty where there was none, and else keeps what it holds", async (host) => {
		await withFile(host, "file", "create", async (file) => {
			assert.equal(await file.size(), 0);
			await file.write([bytesOf("held")], 0);
		});
		await withFile(host, "file", "create", async (file) => {
			assert.equal(await textIn(file), "held");
			await file.write([bytesOf("C")], 1);
		});
		assert.equal(await content(host, "file"), "hCld");
	});
	test("a file is opened past the system's cache where the host has that, and else refused", async (host) => {
		if (!host.capabilities.directIO) {
			await assertFails(() => openAs(host, "file", "direct"));
			assert.deepEqual(await host.list(""), []);
			return;
		}
		await withFile(host, "file", "direct", async (file) => {
			assert.isAbove(file.traits.alignment, 1);
			assert.equal(await file.size(), 0);
		});
		await withFile(host, "file", "direct", (file) => file.allocate(4096));
		assert.equal((await content(host, "file")).length, 4096);
	});
	test("a replaced file is empty, whether or not there was one", async (host) => {
		await withFile(host, "file", "replace", async (file) => {
			assert.equal(await file.size(), 0);
			await file.write([bytesOf("old")], 0);
		});
		await withFile(host, "file", "replace", async (file) => {
			assert.equal(await file.size(), 0);
			assert.equal(await file.read([new Uint8Array(3)], 0), 0);
		});
		assert.equal(await content(host, "file"), "");
	});
	test("a replaced file can be read through the same handle", async (host) => {
		await withFile(host, "file", "replace", async (file) => {
			await file.write([bytesOf("written")], 0);
			assert.equal(await textIn(file), "written");
		});
	});
	test("a file in a missing directory is not made", async (host) => {
		await assertFails(() => host.open("missing/file", "replace"));
		assert.isUndefined(await host.list("missing"));
	});
	test("a file opened to read is never changed", async (host) => {
		await fill(host, "file", "held");
		await withFile(host, "file", "read", async (file) => {
			await assertFails(() => file.write([bytesOf("new")], 0));
			await assertFails(() => file.truncate(0));
			await assertFails(() => file.truncate(9));
		});
		assert.equal(await content(host, "file"), "held");
	});
}
