import { expect, test } from "vitest";
import { Core } from "../../src/core/core.ts";
import { ManifestCore } from "../../src/core/manifest.ts";
import {
	deleteOf,
	guidOf,
	mappingOf,
	recordOf,
	replayed,
	SLOT_MAX,
	setOf,
} from "../support/oracles/manifest-oracle.ts";
import {
	filled,
	fromHex,
	joined,
	pattern,
	toHex,
} from "../support/runs/bytes.ts";
import { type Random, seeded } from "../support/runs/prng.ts";

const core = await Core.load(1024 * 1024);
const { manifest } = core;
const CELLS = 64;
const TABLE = core.heapBase;
const AT = TABLE + ManifestCore.tableBytes(CELLS);

type Trust = "length" | "type";

/** What a replay of a whole log comes to. The manifest is left for whoever asks what is in it. */
function replay(log: Uint8Array, trust: Trust) {
	manifest.initialize(TABLE, CELLS);
	core.write(AT, log);
	const run = manifest.replayLog(TABLE, AT, log.length, log.length, trust);
	return { stop: run.stop, end: run.end, records: run.records };
}

function slotOf(guid: Uint8Array): bigint | undefined {
	core.write(AT, guid);
	return manifest.find(TABLE, AT);
}

const A = guidOf(0xa1);
const B = guidOf(0xb2);
const BASE = joined(setOf(A, 0n), setOf(B, 1n));
const SET = setOf(guidOf(0xc3), 2n);

function changed(bytes: Uint8Array, at: number, ...to: number[]): Uint8Array {
	const copy = bytes.slice();
	copy.set(to, at);
	return copy;
}

function flipped(bytes: Uint8Array, at: number, bit: number): Uint8Array {
	return changed(bytes, at, (bytes[at] ?? 0) ^ (1 << bit));
}

test("records are holt's vectors byte for byte, written and read", () => {
	for (const [byte, slot, hex] of [
		[0xc1, 0n, "4d4c473118000000 01 c1x16 0000000000000000 64adec33"],
		[0xc1, 1n, "4d4c473118000000 01 c1x16 0100000000000000 faad46ff"],
		[0xc2, 1n, "4d4c473118000000 01 c2x16 0100000000000000 60fbe0e3"],
		[0xd2, 2n, "4d4c473118000000 01 d2x16 0200000000000000 dcd96362"],
		[0xc1, undefined, "4d4c473110000000 02 c1x16 f0de6538"],
	] as const) {
		const guid = guidOf(byte);
		const record = fromHex(
			hex.replace(/(..)x16/, (_, digits: string) => digits.repeat(16)),
		);
		core.write(AT, mappingOf(guid, slot ?? 0n));
		const size =
			slot === undefined
				? manifest.encodeDelete(AT + 100, AT)
				: manifest.encodeSet(AT + 100, AT);
		expect(toHex(core.bytes(AT + 100, size))).toBe(toHex(record));
		expect(replay(record, "type")).toEqual({
			...{ stop: "end", end: record.length, records: 1 },
		});
		expect(slotOf(guid)).toBe(slot);
	}
});

test("a record has the bytes that the oracle says, for every GUID and slot, and nothing behind them is written", () => {
	for (const slot of [0n, 1n, 255n, 2n ** 32n, 2n ** 53n + 1n, SLOT_MAX]) {
		const mapping = mappingOf(pattern(16, 7), slot);
		const whole = core.bytes(AT + 100, 40);
		core.write(AT, mapping);
		whole.fill(0xa5);
		expect(manifest.encodeSet(AT + 100, AT)).toBe(37);
		expect(toHex(whole)).toBe(`${toHex(recordOf(1, mapping))}a5a5a5`);
		whole.fill(0xa5);
		expect(manifest.encodeDelete(AT + 100, AT)).toBe(29);
		expect(toHex(whole.subarray(0, 32))).toBe(
			`${toHex(deleteOf(mapping.subarray(0, 16)))}a5a5a5`,
		);
	}
});

interface Row {
	readonly name: string;
	readonly log: Uint8Array;
	readonly end: number;
	/** What stops holt there: "short" is torn. */
	readonly length: string;
	/** What stops a replay that believes the type first, where that differs. */
	readonly type?: string;
}

const unknown = recordOf(3, guidOf(9));
const appended = (name: string, tail: Uint8Array, length: string): Row => ({
	...{ name, log: joined(BASE, tail), end: 74, length },
});

const ROWS: readonly Row[] = [
	appended("nothing", new Uint8Array(0), "end"),
	...[1, 8].map((count) =>
		appended(`${count} zero bytes`, new Uint8Array(count), "short"),
	),
	appended("8 bytes of ff", filled(8, 0xff), "short"),
	appended("half a magic", fromHex("4d4c47"), "short"),
	...[9, 10, 512, 4096].map((count) =>
		appended(`${count} zero bytes`, new Uint8Array(count), "magic"),
	),
	appended("9 bytes of ff", filled(9, 0xff), "magic"),
	...[1, 8, 9, 10, 33, 36].map((count) =>
		appended(`${count} bytes of a record`, SET.subarray(0, count), "short"),
	),
	appended("a record with a bad CRC", flipped(SET, 36, 7), "crc"),
	{
		...{ name: "a bad CRC in the middle", end: 37, length: "crc" },
		log: joined(flipped(BASE, 73, 7), SET),
	},
	{
		...{ name: "a length that hides all", end: 0 },
		...{ length: "short", type: "set length" },
		log: joined(changed(BASE, 4, 0xff, 0xff), SET, SET),
	},
	{
		...{ name: "a length's top bit", end: 37 },
		...{ length: "short", type: "set length" },
		log: joined(changed(BASE, 37 + 7, 0x80), SET, SET),
	},
	{
		...{ name: "a length that reaches the next record", end: 0 },
		...{ length: "long", type: "set length" },
		log: joined(changed(BASE, 4, 37 + 24), SET),
	},
	appended("an unknown type", unknown, "unknown op"),
	{
		...appended("an unknown type, one byte short", unknown, "short"),
		...{ log: joined(BASE, unknown.subarray(0, -1)), type: "unknown op" },
	},
	{
		...appended("an unknown type, bad CRC", flipped(unknown, 20, 0), "crc"),
		type: "unknown op",
	},
	appended("a SET of 16 bytes", recordOf(1, guidOf(9)), "set length"),
	appended("a SET of none", recordOf(1, guidOf(9).subarray(16)), "set length"),
	appended("a DELETE of 24", recordOf(2, filled(24, 9)), "delete length"),
	{
		...appended("a SET of 16, bad CRC", recordOf(1, guidOf(9)), "crc"),
		...{ log: joined(BASE, flipped(recordOf(1, guidOf(9)), 28, 0)) },
		type: "set length",
	},
	{
		...appended("a DELETE of what is not there", deleteOf(guidOf(9)), "end"),
		end: 103,
	},
	...[SLOT_MAX, SLOT_MAX - 1n, 2n ** 40n].map((slot) => ({
		...appended(`a SET of slot ${slot}`, setOf(guidOf(9), slot), "end"),
		end: 111,
	})),
];

test("a log stops where holt's does, and for the same reason", () => {
	for (const { name, log, end, length } of ROWS) {
		expect(replay(log, "length"), name).toMatchObject({ stop: length, end });
		expect(replayed(log, "length"), name).toMatchObject({ stop: length, end });
	}
});

test("where a type is believed before a length, no length hides a record, and a type that means nothing is told of before a CRC", () => {
	for (const { name, log, end, length, type = length } of ROWS) {
		expect(replay(log, "type"), name).toMatchObject({ stop: type, end });
		expect(replayed(log, "type"), name).toMatchObject({ stop: type, end });
	}
});

test("a record that is longer than any says what is wrong with its type, for when its CRC is right", () => {
	for (const [type, damage] of [
		[1, "set length"],
		[2, "delete length"],
		[3, "unknown op"],
	] as const) {
		const log = recordOf(type, filled(4000, 7));
		expect(replay(log, "length")).toMatchObject({ stop: "long", end: 0 });
		expect(manifest.typeDamage(AT)).toBe(damage);
	}
	for (const record of [SET, deleteOf(A)]) {
		core.write(AT, record);
		expect(manifest.typeDamage(AT)).toBe(undefined);
	}
});

test("what stands before the break is in the manifest, and nothing of what comes behind it", () => {
	const tail = flipped(setOf(A, 9n), 36, 7);
	replay(joined(BASE, SET, deleteOf(B), tail, setOf(B, 8n)), "type");
	expect(manifest.size(TABLE)).toBe(2);
	expect(slotOf(A)).toBe(0n);
	expect(slotOf(B)).toBe(undefined);
	expect(slotOf(guidOf(0xc3))).toBe(2n);
	expect(manifest.nextSlot(TABLE)).toBe(3n);
});

test("the next slot lies past the highest that was ever set, also where that was deleted, and no further than 64 bits go", () => {
	for (const [slot, next] of [
		[2n ** 40n, 2n ** 40n + 1n],
		[2n ** 63n, 2n ** 63n + 1n],
		[SLOT_MAX - 1n, SLOT_MAX],
		[SLOT_MAX, SLOT_MAX],
	] as const) {
		replay(joined(BASE, setOf(A, slot), deleteOf(A), setOf(A, 5n)), "length");
		expect(manifest.nextSlot(TABLE)).toBe(next);
		expect(slotOf(A)).toBe(5n);
	}
});

test("a log of more GUIDs than there is room for stops before the first of them, and goes on in a larger manifest", () => {
	const cells = 8;
	const log = joined(
		...Array.from({ length: 9 }, (_, index) =>
			setOf(guidOf(index), BigInt(index)),
		),
		...[deleteOf(guidOf(0)), setOf(guidOf(8), 20n)],
	);
	const room = ManifestCore.roomOf(cells);
	core.write(AT, log);
	manifest.initialize(TABLE, cells);
	const { length } = log;
	const full = manifest.replayLog(TABLE, AT, length, length, "type");
	expect(full).toEqual({ end: room * 37, records: room, stop: "full" });
	expect(manifest.size(TABLE)).toBe(room);
	const larger = AT + 1000;
	manifest.initialize(larger, CELLS);
	manifest.move(TABLE, larger);
	const rest = length - full.end;
	expect(manifest.replayLog(larger, AT + full.end, rest, rest, "type")).toEqual(
		{ end: rest, records: 11 - room, stop: "end" },
	);
	expect(manifest.size(larger)).toBe(8);
	expect(manifest.nextSlot(larger)).toBe(21n);
});

test("in a full manifest a GUID that it has can still be set anew, and be deleted", () => {
	const six = Array.from({ length: 6 }, (_, index) => setOf(guidOf(index), 1n));
	const rest = [setOf(guidOf(3), 7n), deleteOf(guidOf(4)), SET];
	const log = joined(...six, ...rest);
	manifest.initialize(TABLE, 8);
	core.write(AT, log);
	expect(
		manifest.replayLog(TABLE, AT, log.length, log.length, "type"),
	).toMatchObject({ stop: "end", records: 9 });
});

function positionOf(table: number, guid: Uint8Array): number | undefined {
	core.write(AT, guid);
	return manifest.positionOf(table, AT);
}

test("a GUID knows where in the log the last record begins that set it, also in a larger manifest; one of the snapshot, or of none, knows nothing", () => {
	const [c, d] = [guidOf(0xc3), guidOf(0xd4)];
	const log = joined(BASE, setOf(A, 2n), deleteOf(B), setOf(c, 3n));
	manifest.initialize(TABLE, CELLS);
	core.write(AT, mappingOf(d, 9n));
	manifest.put(TABLE, AT);
	core.write(AT, log);
	manifest.replayLog(TABLE, AT, log.length, log.length, "type", 1000);
	const larger = AT + 1000;
	manifest.initialize(larger, CELLS * 2);
	manifest.move(TABLE, larger);
	for (const table of [TABLE, larger]) {
		expect(positionOf(table, A)).toBe(1000 + 74);
		expect(positionOf(table, c)).toBe(1000 + 74 + 37 + 29);
		expect(positionOf(table, B)).toBe(undefined);
		expect(positionOf(table, d)).toBe(undefined);
	}
});

test("a position is known as far as 32 bits count, and from there on is not", () => {
	for (const [position, found] of [
		[0, 0],
		[2 ** 32 - 2, 2 ** 32 - 2],
		[2 ** 32 - 1, undefined],
		[2 ** 32, undefined],
		[2 ** 52, undefined],
	] as const) {
		manifest.initialize(TABLE, CELLS);
		core.write(AT, SET);
		manifest.replayLog(TABLE, AT, 37, 37, "type", position);
		expect(positionOf(TABLE, guidOf(0xc3))).toBe(found);
	}
});

/** Hands a log over in pieces, each behind what was left of the one before. */
function replayInPieces(log: Uint8Array, piece: number, trust: Trust) {
	manifest.initialize(TABLE, CELLS);
	let end = 0;
	let records = 0;
	for (let read = Math.min(piece, log.length); ; read += piece) {
		const held = log.subarray(end, read);
		core.bytes(AT, log.length + 100).fill(0xff);
		core.write(AT, held);
		const left = log.length - end;
		const run = manifest.replayLog(TABLE, AT, held.length, left, trust);
		end += run.end;
		records += run.records;
		if (run.stop !== "more" || read >= log.length) {
			return { stop: run.stop, end, records };
		}
	}
}

test(
	"a log in pieces of any size says what it says in one piece",
	seeded((random) => {
		const durable = someRecords(random, 6);
		for (const tail of [...ROWS.map(({ log }) => log), SET.subarray(0, 30)]) {
			const log = joined(durable, tail);
			for (const trust of ["length", "type"] as const) {
				const whole = replay(log, trust);
				const size = manifest.size(TABLE);
				for (let piece = 1; piece <= Math.min(log.length, 400); piece += 1) {
					expect(replayInPieces(log, piece, trust)).toEqual(whole);
					expect(manifest.size(TABLE)).toBe(size);
				}
			}
		}
	}),
);

function someRecords(random: Random, count: number): Uint8Array {
	const records = Array.from({ length: count }, (_, index) =>
		random.chance(0.3)
			? deleteOf(guidOf(random.integer(0, 4)))
			: setOf(guidOf(random.integer(0, 4)), BigInt(index)),
	);
	return joined(...records);
}
