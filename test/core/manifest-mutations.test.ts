import { afterEach, expect, test } from "vitest";
import { Core } from "../../src/core/core.ts";
import { ManifestCore } from "../../src/core/manifest.ts";
import {
	deleteOf,
	guidOf,
	isExplainedByCrash,
	keyOf,
	mappingOf,
	type Replayed,
	recordOf,
	replayed,
	SECTOR,
	setOf,
	snapshotOf,
} from "../support/oracles/manifest-oracle.ts";
import { joined, toHex } from "../support/runs/bytes.ts";
import { type Random, seeded } from "../support/runs/prng.ts";
import { sharedRounds } from "../support/runs/share.ts";

// Whatever a manifest's files hold, the core answers as the oracle does: it does not trap, hang, fill a table beyond its room, or
// change what lies around table and bytes.
//
//    | guard | table | guard | mappings, log or snapshot | guard |

const LOG_MUTATIONS = 450_000;
const SNAPSHOT_MUTATIONS = 550_000;
const GUARD = 64;
const UNTOUCHED = 0xa5;
const CELLS = 8;
const TABLE_BYTES = ManifestCore.tableBytes(CELLS);
const ROOM = ManifestCore.roomOf(CELLS);
const BYTES_MAX = 512;

const unseeded = Math.random;
const core = await Core.load(128 * 1024);
const { manifest } = core;
const GUARDED = core.heapBase;
const TABLE = GUARDED + GUARD;
const AT = TABLE + TABLE_BYTES + GUARD;
const END = AT + BYTES_MAX;
const guards = Buffer.alloc(BYTES_MAX, UNTOUCHED);
const memory = Buffer.from(core.bytes(0, core.memoryBytes).buffer);

afterEach(() => {
	Math.random = unseeded;
});

/** The hash's seed comes from the test's, that a failure comes back. */
function seedTables(random: Random): void {
	Math.random = () => random.word() / 2 ** 32;
}

/** Puts bytes where the log or the snapshot lies, in the midst of bytes that nothing may change. */
function place(bytes: Uint8Array): void {
	memory.fill(UNTOUCHED, GUARDED, END);
	manifest.initialize(TABLE, CELLS);
	core.write(AT, bytes);
}

/** So many bytes from the address of the log or snapshot on are not asked about, nor is the table. */
function isUntouchedBut(length: number): boolean {
	return [
		[GUARDED, TABLE],
		[TABLE + TABLE_BYTES, AT],
		[AT + length, END],
	].every(([start = 0, end = 0]) => {
		const guard = guards.subarray(0, end - start);
		return guard.compare(memory, start, end) === 0;
	});
}

function holds({ slots, next }: Pick<Replayed, "slots" | "next">): boolean {
	const { size } = slots;
	if (manifest.size(TABLE) !== size || manifest.nextSlot(TABLE) !== next) {
		return false;
	}
	const count = manifest.copyMappings(TABLE, END, "any");
	const mappings = core.bytes(END, count * 24).slice();
	const view = new DataView(mappings.buffer);
	const found = new Map(
		Array.from({ length: count }, (_, index) => [
			keyOf(mappings.subarray(24 * index, 24 * index + 16)),
			view.getBigUint64(24 * index + 16, true),
		]),
	);
	return (
		found.size === size &&
		[...slots].every(([key, slot]) => found.get(key) === slot)
	);
}

function someGuid(random: Random): Uint8Array {
	return guidOf(random.integer(0, 9));
}

function someLog(random: Random): Uint8Array<ArrayBuffer> {
	const records = Array.from({ length: random.integer(1, 9) }, () => {
		const slot = BigInt(random.word()) << BigInt(random.integer(0, 33));
		switch (random.integer(0, 8)) {
			case 0:
			case 1:
				return deleteOf(someGuid(random));
			case 2:
				return recordOf(random.integer(0, 5), random.bytes(24));
			default:
				return setOf(someGuid(random), slot);
		}
	});
	return joined(...records).slice(0, BYTES_MAX - GUARD);
}

/** A bit, a byte, a stretch of zeros, or the low byte of a number at `field`. */
function mutate(bytes: Uint8Array, field: number, random: Random): void {
	const at = random.integer(0, bytes.length);
	switch (random.integer(0, 5)) {
		case 0:
			bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integer(0, 8));
			break;
		case 1:
			bytes[at] = random.word();
			break;
		case 2:
			bytes.subarray(at, at + random.integer(1, 40)).fill(0);
			break;
		case 3:
			bytes[field] = random.integer(0, 64);
			break;
		default:
			bytes[field] = random.pick([0, 1, 2, 16, 24, 255]);
	}
}

const TRUSTS = ["length", "type"] as const;

test(
	"no mutation of a log makes a replay trap, hang, write beyond its table, or find what is not there",
	seeded((random) => {
		seedTables(random);
		let log = new Uint8Array();
		for (const round of sharedRounds(LOG_MUTATIONS, "mutations of a log")) {
			if (round % 10 === 0) {
				log = someLog(random);
			}
			const record = 37 * random.integer(0, 4);
			mutate(log, record + random.integer(4, 9), random);
			const length = random.chance(0.5)
				? log.length
				: random.integer(0, log.length + 1);
			requireReplay(log.subarray(0, length), random);
		}
	}),
);

/** A log of which the last bytes may not be there yet. */
function requireReplay(log: Uint8Array, random: Random): void {
	const trust = random.pick(TRUSTS);
	const expected = replayed(log, trust, ROOM);
	place(log);
	const { length } = log;
	const run = manifest.replayLog(TABLE, AT, length, length, trust);
	const offset = random.integer(0, SECTOR);
	const rest = log.subarray(run.end);
	const isTold =
		rest.length === 0 ||
		manifest.isTornRecord(AT + run.end, rest.length, true, offset) ===
			isExplainedByCrash(rest, offset);
	const isRight =
		run.stop === expected.stop &&
		run.end === expected.end &&
		run.records === expected.records &&
		manifest.size(TABLE) <= ROOM &&
		isTold;
	const isKept = Buffer.compare(log, core.bytes(AT, length)) === 0;
	if (!isRight || !isKept || !isUntouchedBut(length) || !holds(expected)) {
		expect.fail(`${toHex(log)}, ${trust} first: ${JSON.stringify(run)}`);
	}
}

test(
	"no mutation of a snapshot makes the core trap, hang, write beyond its table or beside its mappings, or find slots that do not fit",
	seeded((random) => {
		seedTables(random);
		let snapshot = new Uint8Array();
		for (const round of sharedRounds(
			SNAPSHOT_MUTATIONS,
			"mutations of a snapshot",
		)) {
			if (round % 10 === 0) {
				snapshot = someSnapshot(random);
			}
			const field =
				random.chance(0.8) || snapshot.length === 24
					? random.pick([8, 10, 16])
					: 40 + 24 * random.integer(0, (snapshot.length - 24) / 24);
			mutate(snapshot, field, random);
			const length = random.chance(0.9)
				? snapshot.length
				: random.integer(0, snapshot.length);
			requireSnapshot(snapshot.subarray(0, length));
		}
	}),
);

function someSnapshot(random: Random): Uint8Array<ArrayBuffer> {
	const slots = random
		.shuffle([0n, 1n, 2n, 3n, 5n, 8n, 2n ** 40n])
		.slice(0, random.integer(0, ROOM + 1));
	const highest = slots.reduce((max, slot) => (slot > max ? slot : max), 0n);
	const next = highest + BigInt(random.integer(1, 3));
	return snapshotOf(
		{ next },
		...slots.map((slot, index) => mappingOf(guidOf(index), slot)),
	);
}

/** As the engine goes about it: a count that the bytes cannot hold is not believed. */
function requireSnapshot(snapshot: Uint8Array): void {
	place(snapshot);
	const verdict = manifest.parseSnapshot(TABLE, AT, snapshot.length);
	const { status, count, mappings, next } = slowlyParsed(snapshot);
	const isHeader = verdict.status === status;
	let isRight = isHeader && isUntouchedBut(snapshot.length);
	if (verdict.status === "ok" && isRight) {
		isRight = verdict.count === count && manifest.nextSlot(TABLE) === next;
		if (isRight && mappings.length === count && count <= ROOM) {
			isRight = isLoaded(mappings, next);
		}
	}
	if (!isRight) {
		expect.fail(`${toHex(snapshot)}: ${JSON.stringify(verdict)}`);
	}
}

interface SlowSnapshot {
	readonly status: string;
	readonly count: number;
	readonly mappings: readonly { key: string; slot: bigint }[];
	readonly next: bigint;
}

function slowlyParsed(snapshot: Uint8Array): SlowSnapshot {
	const none = { count: 0, mappings: [], next: 0n };
	if (snapshot.length < 24) {
		return { status: "short", ...none };
	}
	const view = new DataView(snapshot.buffer, snapshot.byteOffset);
	if (keyOf(snapshot.subarray(0, 8)) !== "ARTSNMNF") {
		return { status: "magic", ...none };
	}
	if (view.getUint16(8, true) !== 6) {
		return { status: "version", ...none };
	}
	const count = view.getUint32(10, true);
	const held = Math.min(count, Math.floor((snapshot.length - 24) / 24));
	const mappings = Array.from({ length: held }, (_, index) => ({
		key: keyOf(snapshot.subarray(24 + 24 * index, 40 + 24 * index)),
		slot: view.getBigUint64(40 + 24 * index, true),
	}));
	return { status: "ok", count, mappings, next: view.getBigUint64(16, true) };
}

function isLoaded(mappings: SlowSnapshot["mappings"], next: bigint): boolean {
	const keys = mappings.map(({ key }) => key);
	const again = keys.findIndex((key, at) => keys.indexOf(key) < at);
	const count = mappings.length;
	const loaded = manifest.loadMappings(TABLE, AT + 24, count);
	if (loaded !== (again < 0 ? count : again)) {
		return false;
	}
	const slots = new Map(mappings.map(({ key, slot }) => [key, slot]));
	return again >= 0 || (holds({ slots, next }) && isFreed(mappings, next));
}

function isFreed(mappings: SlowSnapshot["mappings"], next: bigint): boolean {
	const count = manifest.copyMappings(TABLE, AT, "slot");
	memory.fill(UNTOUCHED, AT + count * 24 + 16, END);
	const verdict = manifest.freeRanges(TABLE, AT, count);
	const slots = mappings
		.map(({ slot }) => slot)
		.sort((one, other) => (one < other ? -1 : one > other ? 1 : 0));
	const wrong = slots.find(
		(slot, at) => slot >= next || slot === slots[at - 1],
	);
	if (!isUntouchedBut(count * 24 + 16)) {
		return false;
	}
	if (verdict.status !== "ok") {
		return verdict.slot === wrong;
	}
	const free = verdict.ranges.reduce(
		(sum, { first, last }) => sum + last - first + 1n,
		0n,
	);
	const isApart = verdict.ranges.every(
		({ first, last }) =>
			first <= last && !slots.some((slot) => slot >= first && slot <= last),
	);
	return wrong === undefined && isApart && free === next - BigInt(count);
}
