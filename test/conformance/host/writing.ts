import { assert } from "chai";
import { withFile } from "../../support/hosts/raw-file.ts";
import {
	assertSame,
	bytesOf,
	pattern,
	textOf,
} from "../../support/runs/bytes.ts";
import { content, fill, type StoreTest, textIn } from "./text-files.ts";

export function writingRows(test: StoreTest): void {
	test("a write past the end fills the gap with zeros", async (host) => {
		await fill(host, "file", "ab");
		await withFile(host, "file", "write", async (file) => {
			await file.write([bytesOf("cd")], 5);
			assert.equal(await file.size(), 7);
		});
		assert.equal(await content(host, "file"), "ab\0\0\0cd");
	});
	test("a write across the end extends the file", async (host) => {
		await fill(host, "file", "abc");
		await withFile(host, "file", "write", async (file) => {
			await file.write([bytesOf("XYZ")], 2);
		});
		assert.equal(await content(host, "file"), "abXYZ");
	});
	test("the parts of a write follow each other, the empty ones too", async (host) => {
		await fill(host, "file", "..........");
		await withFile(host, "file", "write", async (file) => {
			const parts = ["", "a", "", "", "bcd", "ef", ""].map(bytesOf);
			await file.write(parts, 2);
		});
		assert.equal(await content(host, "file"), "..abcdef..");
	});
	test("a write of nothing changes nothing, past the end too", async (host) => {
		await fill(host, "file", "held");
		await withFile(host, "file", "write", async (file) => {
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
		await withFile(host, "file", "replace", async (file) => {
			await file.write(parts, 3);
			const found = new Uint8Array(written.length);
			assert.equal(await file.read([found], 3), written.length);
			assertSame(found, written);
			assert.equal(await file.size(), written.length + 3);
		});
	});
	test("a synced write is a write, also where it writes nothing", async (host) => {
		await fill(host, "file", "..........");
		await withFile(host, "file", "write", async (file) => {
			await file.write(["ab", "", "c"].map(bytesOf), 2, { synced: true });
			await file.write([], 99, { synced: true });
		});
		assert.equal(await content(host, "file"), "..abc.....");
	});
	test("a write keeps no view of its parts", async (host) => {
		await withFile(host, "file", "replace", async (file) => {
			const part = bytesOf("written");
			await file.write([part], 0);
			part.fill(0);
			assert.equal(await textIn(file), "written");
		});
	});
	test("views of linear memory are written and read", async (host) => {
		const { buffer } = new WebAssembly.Memory({ initial: 1 });
		await withFile(host, "file", "replace", async (file) => {
			new Uint8Array(buffer, 4096, 7).set(bytesOf("written"));
			await file.write([new Uint8Array(buffer, 4096, 7)], 0);
			const target = new Uint8Array(buffer, 8192, 7);
			assert.equal(await file.read([target], 0), 7);
			assert.equal(textOf(target), "written");
		});
	});
}
