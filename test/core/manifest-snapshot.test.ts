import { expect, test } from "vitest";
import { Core } from "../../src/core/core.ts";
import { ManifestCore } from "../../src/core/manifest.ts";
import {
	guidOf,
	mappingOf,
	SLOT_MAX,
	type SnapshotShape,
	snapshotOf,
} from "../support/oracles/manifest-oracle.ts";
import { fromHex, joined, toHex } from "../support/runs/bytes.ts";

const core = await Core.load(1024 * 1024);
const { manifest } = core;
const CELLS = 64;
const TABLE = core.heapBase;
const AT = TABLE + ManifestCore.tableBytes(CELLS);

function parse(bytes: Uint8Array, length = bytes.length) {
	manifest.initialize(TABLE, CELLS);
	core.write(AT, bytes);
	return manifest.parseSnapshot(TABLE, AT, length);
}

const header = (shape: Partial<SnapshotShape>) =>
	snapshotOf({ next: 3n, ...shape });

test("a snapshot's header is holt's, byte for byte, written and read", () => {
	manifest.initialize(TABLE, CELLS);
	for (const [byte, slot] of [
		[0xc1, 4n],
		[0xc2, 0n],
	] as const) {
		core.write(AT, mappingOf(guidOf(byte), slot));
		manifest.put(TABLE, AT);
	}
	manifest.setNextSlot(TABLE, 0x0102030405060708n);
	core.bytes(AT, 32).fill(0xa5);
	manifest.encodeSnapshot(TABLE, AT);
	const bytes = fromHex("415254534e4d4e46 0600 02000000 0000 0807060504030201");
	expect(toHex(core.bytes(AT, 32))).toBe(`${toHex(bytes)}${"a5".repeat(8)}`);
	expect(parse(bytes)).toEqual({ status: "ok", count: 2, reserved: 0 });
	expect(manifest.nextSlot(TABLE)).toBe(0x0102030405060708n);
});

test("a header is refused where it is short, of another magic or of another version, in this order, and then changes no manifest", () => {
	const right = header({});
	for (let length = 0; length < 24; length += 1) {
		expect(parse(right, length)).toEqual({ status: "short" });
	}
	for (let at = 0; at < 8; at += 1) {
		const wrong = header({ version: 5 });
		wrong[at] = (wrong[at] ?? 0) ^ 0x20;
		expect(parse(wrong)).toEqual({ status: "magic" });
	}
	for (const version of [0, 1, 5, 7, 0x0106, 0xffff]) {
		expect(parse(header({ version }))).toEqual({ status: "version" });
		expect(manifest.nextSlot(TABLE)).toBe(0n);
	}
});

test("what stands where 0 is written is told, and nothing more is asked of it", () => {
	expect(parse(header({ reserved: 0xbeef }))).toEqual({
		...{ status: "ok", count: 0, reserved: 0xbeef },
	});
});

test("a header's count and next slot are taken as they are, up to the largest", () => {
	for (const count of [0, 1, 2 ** 31, 2 ** 32 - 1]) {
		for (const next of [0n, 1n, 2n ** 63n, SLOT_MAX]) {
			expect(parse(header({ count, next }))).toMatchObject({ count });
			expect(manifest.nextSlot(TABLE)).toBe(next);
		}
	}
});

test("mappings are taken in up to the first whose GUID was there before", () => {
	const mappings = [1, 2, 3, 2, 4].map((byte, index) =>
		mappingOf(guidOf(byte), BigInt(index)),
	);
	for (const [count, loaded] of [
		[0, 0],
		[1, 1],
		[3, 3],
		[4, 3],
		[5, 3],
	] as const) {
		manifest.initialize(TABLE, CELLS);
		core.write(AT, joined(...mappings));
		expect(manifest.loadMappings(TABLE, AT, count)).toBe(loaded);
		expect(manifest.size(TABLE)).toBe(loaded);
	}
});

test("mappings go through a snapshot in pieces, in the order of their slots", () => {
	const slots = [9n, 2n ** 63n, 0n, SLOT_MAX, 2n ** 32n, 3n];
	manifest.initialize(TABLE, CELLS);
	for (const [index, slot] of slots.entries()) {
		core.write(AT, mappingOf(guidOf(index), slot));
		manifest.put(TABLE, AT);
	}
	expect(manifest.copyMappings(TABLE, AT, "slot")).toBe(slots.length);
	const copied = core.bytes(AT, slots.length * 24).slice();
	const sorted = slots
		.map((slot, index) => ({ slot, guid: guidOf(index) }))
		.sort((one, other) => (one.slot < other.slot ? -1 : 1));
	expect(toHex(copied)).toBe(
		toHex(joined(...sorted.map(({ guid, slot }) => mappingOf(guid, slot)))),
	);
	manifest.initialize(TABLE, CELLS);
	for (let at = 0; at < copied.length; at += 48) {
		core.write(AT, copied.subarray(at, at + 48));
		expect(manifest.loadMappings(TABLE, AT, 2)).toBe(2);
	}
	expect(manifest.size(TABLE)).toBe(slots.length);
	for (const [index, slot] of slots.entries()) {
		core.write(AT, guidOf(index));
		expect(manifest.find(TABLE, AT)).toBe(slot);
	}
});
