import { expect, test } from "vitest";
import { LOG_BREAK_BYTES } from "../../assembly/format.ts";
import { Core } from "../../src/core/core.ts";
import { ManifestCore } from "../../src/core/manifest.ts";
import {
	deleteOf,
	guidOf,
	isExplainedByCrash,
	recordOf,
	SECTOR,
	setOf,
} from "../support/oracles/manifest-oracle.ts";
import { filled, joined, toHex } from "../support/runs/bytes.ts";
import { type Random, seeded } from "../support/runs/prng.ts";
import { placesOf, sharedRounds } from "../support/runs/share.ts";

// A crash while records are appended leaves the file cut anywhere, or with zeros where a sector was not written. Every such disk is
// to be told from one whose durable bytes have changed, as far as the bytes say.

const CRASHES = 60_000;
const FLIPPED_LOGS = 40;
const BREAKS = 100_000;

const core = await Core.load(1024 * 1024);
const { manifest } = core;
const CELLS = 256;
const TABLE = core.heapBase;
const AT = TABLE + ManifestCore.tableBytes(CELLS);

interface Break {
	readonly end: number;
	readonly stop: string;
	readonly isTorn: boolean;
}

/** Where a disk's log breaks, and whether that is called torn; undefined where it does not. */
function breakOf(disk: Uint8Array): Break | undefined {
	manifest.initialize(TABLE, CELLS);
	core.write(AT, disk);
	core.bytes(AT + disk.length, SECTOR).fill(0);
	const { length } = disk;
	const { end, stop } = manifest.replayLog(TABLE, AT, length, length, "type");
	if (stop === "end") {
		return undefined;
	}
	const isTorn = isTornAt(disk, end);
	return { end, stop, isTorn };
}

/** Asked of all that is left, and of no more than the engine looks at: it must come to the same. */
function isTornAt(disk: Uint8Array, end: number): boolean {
	const left = disk.length - end;
	const seen = Math.min(left, LOG_BREAK_BYTES);
	const verdict = manifest.isTornRecord(AT + end, left, true, end);
	if (manifest.isTornRecord(AT + end, seen, seen === left, end) !== verdict) {
		expect.fail(`${seen} bytes of ${toHex(disk.subarray(end))} do not do`);
	}
	return verdict;
}

class Log {
	#bytes = new Uint8Array();
	/** Where each record ends, and 0. */
	readonly ends = [0];

	append(...records: readonly Uint8Array[]): this {
		this.#bytes = joined(this.#bytes, ...records);
		for (const { length } of records) {
			this.ends.push(length + (this.ends.at(-1) ?? 0));
		}
		return this;
	}

	get bytes(): Uint8Array {
		return this.#bytes;
	}

	get length(): number {
		return this.#bytes.length;
	}

	/** Where the last record ends that lies before a byte. */
	endBefore(at: number): number {
		return this.ends.filter((end) => end <= at).at(-1) ?? 0;
	}
}

function someRecord(random: Random): Uint8Array {
	const guid = guidOf(random.integer(0, 100));
	if (random.chance(0.3)) {
		return deleteOf(guid);
	}
	const far = BigInt(random.word()) * 2n ** BigInt(random.integer(0, 32));
	return setOf(guid, random.pick([0n, BigInt(random.integer(0, 9)), far]));
}

/** Durable records up to the first sector's `phase`: from 1008 bytes on, SETs and DELETEs come to any length. */
function durableUpTo(phase: number): Log {
	const target = 2 * SECTOR + phase;
	const sets = Array.from({ length: 29 }, (_, count) => count);
	const count = sets.find((sets) => (target - 37 * sets) % 29 === 0) ?? 0;
	const deletes = (target - 37 * count) / 29;
	return new Log()
		.append(...Array.from({ length: count }, (_, at) => setOf(guidOf(at), 7n)))
		.append(
			...Array.from({ length: deletes }, (_, at) => deleteOf(guidOf(at))),
		);
}

/** The disk of a crash: what was appended from `start` on is cut at `length`, and lacks some sectors, by their number. */
function crashed(
	log: Uint8Array,
	start: number,
	length: number,
	isLost: (sector: number) => boolean,
): Uint8Array {
	const disk = log.slice(0, length);
	for (let at = start; at < length; at += SECTOR - (at % SECTOR)) {
		if (isLost(Math.floor(at / SECTOR))) {
			disk.fill(0, at, at + SECTOR - (at % SECTOR));
		}
	}
	return disk;
}

/** What replay finds are the records before the first byte that is not on the disk, and what stops it there is a torn one. */
function requireTorn(log: Log, disk: Uint8Array): void {
	const changed = disk.findIndex((byte, at) => byte !== log.bytes[at]);
	const end = log.endBefore(changed < 0 ? disk.length : changed);
	const found = breakOf(disk);
	const isRight =
		end === disk.length
			? found === undefined
			: found?.end === end && found.isTorn && isExplained(disk, end);
	if (!isRight) {
		const tail = toHex(disk.subarray(end, end + 80));
		expect.fail(`${JSON.stringify(found)}, not torn at ${end}: ${tail}`);
	}
}

function isExplained(disk: Uint8Array, end: number): boolean {
	return isExplainedByCrash(disk.subarray(end), end);
}

test("an append of two records that a crash cuts, or of which it leaves out a sector, is torn, wherever in a sector it lies", () => {
	const appends = [
		[setOf(guidOf(9), 3n), deleteOf(guidOf(8))],
		[deleteOf(guidOf(8)), setOf(guidOf(9), 2n ** 62n)],
	];
	const tail = 37 + 29;
	for (const place of placesOf(tail + 2)) {
		const phase = SECTOR - tail - 1 + place;
		for (const records of appends) {
			const log = durableUpTo(phase);
			const start = log.length;
			const sector = Math.floor(start / SECTOR);
			log.append(...records);
			for (let length = start; length <= log.length; length += 1) {
				for (const lost of [[], [sector], [sector + 1], [sector, sector + 1]]) {
					const isLost = (number: number) => lost.includes(number);
					requireTorn(log, crashed(log.bytes, start, length, isLost));
				}
			}
		}
	}
});

test(
	"a crash in an append of any records leaves a prefix of them and then a torn one, whichever sectors it leaves out",
	seeded((random) => {
		let log = new Log();
		let start = 0;
		for (const round of sharedRounds(CRASHES, "crashes in an append")) {
			if (round % 100 === 0) {
				log = durableUpTo(random.integer(0, SECTOR));
				start = random.chance(0.1) ? 0 : log.length;
				const count = random.integer(1, 60);
				log.append(...Array.from({ length: count }, () => someRecord(random)));
			}
			const length = random.chance(0.5)
				? log.length
				: random.integer(start, log.length + 1);
			const lost = new Set(
				Array.from(
					{ length: 8 },
					(_, at) => Math.floor(start / SECTOR) + at,
				).filter(() => random.chance(0.4)),
			);
			const isLost = (sector: number) => lost.has(sector);
			requireTorn(log, crashed(log.bytes, start, length, isLost));
		}
	}),
);

test("any number of zeros behind the last record is torn", () => {
	for (const phase of [0, 1, 100, SECTOR - 8, SECTOR - 1]) {
		const log = durableUpTo(phase);
		for (let count = 1; count <= 4096; count += count < 600 ? 1 : 97) {
			const disk = joined(log.bytes, new Uint8Array(count));
			expect(breakOf(disk)).toMatchObject({ end: log.length, isTorn: true });
		}
	}
});

test(
	"a bit that flips in a durable record is not torn, unless all that the last record has in its second sector is a piece of its CRC, and the bit was the only one of that",
	seeded((random) => {
		for (const _ of sharedRounds(FLIPPED_LOGS, "logs of flipped bits")) {
			const log = durableUpTo(random.integer(0, SECTOR));
			log.append(...Array.from({ length: 15 }, () => someRecord(random)));
			requireFlipsToShow(log);
		}
	}),
);

test("a bit that flips in a last record of which one to four bytes lie in a second sector is called torn just where it makes these zero", () => {
	let exceptions = 0;
	for (let behind = 1; behind <= 4; behind += 1) {
		for (const size of [37, 29]) {
			for (const last of endings(size)) {
				const log = durableUpTo(SECTOR - size + behind).append(last);
				exceptions += requireFlipsToShow(log, log.ends.at(-2));
			}
		}
	}
	expect(exceptions).toBeGreaterThan(0);
});

/** Records of a size, some of which have a CRC that ends with a zero, or with one bit. */
function endings(size: number): Uint8Array[] {
	const records = Array.from({ length: 600 }, (_, at) => {
		const guid = filled(16, at % 256).fill(at / 256, 0, 1);
		return size === 37 ? setOf(guid, 5n) : deleteOf(guid);
	});
	return records.filter((record) => {
		const last = record.at(-1) ?? 0;
		return (last & (last - 1)) === 0;
	});
}

/** How many of the flipped bits are called torn, each of which must be one that nothing tells from a sector that was not written. */
function requireFlipsToShow(log: Log, from = 0): number {
	let torn = 0;
	for (let bit = 8 * from; bit < 8 * log.length; bit += 1) {
		const disk = log.bytes.slice();
		const at = Math.floor(bit / 8);
		disk[at] = (disk[at] ?? 0) ^ (1 << (bit % 8));
		const found = breakOf(disk);
		const isTorn = isOnlyBitOfSector(log, disk, at);
		if (found?.end !== log.endBefore(at) || found.isTorn !== isTorn) {
			expect.fail(`byte ${at} of ${log.length}: ${JSON.stringify(found)}`);
		}
		torn += isTorn ? 1 : 0;
	}
	return torn;
}

function isOnlyBitOfSector(log: Log, disk: Uint8Array, at: number): boolean {
	const boundary = log.length - (log.length % SECTOR);
	const isInLastCrc = at >= boundary && log.length - boundary <= 4;
	return isInLastCrc && disk.subarray(boundary).every((byte) => byte === 0);
}

test("a length that is changed in a durable record is not torn, and hides nothing behind it", () => {
	for (const phase of [0, 60, 300, SECTOR - 1]) {
		const log = durableUpTo(phase);
		const first = log.length;
		const records = [setOf(guidOf(1), 1n), deleteOf(guidOf(2))];
		log.append(...records, ...records, ...records);
		for (const start of log.ends.filter(
			(end) => end >= first && end < log.length,
		)) {
			for (const length of [0, 1, 15, 17, 23, 25, 60, 0xffff, 2 ** 31 + 24]) {
				const disk = log.bytes.slice();
				new DataView(disk.buffer).setUint32(start + 4, length, true);
				expect(breakOf(disk)).toMatchObject({ end: start, isTorn: false });
			}
		}
	}
});

test("bytes of ff, a foreign magic, an unknown type and a bad CRC behind the last record are not torn", () => {
	for (const phase of [0, 100, SECTOR - 8, SECTOR - 3]) {
		const log = durableUpTo(phase);
		const bad = setOf(guidOf(3), 3n);
		bad[36] = (bad[36] ?? 0) ^ 1;
		for (const tail of [
			...[1, 8, 9, 600].map((count) => filled(count, 0xff)),
			...[1, 8, 9, 600].map((count) => filled(count, 0x4d)),
			recordOf(3, guidOf(9)),
			recordOf(3, guidOf(9)).subarray(0, 20),
			recordOf(1, guidOf(9)),
			bad,
		]) {
			const disk = joined(log.bytes, tail);
			const isStart = tail.length === 1 && tail[0] === 0x4d;
			expect(breakOf(disk), toHex(tail)).toMatchObject({
				...{ end: log.length, isTorn: isStart },
			});
		}
	}
});

test("a record that ends behind the bytes at hand is not torn where the file goes on", () => {
	core.write(AT, setOf(guidOf(1), 1n));
	for (let length = 1; length < 37; length += 1) {
		expect(manifest.isTornRecord(AT, length, true, 0)).toBe(true);
		expect(manifest.isTornRecord(AT, length, false, 0)).toBe(false);
	}
});

test(
	"whatever bytes a log breaks at, they are called torn just where a crash explains them",
	seeded((random) => {
		for (const _ of sharedRounds(BREAKS, "logs that break")) {
			const records = joined(someRecord(random), someRecord(random));
			const length = random.integer(1, records.length + 1);
			const bytes = records.slice(0, length);
			const offset = random.integer(SECTOR - 80, SECTOR);
			damage(bytes, SECTOR - offset, random);
			core.write(AT, bytes);
			const isTorn = manifest.isTornRecord(AT, length, true, offset);
			if (isTorn !== isExplainedByCrash(bytes, offset)) {
				expect.fail(`${toHex(bytes)} at ${offset}: ${isTorn}`);
			}
		}
	}),
);

/** Zeros from a boundary on or up to it, a byte, or both. */
function damage(bytes: Uint8Array, boundary: number, random: Random): void {
	if (random.chance(0.5)) {
		const isBehind = random.chance(0.7);
		bytes.fill(0, isBehind ? boundary : 0, isBehind ? undefined : boundary);
	}
	if (random.chance(0.5)) {
		bytes[random.integer(0, bytes.length)] = random.chance(0.3)
			? 0
			: random.integer(0, 256);
	}
}
