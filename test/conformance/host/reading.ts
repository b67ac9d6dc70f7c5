import { assert } from "chai";
import { withFile } from "../../support/hosts/raw-file.ts";
import {
	assertSame,
	bytesOf,
	pattern,
	textOf,
} from "../../support/runs/bytes.ts";
import { fill, type StoreTest, textIn } from "./text-files.ts";

export function readingRows(test: StoreTest): void {
	test("a read is short at the end of the file only", async (host) => {
		await fill(host, "file", "0123456789");
		await withFile(host, "file", "read", async (file) => {
			for (const [offset, length, expected] of [
				[0, 4, "0123"],
				[6, 4, "6789"],
				[8, 4, "89"],
				[10, 4, ""],
				[99, 4, ""],
				[3, 0, ""],
			] as const) {
				const target = new Uint8Array(length);
				const count = await file.read([target], offset);
				assert.equal(textOf(target.subarray(0, count)), expected);
			}
		});
	});
	test("a read fills its target and nothing around it", async (host) => {
		await fill(host, "file", "0123456789");
		await withFile(host, "file", "read", async (file) => {
			const around = bytesOf("--------");
			assert.equal(await file.read([around.subarray(2, 6)], 9), 1);
			assert.equal(textOf(around), "--9-----");
			assert.equal(await file.read([around.subarray(2, 6)], 1), 4);
			assert.equal(textOf(around), "--1234--");
		});
	});
	test("the targets of a read are filled one after the other, the empty ones too, as far as the file goes", async (host) => {
		await fill(host, "file", "0123456789");
		await withFile(host, "file", "read", async (file) => {
			for (const [offset, expected] of [
				[0, "012345"],
				[3, "345678"],
				[6, "6789"],
				[8, "89"],
				[10, ""],
			] as const) {
				const whole = new Uint8Array(6);
				const targets = [
					[0, 0],
					[0, 1],
					[1, 1],
					[1, 4],
					[4, 6],
					[6, 6],
				];
				const count = await file.read(
					targets.map(([from, to]) => whole.subarray(from, to)),
					offset,
				);
				assert.equal(textOf(whole.subarray(0, count)), expected);
			}
			assert.equal(await file.read([], 0), 0);
		});
	});
	test("a read takes more targets than one system call", async (host) => {
		const written = pattern(2500 * 7);
		const found = new Uint8Array(written.length);
		const targets = Array.from({ length: 2500 }, (_, index) =>
			found.subarray(index * 7, index * 7 + 7),
		);
		await withFile(host, "file", "replace", async (file) => {
			await file.write([written], 3);
			assert.equal(await file.read(targets, 3), written.length);
			assertSame(found, written);
			assert.equal(await file.read(targets, 10), written.length - 7);
		});
	});
	test("a read of many bytes is whole", async (host) => {
		const written = pattern(3_000_001);
		await withFile(host, "file", "replace", async (file) => {
			await file.write([written], 0);
			const found = new Uint8Array(written.length + 1);
			assert.equal(await file.read([found], 0), written.length);
			assertSame(found.subarray(0, written.length), written);
		});
	});
	test("handles of one file see each other's writes", async (host) => {
		await fill(host, "file", "old");
		await withFile(host, "file", "read", async (reader) => {
			await withFile(host, "file", "write", async (writer) => {
				await writer.write([bytesOf("news")], 0);
				assert.equal(await textIn(reader), "news");
				await writer.truncate(1);
				assert.equal(await reader.size(), 1);
			});
		});
	});
}
