import { expect, test } from "vitest";
import { Core } from "../../src/core/core.ts";
import { ManifestCore } from "../../src/core/manifest.ts";
import type { FreeVerdict } from "../../src/core/manifest-answers.ts";
import {
	deleteOf,
	guidOf,
	mappingOf,
	SLOT_MAX,
	setOf,
} from "../support/oracles/manifest-oracle.ts";
import { joined } from "../support/runs/bytes.ts";
import { type Random, seeded } from "../support/runs/prng.ts";

const GUARD = 64;
const UNTOUCHED = 0xa5;
/** Bytes for marks: all slots below a million have one. */
const MARKED_MAX = 1024 * 1024;

const core = await Core.load(8 * 1024 * 1024);
const { manifest } = core;
const CELLS = 1024;
const TABLE = core.heapBase;
const AT = TABLE + ManifestCore.tableBytes(CELLS) + GUARD;

/** The slots that a manifest with these ones and this next one leaves free. */
function freeOf(next: bigint, slots: readonly bigint[]) {
	manifest.initialize(TABLE, CELLS);
	slots.forEach((slot, index) => {
		core.write(AT, mappingOf(guid(index), slot));
		manifest.put(TABLE, AT);
	});
	manifest.setNextSlot(TABLE, next);
	return freeNow();
}

function freeNow() {
	const count = manifest.copyMappings(TABLE, AT, "slot");
	const behind = core.bytes(AT + count * 24 + 16, GUARD);
	const before = core.bytes(AT - GUARD, GUARD);
	behind.fill(UNTOUCHED);
	before.fill(UNTOUCHED);
	const verdict = manifest.freeRanges(TABLE, AT, count);
	for (const guard of [behind, before]) {
		expect(guard.every((byte) => byte === UNTOUCHED)).toBe(true);
	}
	expectMarkedAlike(count, verdict);
	return verdict.status === "ok"
		? verdict.ranges.map(({ first, last }) => [first, last])
		: verdict;
}

/** Marks find the same, in as few bytes as they need; they judge nothing that is wrong. */
function expectMarkedAlike(count: number, verdict: FreeVerdict): void {
	const needed =
		16n * BigInt(count + 1) + ((manifest.nextSlot(TABLE) + 63n) / 64n) * 8n;
	const isMarkable = needed <= MARKED_MAX && verdict.status === "ok";
	const length = isMarkable ? Number(needed) : MARKED_MAX;
	const behind = core.bytes(AT + length, GUARD).fill(UNTOUCHED);
	const before = core.bytes(AT - GUARD, GUARD).fill(UNTOUCHED);
	core.bytes(AT, length).fill(UNTOUCHED);
	const marked = manifest.markedRanges(TABLE, AT, length);
	expect(marked).toEqual(isMarkable ? verdict : undefined);
	for (const guard of [behind, before]) {
		expect(guard.every((byte) => byte === UNTOUCHED)).toBe(true);
	}
	if (isMarkable) {
		expect(manifest.markedRanges(TABLE, AT, length - 1)).toBe(undefined);
	}
}

function guid(index: number): Uint8Array {
	const bytes = guidOf(7);
	new DataView(bytes.buffer).setUint32(0, index);
	return bytes;
}

test("the slots that are free are ranges, in ascending order, however many slots they are", () => {
	expect(freeOf(0n, [])).toEqual([]);
	expect(freeOf(1n, [])).toEqual([[0n, 0n]]);
	expect(freeOf(6n, [5n, 2n, 4n])).toEqual([
		[0n, 1n],
		[3n, 3n],
	]);
	expect(freeOf(12n, [0n, 2n, 5n, 7n, 8n, 9n, 10n])).toEqual([
		[1n, 1n],
		[3n, 4n],
		[6n, 6n],
		[11n, 11n],
	]);
	expect(freeOf(1_000_000n, [999_999n, 0n])).toEqual([[1n, 999_998n]]);
	expect(freeOf(3n, [2n, 1n, 0n])).toEqual([]);
});

test("slots go up to the end of 64 bits", () => {
	expect(freeOf(SLOT_MAX, [SLOT_MAX - 1n])).toEqual([[0n, SLOT_MAX - 2n]]);
	expect(freeOf(SLOT_MAX, [0n])).toEqual([[1n, SLOT_MAX - 1n]]);
	expect(freeOf(SLOT_MAX, [2n ** 63n, 2n ** 63n - 1n])).toEqual([
		[0n, 2n ** 63n - 2n],
		[2n ** 63n + 1n, SLOT_MAX - 1n],
	]);
	expect(freeOf(SLOT_MAX, [SLOT_MAX])).toEqual({
		...{ status: "past next", slot: SLOT_MAX },
	});
});

test("a slot at or past the next one is refused, and one that two GUIDs have, whichever is the lower first", () => {
	for (const [next, slots, status, slot] of [
		[3n, [3n, 1n], "past next", 3n],
		[3n, [1n, 2n ** 63n], "past next", 2n ** 63n],
		[0n, [0n], "past next", 0n],
		[5n, [0n, 4n, 2n, 4n], "duplicate", 4n],
		[5n, [0n, 0n], "duplicate", 0n],
		[5n, [3n, 6n, 6n], "past next", 6n],
		[5n, [3n, 6n, 3n], "duplicate", 3n],
		[5n, [5n, 5n], "past next", 5n],
	] as const) {
		expect(freeOf(next, slots)).toEqual({ status, slot });
	}
});

test("a log's slots are judged where it ends: what was on one slot for a while only is no duplicate", () => {
	const [a, b] = [guidOf(1), guidOf(2)];
	for (const [records, expected] of [
		[[setOf(a, 0n), setOf(b, 0n), deleteOf(a)], []],
		[[setOf(a, 0n), setOf(b, 0n)], { status: "duplicate", slot: 0n }],
		[[setOf(a, 0n), setOf(b, 0n), setOf(a, 1n)], []],
		[[setOf(a, SLOT_MAX)], { status: "past next", slot: SLOT_MAX }],
		[[setOf(a, SLOT_MAX), setOf(a, 0n)], [[1n, SLOT_MAX - 1n]]],
		[[setOf(a, SLOT_MAX - 1n)], [[0n, SLOT_MAX - 2n]]],
		[[setOf(a, 2n ** 40n)], [[0n, 2n ** 40n - 1n]]],
		[[setOf(a, 4n), deleteOf(a)], [[0n, 4n]]],
	] as const) {
		const log = joined(...records);
		manifest.initialize(TABLE, CELLS);
		core.write(AT, log);
		expect(
			manifest.replayLog(TABLE, AT, log.length, log.length, "length"),
		).toMatchObject({ stop: "end" });
		expect(freeNow()).toEqual(expected);
	}
});

test(
	"of any slots, the free ones are all those between that nobody has",
	seeded((random) => {
		for (let round = 0; round < 1000; round += 1) {
			const slots = someSlots(random);
			const base = random.pick([0n, 2n ** 32n - 50n, SLOT_MAX - 200n]);
			const next = BigInt(random.integer(0, 120));
			const found = freeOf(
				base + next,
				slots.map((slot) => base + slot),
			);
			const free = slowlyFree(next, slots);
			expect(found).toEqual(
				Array.isArray(free)
					? shifted(free, base)
					: { ...free, slot: base + free.slot },
			);
		}
	}),
);

/** A hundred at most, now and then one of them twice. */
function someSlots(random: Random): bigint[] {
	const share = random.word() / 2 ** 32;
	const slots = Array.from({ length: 100 }, (_, slot) => BigInt(slot)) //
		.filter(() => random.chance(share));
	const again = slots.filter(() => random.chance(0.002));
	return random.shuffle([...slots, ...again]);
}

type SlowVerdict = { readonly status: string; readonly slot: bigint };

function slowlyFree(
	next: bigint,
	slots: readonly bigint[],
): bigint[] | SlowVerdict {
	const free = [];
	for (let slot = 0n; slot < 120n; slot += 1n) {
		const count = slots.filter((other) => other === slot).length;
		if (count > 0 && slot >= next) {
			return { status: "past next", slot };
		}
		if (count > 1) {
			return { status: "duplicate", slot };
		}
		if (count === 0 && slot < next) {
			free.push(slot);
		}
	}
	return free;
}

/** As ranges, and with all that lies below the base. */
function shifted(free: readonly bigint[], base: bigint): bigint[][] {
	const ranges: bigint[][] = base > 0n ? [[0n, base - 1n]] : [];
	for (const slot of free.map((slot) => base + slot)) {
		const last = ranges.at(-1);
		if (last?.[1] === slot - 1n) {
			last[1] = slot;
		} else {
			ranges.push([slot, slot]);
		}
	}
	return ranges;
}

test(
	"no order of slots makes sorting them slow or lossy: ascending, descending, all the same, any",
	seeded((random) => {
		const count = 20_000;
		const any = Array.from({ length: count }, () => random.word());
		for (const slots of [
			any.map((_, index) => index),
			any.map((_, index) => count - index),
			any.map(() => 7),
			any.map((_, index) => index % 2),
			any,
		]) {
			expect(sorted(slots)).toEqual([...slots].sort((a, b) => a - b));
		}
	}),
);

/** The slots of mappings whose GUIDs say the same number, as they come from a manifest of them. */
function sorted(slots: readonly number[]): number[] {
	const cells = 2 ** 15;
	const mappings = TABLE + ManifestCore.tableBytes(cells);
	manifest.initialize(TABLE, cells);
	const mapping = new Uint8Array(24);
	const view = new DataView(mapping.buffer);
	slots.forEach((slot, index) => {
		view.setUint32(0, index);
		view.setUint32(4, slot);
		view.setUint32(16, slot, true);
		core.write(mappings, mapping);
		manifest.put(TABLE, mappings);
	});
	const count = manifest.copyMappings(TABLE, mappings, "slot");
	const copied = new DataView(core.bytes(mappings, count * 24).slice().buffer);
	return Array.from({ length: count }, (_, index) => {
		const slot = copied.getUint32(index * 24 + 16, true);
		return copied.getUint32(index * 24 + 4) === slot ? slot : -1;
	});
}
