import { assert } from "chai";
import { test } from "vitest";
import { u8 } from "../../src/codec/index.ts";
import { Writer } from "../../src/codec/writer.ts";
import { Core } from "../../src/core/core.ts";
import { assertFails } from "../support/runs/failure.ts";

const MEBIBYTE = 1024 * 1024;

test("of cores that nobody uses 64 MiB are kept to be used again, and none that is larger", async () => {
	const large = await Core.load(80 * MEBIBYTE);
	retireMarked(large, 1);
	assert.equal(markOf(await Core.load(80 * MEBIBYTE)), 0);
	const cores = await Promise.all(
		Array.from({ length: 3 }, () => Core.load(30 * MEBIBYTE)),
	);
	for (const [index, core] of cores.entries()) {
		retireMarked(core, index + 1);
	}
	const again = await Promise.all(cores.map(() => Core.load(30 * MEBIBYTE)));
	assert.sameMembers(again.map(markOf), [1, 2, 0]);
});

test("a core that is used again holds nothing of its last user, who has no view of it", async () => {
	const size = 20 * MEBIBYTE;
	const first = await Core.load(size);
	const end = first.heapBase + 1000;
	const view = first.bytes(first.heapBase, end - first.heapBase);
	const writer = new Writer(first.bytes(0, first.memoryBytes));
	view.fill(7);
	retireMarked(first, 1, end);
	const second = await Core.load(size);
	assert.equal(markOf(second), 1);
	assert.equal(view.length, 0);
	writer.fill(end, 1, u8, 9);
	assert.equal(second.bytes(end, 1)[0], 0);
	assert.deepEqual(second.bytes(second.heapBase, 1000), new Uint8Array(1000));
});

test("a core that was given back is given back once, and refuses every call", async () => {
	const size = 10 * MEBIBYTE;
	const core = await Core.load(size);
	core.retire();
	core.retire();
	const [one, other] = [await Core.load(size), await Core.load(size)];
	one.write(one.heapBase, Uint8Array.of(1));
	other.write(other.heapBase, Uint8Array.of(2));
	assert.equal(one.bytes(one.heapBase, 1)[0], 1);
	await assertFails("ERR_CLOSED", () =>
		core.checksums.crc32c(core.heapBase, 1),
	);
	await assertFails("ERR_CLOSED", () => core.manifest.size(core.heapBase));
	assert.throws(() => core.bytes(core.heapBase, 1), TypeError);
	assert.throws(() => core.write(core.heapBase, Uint8Array.of(3)));
	assert.throws(() => core.move(core.heapBase + 1, core.heapBase, 1));
	assert.equal(one.bytes(one.heapBase, 1)[0], 1);
});

/** Behind what the next user finds zeroed. */
function retireMarked(core: Core, mark: number, end = core.heapBase): void {
	core.write(core.memoryBytes - 1, Uint8Array.of(mark));
	core.retire(end);
}

function markOf(core: Core): number | undefined {
	return core.bytes(core.memoryBytes - 1, 1)[0];
}
