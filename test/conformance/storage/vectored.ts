import { assert } from "chai";
import { InterceptedHost } from "../../support/hosts/intercepted-host.ts";
import {
	assertSame,
	bytesOf,
	filled,
	joined,
	pattern,
	textOf,
} from "../../support/runs/bytes.ts";
import { assertRefuses, callUntyped } from "../../support/runs/failure.ts";
import {
	hostTest,
	type Suite,
	storageTest,
	withStorage,
} from "../../support/runs/suite.ts";

export function vectoredRows(suite: Suite): void {
	const test = storageTest(suite);
	const onHost = hostTest(suite);

	test("many parts are written as one run, the empty ones among them too [test_vectored_write_at]", async (storage) => {
		const blob = await storage.open("partition", "name");
		await blob.write(0, ["hello", " ", "world"].map(bytesOf));
		assert.equal(textOf(await blob.read(0, 11)), "hello world");
		await blob.write(0, ["", "HEL", "", "", "LO", ""].map(bytesOf));
		assert.equal(textOf(await blob.read(0, 11)), "HELLO world");
		const parts = chunks();
		await blob.write(0, parts);
		const whole = joined(...parts);
		assertSame(await blob.read(0, whole.length), whole);
	});

	test("many parts at a large offset leave zeros before them [test_vectored_write_at_large_offset]", async (storage) => {
		const blob = await storage.open("partition", "name");
		const parts = chunks();
		const whole = joined(...parts);
		await blob.write(5000, parts);
		assertSame(await blob.read(5000, whole.length), whole);
		assertSame(await blob.read(0, 5000), filled(5000, 0));
	});

	onHost(
		"many parts arrive whole where the host moves a few bytes at a time [test_vectored_write_partial_progress]",
		async (host) => {
			const slow = new InterceptedHost(host, {
				write: async (_path, { parts, offset, file }) => {
					const whole = joined(...parts);
					for (let at = 0; at < whole.length; at += 7) {
						await file.write([whole.subarray(at, at + 7)], offset + at);
					}
				},
			});
			await withStorage(slow, async (storage) => {
				const blob = await storage.open("partition", "name");
				const parts = chunks();
				await blob.write(3, parts);
				const whole = joined(...parts);
				assertSame(await blob.read(3, whole.length), whole);
			});
		},
	);

	onHost(
		"reading or writing no bytes asks nothing of the host [test_zero_length_read_and_write_short_circuit]",
		async (host) => {
			const watched = new InterceptedHost(host);
			await withStorage(watched, async (storage) => {
				const blob = await storage.open("partition", "name");
				await blob.write(0, bytesOf("hello"));
				const calls: string[] = [];
				watched.hooks = {
					write: (_path, _write, call) => {
						calls.push("write");
						return call();
					},
					sync: (_path, call) => {
						calls.push("sync");
						return call();
					},
				};
				await blob.write(99, new Uint8Array());
				await blob.writeSync(99, [new Uint8Array(), new Uint8Array()]);
				await blob.readInto(2, []);
				assert.deepEqual(calls, []);
				assert.equal(blob.size, 5);
			});
		},
	);

	test("readInto fills the caller's own buffers, in their order [test_read_at_buf_returns_same_buffer, test_read_at_buf_preserves_multichunk_layout]", async (storage) => {
		const blob = await storage.open("partition", "name");
		await blob.write(0, bytesOf("hello world"));
		const single = new Uint8Array(11);
		await blob.readInto(0, single);
		assert.equal(textOf(single), "hello world");
		const parts = [new Uint8Array(5), new Uint8Array(6)];
		await blob.readInto(0, parts);
		assert.deepEqual(parts.map(textOf), ["hello", " world"]);
		const [first, second] = [new Uint8Array(2), new Uint8Array(2)];
		await blob.readInto(0, [first.subarray(0, 2), second.subarray(2)]);
		assert.equal(textOf(first), "he");
		assertSame(second, filled(2, 0));
	});

	test("readInto reads no more than its buffers hold [test_read_at_buf_insufficient_capacity]", async (storage) => {
		const blob = await storage.open("partition", "name");
		await blob.write(0, bytesOf("hello world"));
		for (const sizes of [[5], [4, 4]]) {
			const buffers = sizes.map(() => filled(64, 0xaa));
			const parts = buffers.map((buffer, at) =>
				buffer.subarray(16, 16 + (sizes[at] ?? 0)),
			);
			await blob.readInto(0, parts);
			const held = sizes.reduce((sum, size) => sum + size, 0);
			assert.equal(parts.map(textOf).join(""), "hello world".slice(0, held));
			for (const [at, buffer] of buffers.entries()) {
				const end = 16 + (sizes[at] ?? 0);
				assertSame(buffer.subarray(0, 16), filled(16, 0xaa));
				assertSame(buffer.subarray(end), filled(64 - end, 0xaa));
			}
		}
	});

	test("readInto fills a view of a larger buffer and nothing beside it [test_read_at_buf_larger_capacity]", async (storage) => {
		const blob = await storage.open("partition", "name");
		await blob.write(0, bytesOf("hello world"));
		for (const length of [11, 5]) {
			const buffer = filled(64, 0xaa);
			await blob.readInto(0, buffer.subarray(0, length));
			assert.equal(
				textOf(buffer.subarray(0, length)),
				"hello world".slice(0, length),
			);
			assertSame(buffer.subarray(length), filled(64 - length, 0xaa));
		}
	});

	test("what is no buffer and no array of buffers is refused before any I/O", async (storage) => {
		const blob = await storage.open("partition", "name");
		await blob.write(0, bytesOf("hello"));
		for (const wrong of ["text", [bytesOf("a"), "b"], 7, null]) {
			for (const method of ["write", "writeSync", "readInto"]) {
				await assertRefuses(TypeError, () =>
					callUntyped(blob, method, 0, wrong),
				);
			}
		}
		assert.equal(textOf(await blob.read(0, 5)), "hello");
	});
}

/** 128 parts of 0, 1, 2 … bytes. */
function chunks(): Uint8Array[] {
	return Array.from({ length: 128 }, (_, index) => pattern(index, index));
}
