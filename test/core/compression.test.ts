import { assert } from "chai";
import { test } from "vitest";
import { memoryHost } from "../../hosts/memory.ts";
import {
	frameSizeMax,
	readFrame,
	withSmallWindow,
} from "../../src/compression/frame.ts";
import { LibraryZstd } from "../../src/compression/library.ts";
import { loadZstd } from "../../src/compression/zstd.ts";
import { framedZeros } from "../support/oracles/zstd-frames.ts";
import { ZSTDS } from "../support/oracles/zstds.ts";
import { toHex } from "../support/runs/bytes.ts";

for (const [name, zstd] of ZSTDS) {
	test(`${name} makes one frame within the bound, of any level`, () => {
		// Around what zlib takes at a time at least, and several of what it takes at most.
		for (const size of [0, 1, 50, 55, 64, 65, 256, 66_000, 300_000]) {
			for (const level of [1, 3, 22]) {
				const content = noise(size);
				const bytes = zstd.compress(content, level);
				const frame = readFrame(bytes);
				assert.equal(frame.contentSize ?? size, size);
				assert.isAtMost(bytes.length, frameSizeMax(size));
				const found = zstd.decompress(frame, size);
				assert.equal(toHex(found), toHex(content));
				assert.equal(found.byteOffset, 0);
			}
		}
	});
}

test("a window of a terabyte is asked of no decoder", () => {
	const bytes = framedZeros(1000, { window: 31 });
	const frame = readFrame(bytes);
	const small = withSmallWindow(frame, 1000);
	assert.equal(small[5], 7 << 3);
	for (const [name, zstd] of ZSTDS) {
		assert.equal(zstd.decompress(frame, 1000).length, 1000, name);
	}
});

test("a host's own zstd is used before the library", async () => {
	assert.isTrue((await loadZstd(memoryHost())) instanceof LibraryZstd);
	const zstd = await LibraryZstd.load();
	const own = Object.assign(memoryHost(), { loadZstd: () => zstd });
	assert.equal(await loadZstd(own), zstd);
});

function noise(size: number): Uint8Array {
	let state = 1;
	return Uint8Array.from({ length: size }, () => {
		state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
		return state >>> 24;
	});
}
