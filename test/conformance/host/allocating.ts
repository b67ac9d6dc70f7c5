import { assert } from "chai";
import { withFile } from "../../support/hosts/raw-file.ts";
import { assertFails, content, fill, type StoreTest } from "./text-files.ts";

export function allocatingRows(test: StoreTest): void {
	test("an allocation extends with zeros, and keeps what there is", async (host) => {
		await fill(host, "file", "ab");
		await withFile(host, "file", "write", async (file) => {
			assert.isBoolean(await file.allocate(5));
			assert.equal(await file.size(), 5);
		});
		assert.equal(await content(host, "file"), "ab\0\0\0");
	});
	test("an allocation of less than there is changes nothing", async (host) => {
		await fill(host, "file", "same");
		await withFile(host, "file", "write", async (file) => {
			await file.allocate(2);
			await file.allocate(4);
		});
		assert.equal(await content(host, "file"), "same");
	});
	test("nothing is allocated for a file opened to read", async (host) => {
		await fill(host, "file", "held");
		await withFile(host, "file", "read", async (file) => {
			await assertFails(() => file.allocate(8));
		});
		assert.equal(await content(host, "file"), "held");
	});
}
