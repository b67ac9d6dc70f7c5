import { assert } from "chai";
import {
	assertSame,
	bytesOf,
	filled,
	textOf,
} from "../../support/runs/bytes.ts";
import {
	assertFails,
	assertRefuses,
	callUntyped,
} from "../../support/runs/failure.ts";
import { type Suite, storageTest } from "../../support/runs/suite.ts";

const MEBIBYTE = 1024 * 1024;

export function blobRows(suite: Suite): void {
	const test = storageTest(suite);

	test("a new blob is empty and returns what is written [test_open_and_write]", async (storage) => {
		const blob = await storage.open("partition", "name");
		assert.equal(blob.size, 0);
		await blob.write(0, bytesOf("hello world"));
		assert.equal(blob.size, 11);
		assert.equal(textOf(await blob.read(0, 11)), "hello world");
	});

	test("reads and writes of one blob at the same time all succeed [test_concurrent_access]", async (storage) => {
		const writer = await storage.open("partition", "name");
		const reader = await storage.open("partition", "name");
		await writer.write(0, bytesOf("concurrent write"));
		const [, found] = await Promise.all([
			writer.write(0, bytesOf("concurrent write")),
			reader.read(0, 16),
		]);
		assert.equal(textOf(found), "concurrent write");
	});

	test("ten mebibytes written at once are read at once [test_large_data]", async (storage) => {
		const blob = await storage.open("partition", "large");
		await blob.write(0, filled(10 * MEBIBYTE, 42));
		assertSame(await blob.read(0, 10 * MEBIBYTE), filled(10 * MEBIBYTE, 42));
	});

	test("a write over a part of a blob leaves the rest [test_overwrite_data]", async (storage) => {
		const blob = await storage.open("partition", "name");
		await blob.write(0, bytesOf("initial data"));
		await blob.write(8, bytesOf("overwrite"));
		assert.equal(textOf(await blob.read(0, 17)), "initial overwrite");
	});

	test("a read past the end fails and says where the end is [test_read_beyond_bound]", async (storage) => {
		const blob = await storage.open("partition", "name");
		await blob.write(0, bytesOf("hello"));
		const code = "ERR_BLOB_INSUFFICIENT_LENGTH";
		const error = await assertFails(code, () => blob.read(6, 10));
		assert.include(error.message, "blob insufficient length");
		assert.include(error.place, { offset: 6, expected: 16, found: 5 });
		await assertFails(code, () => blob.readInto(6, new Uint8Array(10)));
		await assertFails(code, () => blob.read(0, 6));
		await assertFails(code, () => blob.read(6, 0));
	});

	test("bytes at a large offset are found there, and zeros before them [test_write_at_large_offset]", async (storage) => {
		const blob = await storage.open("partition", "name");
		await blob.write(10_000, bytesOf("offset data"));
		assert.equal(blob.size, 10_011);
		assert.equal(textOf(await blob.read(10_000, 11)), "offset data");
		assertSame(await blob.read(0, 10_000), filled(10_000, 0));
	});

	test("writeSync keeps its own bytes without a sync, and writing none of them does nothing [test_write_at_sync]", async (storage) => {
		const blob = await storage.open("partition", "name");
		await blob.writeSync(1024, new Uint8Array());
		await blob.drop();
		const second = await storage.open("partition", "name");
		assert.equal(second.size, 0);
		await second.writeSync(0, bytesOf("hello"));
		await second.writeSync(5, [bytesOf(" "), bytesOf("world")]);
		await second.drop();
		const third = await storage.open("partition", "name");
		assert.equal(third.size, 11);
		assert.equal(textOf(await third.read(0, 11)), "hello world");
	});

	test("a write at the end appends [test_append_data]", async (storage) => {
		const blob = await storage.open("partition", "name");
		await blob.write(0, bytesOf("first"));
		await blob.write(5, bytesOf("second"));
		assert.equal(textOf(await blob.read(0, 11)), "firstsecond");
	});

	test("writes apart from each other are both found [test_sequential_read_write]", async (storage) => {
		const blob = await storage.open("partition", "name");
		await blob.write(0, bytesOf("first"));
		await blob.write(10, bytesOf("second"));
		assert.equal(textOf(await blob.read(0, 5)), "first");
		assert.equal(textOf(await blob.read(10, 6)), "second");
		assertSame(await blob.read(5, 5), filled(5, 0));
	});

	test("a blob written in large chunks is read in large chunks [test_sequential_chunk_read_write]", async (storage) => {
		const blob = await storage.open("partition", "name");
		for (let index = 0; index < 10; index += 1) {
			await blob.write(index * MEBIBYTE, filled(MEBIBYTE, 7));
		}
		for (let index = 0; index < 10; index += 1) {
			const found = await blob.read(index * MEBIBYTE, MEBIBYTE);
			assertSame(found, filled(MEBIBYTE, 7));
		}
	});

	test("an empty blob has nothing to read [test_read_empty_blob]", async (storage) => {
		const blob = await storage.open("partition", "name");
		const code = "ERR_BLOB_INSUFFICIENT_LENGTH";
		await assertFails(code, () => blob.read(0, 1));
		await assertFails(code, () => blob.readInto(0, new Uint8Array(1)));
	});

	test("the later of two overlapping writes counts where they overlap [test_overlapping_writes]", async (storage) => {
		const blob = await storage.open("partition", "name");
		await blob.write(0, bytesOf("overlap"));
		await blob.write(4, bytesOf("map"));
		assert.equal(textOf(await blob.read(0, 7)), "overmap");
	});

	test("a blob that was cut and synced is as short when opened again [test_resize_then_open]", async (storage) => {
		const blob = await storage.open("partition", "name");
		await blob.write(0, bytesOf("hello world"));
		await blob.resize(5);
		await blob.sync();
		await blob.drop();
		const reopened = await storage.open("partition", "name");
		assert.equal(reopened.size, 5);
		assert.equal(textOf(await reopened.read(0, 5)), "hello");
	});

	test("a blob grows with zeros, over what a cut took away", async (storage) => {
		const blob = await storage.open("partition", "name");
		await blob.write(0, bytesOf("hello world"));
		await blob.resize(5);
		await blob.resize(11);
		assert.equal(textOf(await blob.read(0, 11)), `hello${"\0".repeat(6)}`);
	});

	test("reading no bytes succeeds, at the end and in an empty blob [test_read_zero_length]", async (storage) => {
		const blob = await storage.open("partition", "name");
		assert.lengthOf(await blob.read(0, 0), 0);
		await blob.readInto(0, new Uint8Array());
		await blob.write(0, bytesOf("hello"));
		assert.lengthOf(await blob.read(5, 0), 0);
		await blob.readInto(5, []);
	});

	test("handles of one name share what is written, cut and synced", async (storage) => {
		const first = await storage.open("partition", "name");
		const second = await storage.open("partition", "name");
		await first.write(0, bytesOf("shared"));
		assert.equal(textOf(await second.read(0, 6)), "shared");
		await second.resize(3);
		assert.equal(first.size, 3);
		await second.close();
		assert.equal(textOf(await first.read(0, 3)), "sha");
	});

	test("an offset past what a number can address is refused before any I/O [test_blob_offset_overflow_guards]", async (storage) => {
		const blob = await storage.open("partition", "name");
		const last = Number.MAX_SAFE_INTEGER;
		const byte = new Uint8Array(1);
		for (const offset of [last, last - 8, 2 ** 53, 2 ** 64, Infinity]) {
			for (const call of [
				() => blob.read(offset, 1),
				() => blob.readInto(offset, byte),
				() => blob.write(offset, byte),
				() => blob.writeSync(offset, byte),
				() => blob.resize(offset + 1),
			]) {
				const error = await assertFails("ERR_OFFSET_OVERFLOW", call);
				assert.equal(error.message, "offset overflow");
			}
		}
		assert.equal(blob.size, 0);
	});

	test("what is no offset, no length or no bytes is refused before any I/O", async (storage) => {
		const blob = await storage.open("partition", "name");
		await blob.write(0, bytesOf("hello"));
		for (const wrong of [-1, 0.5, Number.NaN]) {
			await assertRefuses(RangeError, () => blob.read(wrong, 1));
			await assertRefuses(RangeError, () => blob.read(0, wrong));
			await assertRefuses(RangeError, () => blob.write(wrong, bytesOf("a")));
			await assertRefuses(RangeError, () => blob.resize(wrong));
		}
		await assertRefuses(TypeError, () => callUntyped(blob, "read", "0", 1));
		assert.equal(textOf(await blob.read(0, 5)), "hello");
	});
}
