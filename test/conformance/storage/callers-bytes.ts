import { assert } from "chai";
import { codec } from "../../../src/index.ts";
import { bytesOf, textOf } from "../../support/runs/bytes.ts";
import { assertRefuses } from "../../support/runs/failure.ts";
import { type Suite, storageTest } from "../../support/runs/suite.ts";

/** Memory that another may change or detach during a call. */
const KINDS: readonly [string, (text: string) => Uint8Array][] = [
	["shared", shared],
	["resizable", resizable],
];

export function callersBytesRows(suite: Suite): void {
	const test = storageTest(suite);

	for (const [kind, make] of KINDS) {
		test(`bytes in ${kind} memory are written, read and decoded as any others`, async (storage) => {
			const blob = await storage.open("partition", "name");
			await blob.write(0, make("written"));
			await blob.writeSync(7, [make(" and"), bytesOf(" synced")]);
			const target = make("........");
			const parts = [make("........"), new Uint8Array(10)];
			await blob.readInto(0, target);
			assert.equal(textOf(new Uint8Array(target)), "written ");
			await blob.readInto(0, parts);
			assert.deepEqual(
				parts.map((part) => textOf(new Uint8Array(part))),
				["written ", "and synced"],
			);
			const found = blob.tryReadInto(0, target);
			assert.isTrue(!found || textOf(new Uint8Array(target)) === "written ");
			assert.isUndefined(blob.failure);
			const coded = codec.encode(codec.string(), "text");
			const copy = make("-".repeat(coded.length));
			copy.set(coded);
			assert.equal(codec.decode(codec.string(), copy), "text");
		});
	}

	test("bytes whose buffer was transferred or cut are refused before anything is touched", async (storage) => {
		const blob = await storage.open("partition", "name");
		await blob.writeSync(0, bytesOf("held"));
		for (const gone of [transferred(), cut()]) {
			for (const call of [
				() => blob.write(0, gone),
				() => blob.writeSync(0, [bytesOf("a"), gone]),
				() => blob.readInto(0, gone),
				async () => blob.tryReadInto(0, gone),
				async () => codec.decode(codec.string(), gone),
			]) {
				await assertRefuses(TypeError, call, "transferred or cut");
			}
		}
		assert.isUndefined(blob.failure);
		assert.equal(textOf(await blob.read(0, blob.size)), "held");
	});
}

/** A page that is not isolated gets shared memory only from WebAssembly. */
function shared(text: string): Uint8Array {
	const memory = new WebAssembly.Memory({
		...{ initial: 1, maximum: 1, shared: true },
	});
	return filledWith(new Uint8Array(memory.buffer, 8, text.length), text);
}

function resizable(text: string): Uint8Array {
	return filledWith(new Uint8Array(resizableBuffer(text.length)), text);
}

function filledWith(bytes: Uint8Array, text: string): Uint8Array {
	bytes.set(bytesOf(text));
	return bytes;
}

function transferred(): Uint8Array {
	const bytes = bytesOf("gone");
	structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
	return bytes;
}

/** A view past the end of its buffer. */
function cut(): Uint8Array {
	const buffer = resizableBuffer(8);
	const bytes = new Uint8Array(buffer, 4, 4);
	Reflect.apply(Reflect.get(buffer, "resize"), buffer, [2]);
	return bytes;
}

/** This library's types do not know them yet. */
function resizableBuffer(length: number): ArrayBuffer {
	const options = { maxByteLength: 64 };
	return Reflect.construct(ArrayBuffer, [length, options]);
}
