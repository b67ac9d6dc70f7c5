import { assert } from "chai";
import { test } from "vitest";
import { Core } from "../../src/core/core.ts";
import { ValueMemory } from "../../src/paged/value-memory.ts";

const PIECE_BYTES = 64 * 1024;
const PIECES = 3;

test("however small values are, a piece of memory has a bounded number of those that were read lately", async () => {
	const core = await Core.load(2 ** 20);
	let pieces = 0;
	const memory = new ValueMemory(core, {
		pieceBytes: PIECE_BYTES,
		more: () => {
			pieces += 1;
			const address = core.heapBase + (pieces - 1) * PIECE_BYTES;
			return pieces <= PIECES ? address : undefined;
		},
	});
	const values = memory.valuesOfBlob();
	for (let offset = 0; offset < 10_000; offset += 1) {
		values.put(offset, Uint8Array.of(offset));
		values.put(10_000 + offset, new Uint8Array());
	}
	const isThere = (offset: number) => values.get(offset, 1) !== undefined;
	const kept = Array.from({ length: 10_000 }, (_, offset) => offset);
	assert.isTrue(isThere(9_999));
	assert.lengthOf(kept.filter(isThere), (PIECES - 1) * 1024 + (10_000 % 1024));
	assert.isUndefined(values.get(10_000, 0));
});
