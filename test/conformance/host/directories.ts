import { assert } from "chai";
import { assertFails, content, fill, type StoreTest } from "./text-files.ts";

export function directoryRows(test: StoreTest): void {
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
