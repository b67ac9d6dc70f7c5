import { expect, test } from "vitest";
import { Core } from "../../src/core/core.ts";
import { ManifestCore } from "../../src/core/manifest.ts";
import { mappingOf } from "../support/oracles/manifest-oracle.ts";
import { toHex } from "../support/runs/bytes.ts";
import { type Random, seeded } from "../support/runs/prng.ts";

const UNTOUCHED = 0xa5;
const CELLS = 2 ** 14;
const COUNT_MAX = ManifestCore.roomOf(CELLS);

const core = await Core.load(4 * 1024 * 1024);
const { manifest } = core;
const TABLE = core.heapBase;
const GUIDS = TABLE + ManifestCore.tableBytes(CELLS) + 64;

/** What a manifest of these GUIDs lists. */
function listed(guids: readonly Uint8Array[]): string[] {
	manifest.initialize(TABLE, CELLS);
	for (const [index, guid] of guids.entries()) {
		core.write(GUIDS, mappingOf(guid, BigInt(index)));
		manifest.put(TABLE, GUIDS);
	}
	const table = core.bytes(TABLE, ManifestCore.tableBytes(CELLS)).slice();
	const guards = [GUIDS - 64, GUIDS + 16 * guids.length].map((address) =>
		core.bytes(address, 64).fill(UNTOUCHED),
	);
	expect(manifest.listGuids(TABLE, GUIDS)).toBe(guids.length);
	for (const guard of guards) {
		expect(guard.every((byte) => byte === UNTOUCHED)).toBe(true);
	}
	expect(Buffer.compare(table, core.bytes(TABLE, table.length))).toBe(0);
	return Array.from({ length: guids.length }, (_, index) =>
		toHex(core.bytes(GUIDS + 16 * index, 16)),
	);
}

/** GUIDs without equals, which have all but the bits of a mask in common. */
function guidsLike(mask: Uint8Array, most: number, random: Random) {
	const base = random.bytes(16);
	const found = new Map<string, Uint8Array>();
	for (let round = 0; round < most; round += 1) {
		const bits = random.bytes(16);
		const guid = base.map(
			(byte, at) => byte ^ ((bits[at] ?? 0) & (mask[at] ?? 0)),
		);
		found.set(toHex(guid), guid);
	}
	return [...found.values()];
}

function maskOf(random: Random): Uint8Array {
	const mask = new Uint8Array(16);
	const kind = random.integer(0, 4);
	for (let at = 0; at < 16; at += 1) {
		const isOpen =
			kind === 0 || (kind === 1 ? at < 2 : kind === 2 ? at > 13 : at % 5 === 0);
		mask[at] = isOpen ? 255 : random.pick([0, 0, 0, 1, 128]);
	}
	return mask;
}

test(
	"GUIDs are listed in ascending order of their bytes, however many they are, and whichever bits they differ in",
	seeded((random) => {
		for (const most of [0, 1, 2, 15, 16, 17, 18, 33, 100, 5000, COUNT_MAX]) {
			for (let round = 0; round < (most > 1000 ? 4 : 40); round += 1) {
				const guids = guidsLike(maskOf(random), most, random);
				expect(listed(guids)).toEqual(guids.map(toHex).sort());
			}
		}
	}),
);

test("GUIDs that differ in their last bit alone, or in their first, are listed in order", () => {
	for (const [at, bit] of [
		[15, 1],
		[0, 128],
		[7, 1],
		[8, 128],
	] as const) {
		const low = new Uint8Array(16).fill(0x55);
		const high = low.slice();
		low[at] = 0;
		high[at] = bit;
		expect(listed([high, low])).toEqual([toHex(low), toHex(high)]);
		expect(listed([low, high])).toEqual([toHex(low), toHex(high)]);
	}
});

test("ascending and descending GUIDs that count up are listed in order", () => {
	const counted = Array.from({ length: 10_000 }, (_, index) => {
		const guid = new Uint8Array(16);
		new DataView(guid.buffer).setUint32(10, index);
		return guid;
	});
	const expected = counted.map(toHex);
	expect(listed(counted)).toEqual(expected);
	expect(listed([...counted].reverse())).toEqual(expected);
});
