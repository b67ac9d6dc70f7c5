import { assert } from "chai";
import { test } from "vitest";
import { checkBytes } from "../../src/checks.ts";

/** So many calls that an engine optimises what they call. */
const CALLS = 400_000;
const ROUNDS = 5;

test("bytes whose buffer was transferred are refused by code that an engine has optimised, too", async () => {
	const options = { maxByteLength: 64 };
	const resizable = Reflect.construct(ArrayBuffer, [8, options]);
	const kinds = [
		new Uint8Array(5),
		new Uint8Array(0),
		Buffer.from("abc"),
		new Uint8Array(resizable, 0, 4),
	];
	for (let round = 0; round < ROUNDS; round += 1) {
		for (let call = 0; call < CALLS; call += 1) {
			checkBytes(kinds[call % kinds.length] ?? new Uint8Array(0));
		}
		// Optimised code comes from another thread.
		await new Promise((resolve) => setTimeout(resolve, 30));
	}
	const gone = new Uint8Array(4);
	structuredClone(gone.buffer, { transfer: [gone.buffer] });
	assert.throws(() => checkBytes(gone), TypeError, "transferred or cut");
});
