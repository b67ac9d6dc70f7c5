import { assert } from "chai";
import { assertFails, content, fill, type StoreTest } from "./text-files.ts";

export function removalRows(test: StoreTest): void {
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

export function renamingRows(test: StoreTest): void {
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
	test("a rename onto a directory fails, and leaves what that holds", async (host) => {
		await fill(host, "source", "new");
		await host.makeDirectory("directory");
		await fill(host, "directory/inner", "held");
		await assertFails(() => host.rename("source", "directory"));
		assert.equal(await content(host, "directory/inner"), "held");
		assert.equal(await content(host, "source"), "new");
	});
	test("a rename that fails leaves the source", async (host) => {
		await fill(host, "source", "held");
		await host.makeDirectory("directory");
		await assertFails(() => host.rename("source", "missing/target"));
		await assertFails(() => host.rename("source", "directory"));
		assert.equal(await content(host, "source"), "held");
	});
}
