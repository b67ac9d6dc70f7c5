import type { Random } from "../support/runs/prng.ts";
import {
	deleteRecord,
	record,
	type SnapshotBytes,
	setRecord,
	snapshot,
} from "./manifest-bytes.ts";

/** Files of a store that a crash, or something worse, has left. */
export interface DamagedManifest {
	readonly log: Buffer;
	readonly snapshot?: Buffer;
}

/** One of which is known what holt makes of it. */
interface JudgedManifest extends DamagedManifest {
	readonly name: string;
	readonly verdict: string;
	/** Bytes of the log that are left. */
	readonly left: number;
}

export const GUIDS = ["a1", "b2", "c3", "d4"].map((byte) => byte.repeat(16));
const [ONE = "", TWO = "", THREE = "", FOUR = ""] = GUIDS;
const WHOLE = Buffer.concat([setRecord(ONE, 0n), setRecord(TWO, 1n)]);
const THIRD = setRecord(THREE, 2n);

function refused(
	name: string,
	verdict: string,
	damage: DamagedManifest,
): JudgedManifest {
	const left = damage.log.length;
	const context = verdict === "short" ? "" : "corrupt FileBlobStore::";
	return { name, ...damage, verdict: `${context}${verdict}`, left };
}

function torn(name: string, log: Buffer, left: number): JudgedManifest {
	return { name, log, verdict: "ok", left };
}

function kept(name: string, damage: DamagedManifest): JudgedManifest {
	return { name, ...damage, verdict: "ok", left: damage.log.length };
}

function behind(...tail: readonly Uint8Array[]): Buffer {
	return Buffer.concat([WHOLE, ...tail]);
}

/** With one byte changed. */
function altered(bytes: Buffer, at: number, bits: number): Buffer {
	const copy = Buffer.from(bytes);
	copy.writeUInt8(copy.readUInt8(at) ^ bits, at);
	return copy;
}

const bytes = (length: number, fill: number) => Buffer.alloc(length, fill);
const unknown = record(3, bytes(16, 7));

const LOGS: readonly JudgedManifest[] = [
	torn("a zero", behind(bytes(1, 0)), 74),
	torn("eight zeros", behind(bytes(8, 0)), 74),
	torn("eight bytes 0xff", behind(bytes(8, 0xff)), 74),
	torn("half a magic", behind(Buffer.from("MLG")), 74),
	...[9, 4096].map((count) =>
		refused(`${count} zeros`, "ManifestLog::magic", {
			log: behind(bytes(count, 0)),
		}),
	),
	refused("nine bytes 0xff", "ManifestLog::magic", {
		log: behind(bytes(9, 0xff)),
	}),
	...[8, 9, 10, 33, 36].map((count) =>
		torn(
			`the first ${count} bytes of a record`,
			behind(THIRD.subarray(0, count)),
			74,
		),
	),
	refused("a flipped bit of the last CRC", "ManifestLog::crc", {
		log: behind(altered(THIRD, 36, 1)),
	}),
	refused("a flipped bit of the first CRC", "ManifestLog::crc", {
		log: altered(behind(THIRD), 36, 1),
	}),
	torn(
		"a first record that is as long as no log",
		altered(altered(behind(THIRD), 4, 0xe7), 5, 0xff),
		0,
	),
	torn("a second one so", altered(behind(THIRD), 37 + 7, 0x80), 37),
	refused("an unknown type", "ManifestLog::unknown op", {
		log: behind(unknown),
	}),
	torn("an unknown type, a byte short", behind(unknown.subarray(0, -1)), 74),
	refused("an unknown type, its CRC wrong", "ManifestLog::crc", {
		log: behind(altered(unknown, unknown.length - 1, 1)),
	}),
	refused("a SET without a slot", "ManifestLog::set length", {
		log: behind(record(1, bytes(16, 7))),
	}),
	refused("an empty SET", "ManifestLog::set length", {
		log: behind(record(1, bytes(0, 0))),
	}),
	refused("a DELETE with a slot", "ManifestLog::delete length", {
		log: behind(record(2, bytes(24, 7))),
	}),
	refused("a long record of an unknown type", "ManifestLog::unknown op", {
		log: behind(record(9, bytes(200_000, 7))),
	}),
	refused("a long record, its CRC wrong", "ManifestLog::crc", {
		log: behind(altered(record(9, bytes(200_000, 7)), 200_000, 1)),
	}),
	refused("a long SET", "ManifestLog::set length", {
		log: behind(record(1, bytes(200_000, 7)), THIRD),
	}),
	kept("a DELETE of nothing", { log: behind(deleteRecord(FOUR)) }),
	refused("two GUIDs in one slot", "Manifest::duplicate slot", {
		log: behind(setRecord(THREE, 1n)),
	}),
	kept("two GUIDs in one slot, for a while", {
		log: behind(setRecord(THREE, 1n), deleteRecord(TWO)),
	}),
	refused("the last slot of all", "Manifest::slot past next_slot", {
		log: behind(setRecord(THREE, 2n ** 64n - 1n)),
	}),
	kept("the last slot but one", {
		log: behind(setRecord(THREE, 2n ** 64n - 2n)),
	}),
	kept("slot 2^40", { log: behind(setRecord(THREE, 2n ** 40n)) }),
];

const MAPPED = {
	nextSlot: 3n,
	mappings: [
		[ONE, 0n],
		[TWO, 2n],
	],
} as const satisfies SnapshotBytes;
const EMPTY = Buffer.alloc(0);

function ofSnapshot(changes: Partial<SnapshotBytes>): DamagedManifest {
	return { log: EMPTY, snapshot: snapshot({ ...MAPPED, ...changes }) };
}

const VERSION = "Manifest::version (older manifests are not migrated)";

const SNAPSHOTS: readonly JudgedManifest[] = [
	kept("a snapshot", ofSnapshot({})),
	kept("a snapshot with bytes behind it", {
		log: EMPTY,
		snapshot: Buffer.concat([snapshot(MAPPED), bytes(7, 9)]),
	}),
	kept("something reserved", ofSnapshot({ reserved: 0xbeef })),
	kept(
		"a next slot of 2^64 - 1",
		ofSnapshot({ nextSlot: 2n ** 64n - 1n, mappings: MAPPED.mappings }),
	),
	...[0, 23].map((size) =>
		refused(`a snapshot of ${size} bytes`, "short", {
			log: EMPTY,
			snapshot: snapshot(MAPPED).subarray(0, size),
		}),
	),
	refused("fewer mappings than it says", "short", ofSnapshot({ count: 3 })),
	refused("version 5", VERSION, ofSnapshot({ version: 5 })),
	refused("version 7", VERSION, ofSnapshot({ version: 7 })),
	refused("another magic", "Manifest::magic", {
		log: EMPTY,
		snapshot: altered(snapshot(MAPPED), 0, 1),
	}),
	refused(
		"a GUID twice",
		"Manifest::duplicate guid",
		ofSnapshot({
			mappings: [
				[ONE, 0n],
				[ONE, 1n],
			],
		}),
	),
	refused(
		"a slot twice",
		"Manifest::duplicate slot",
		ofSnapshot({
			mappings: [
				[ONE, 1n],
				[TWO, 1n],
			],
		}),
	),
	refused(
		"a slot past the next, and one twice",
		"Manifest::duplicate slot",
		ofSnapshot({
			mappings: [
				[ONE, 1n],
				[TWO, 1n],
				[THREE, 9n],
			],
		}),
	),
	refused(
		"a slot past the next",
		"Manifest::slot past next_slot",
		ofSnapshot({ nextSlot: 2n }),
	),
	refused(
		"a snapshot that its log would put right",
		"Manifest::duplicate slot",
		{
			log: setRecord(ONE, 0n),
			snapshot: snapshot({
				nextSlot: 2n,
				mappings: [
					[ONE, 1n],
					[TWO, 1n],
				],
			}),
		},
	),
	kept("a log that says again what its snapshot says", {
		log: Buffer.concat([setRecord(ONE, 0n), setRecord(TWO, 2n)]),
		snapshot: snapshot(MAPPED),
	}),
];

/** What is known to come of damage, by running holt. */
export const JUDGED_MANIFESTS = [...LOGS, ...SNAPSHOTS];

/** A log, beside a snapshot or not, with up to three things wrong. */
export function randomDamagedManifest(random: Random): DamagedManifest {
	const records = Array.from({ length: random.integer(0, 7) }, () =>
		randomRecord(random),
	);
	let log: Buffer = Buffer.concat(records);
	let bin = random.chance(0.5) ? randomSnapshot(random) : undefined;
	for (let left = random.integer(0, 4); left > 0; left -= 1) {
		if (bin !== undefined && random.chance(0.4)) {
			bin = damaged(random, bin);
			// Of a count that the file cannot hold, holt asks for that much memory.
			bin = bin.length > 13 ? setByte(setByte(bin, 12, 0), 13, 0) : bin;
		} else {
			log = damaged(random, log);
		}
	}
	return { log, ...(bin && { snapshot: bin }) };
}

function randomSlot(random: Random): bigint {
	const odd = [2n ** 64n - 1n, 2n ** 64n - 2n, 2n ** 40n];
	return random.chance(0.03) ? random.pick(odd) : BigInt(random.integer(0, 8));
}

function randomRecord(random: Random): Buffer {
	const guid = random.pick(GUIDS);
	if (random.chance(0.05)) {
		const body = random.bytes(random.integer(0, 40));
		return record(random.integer(0, 5), body);
	}
	return random.chance(0.3)
		? deleteRecord(guid)
		: setRecord(guid, randomSlot(random));
}

function randomSnapshot(random: Random): Buffer {
	const slots = random.shuffle([0n, 1n, 2n, 3n]);
	const mappings = GUIDS.slice(0, random.integer(0, 5)).map(
		(guid, index) => [guid, slots[index] ?? 0n] as const,
	);
	const nextSlot = BigInt(random.integer(3, 6));
	return snapshot({ nextSlot, mappings });
}

function damaged(random: Random, bytes: Buffer): Buffer {
	const at = random.integer(0, bytes.length + 1);
	switch (random.integer(0, 6)) {
		case 0:
			return bytes.subarray(0, at);
		case 1:
			return Buffer.concat([bytes, Buffer.alloc(random.integer(1, 20))]);
		case 2:
			return Buffer.concat([bytes, random.bytes(random.integer(1, 20))]);
		case 3:
			return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
		default:
			return at < bytes.length
				? altered(bytes, at, 1 << random.integer(0, 8))
				: bytes;
	}
}

function setByte(bytes: Buffer, at: number, value: number): Buffer {
	const copy = Buffer.from(bytes);
	copy.writeUInt8(value, at);
	return copy;
}
