import { assert } from "chai";
import { withFile } from "../../support/hosts/raw-file.ts";
import { bytesOf } from "../../support/runs/bytes.ts";
import { content, fill, type StoreTest, textIn } from "./text-files.ts";

export function truncatingRows(test: StoreTest): void {
	test("a truncation cuts", async (host) => {
		await fill(host, "file", "0123456789");
		await withFile(host, "file", "write", async (file) => {
			await file.truncate(4);
			assert.equal(await file.size(), 4);
		});
		assert.equal(await content(host, "file"), "0123");
	});
	test("a truncation past the end extends with zeros", async (host) => {
		await fill(host, "file", "ab");
		await withFile(host, "file", "write", (file) => file.truncate(5));
		assert.equal(await content(host, "file"), "ab\0\0\0");
	});
	test("what a truncation cut never comes back", async (host) => {
		await fill(host, "file", "secret");
		await withFile(host, "file", "write", async (file) => {
			await file.truncate(1);
			await file.truncate(4);
			assert.equal(await textIn(file), "s\0\0\0");
			await file.truncate(0);
			await file.write([bytesOf("!")], 5);
		});
		assert.equal(await content(host, "file"), "\0\0\0\0\0!");
	});
	test("a truncation to the same size changes nothing", async (host) => {
		await fill(host, "file", "same");
		await withFile(host, "file", "write", (file) => file.truncate(4));
		assert.equal(await content(host, "file"), "same");
	});
}
