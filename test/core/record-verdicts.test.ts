import { expect, test } from "vitest";
import {
	FRAME_RECORD_SIZE,
	RECORD_COUNTS,
	RECORD_LOST,
} from "../../assembly/format.ts";
import { Core } from "../../src/core/core.ts";
import { ManifestCore } from "../../src/core/manifest.ts";
import type { FrameRecord } from "../../src/core/manifest-answers.ts";
import { mappingOf, setOf } from "../support/oracles/manifest-oracle.ts";
import { bitwiseCrc, CASTAGNOLI } from "../support/oracles/oracle.ts";
import { joined } from "../support/runs/bytes.ts";
import { type Random, seeded } from "../support/runs/prng.ts";

const CELLS = 1024;
const LOG = 7;
/** In place of a position: the mapping is the snapshot's. */
const SNAPSHOTS = -1;

const core = await Core.load(1024 * 1024);
const { manifest } = core;
const TABLE = core.heapBase;
const AT = TABLE + ManifestCore.tableBytes(CELLS);

interface Verdict {
	readonly counts: boolean;
	readonly isLost: boolean;
	readonly crc: number;
}

/** A mapping, and the offset of its log record; undefined where it is the snapshot's. */
interface Placed {
	readonly guid: Uint8Array;
	readonly position: number | undefined;
}

function recordOf(slot: number, guid: Uint8Array, record: FrameRecord) {
	const bytes = joined(guid, new Uint8Array(16));
	const view = new DataView(bytes.buffer);
	view.setUint32(16, record.crc, true);
	view.setUint32(20, record.generation, true);
	view.setUint32(24, record.position, true);
	view.setUint32(
		28,
		bitwiseCrc(CASTAGNOLI, bytes.subarray(0, 28), slot % 2 ** 32),
		true,
	);
	return bytes;
}

/** Makes a manifest: first the snapshot's mappings, then those that a log sets, one behind the other. */
function manifestOf(placed: ReadonlyMap<number, Placed>): void {
	manifest.initialize(TABLE, CELLS);
	for (const [slot, { guid, position }] of placed) {
		core.write(AT, mappingOf(guid, BigInt(slot)));
		if (position === undefined) {
			manifest.put(TABLE, AT);
		} else {
			core.write(AT, setOf(guid, BigInt(slot)));
			manifest.replayLog(TABLE, AT, 37, 37, "length", position);
		}
	}
}

function judged(
	records: readonly Uint8Array[],
	first: number,
	snapshot: number,
	logSize: number,
): Verdict[] {
	const bytes = joined(...records);
	core.write(AT, bytes);
	const run = { first, count: records.length };
	manifest.judgeRecords(TABLE, AT, run, { log: LOG, snapshot, logSize });
	const view = new DataView(core.bytes(AT, bytes.length).slice().buffer);
	return records.map((_, index) => {
		const at = index * FRAME_RECORD_SIZE;
		const bits = view.getUint32(at, true);
		const counts = (bits & RECORD_COUNTS) !== 0;
		return {
			counts,
			isLost: (bits & RECORD_LOST) !== 0,
			crc: counts ? view.getUint32(at + 4, true) : 0,
		};
	});
}

/** The rule of docs/format.md, record by record. */
function expectedOf(
	record: FrameRecord,
	isIts: boolean,
	position: number | undefined,
	snapshot: number,
	logSize: number,
): Verdict {
	const counts =
		isIts &&
		(position === undefined
			? record.generation < snapshot
			: record.generation === LOG && record.position === position);
	return {
		counts,
		isLost: record.generation === LOG && record.position >= logSize,
		crc: counts ? record.crc : 0,
	};
}

/** A record by chance: mostly as its manifest has it, else of another GUID, generation or place. */
function chanceOf(
	slot: number,
	own: Placed,
	other: Uint8Array,
	random: Random,
) {
	const isIts = random.integer(0, 5) > 0;
	const record = {
		crc: random.word(),
		generation: random.pick([LOG - 1, LOG, LOG, LOG + 1]),
		position: random.pick([own.position ?? 0, own.position ?? 37, 74, 370]),
	};
	const bytes = recordOf(slot, isIts ? own.guid : other, record);
	return { isIts, record, bytes };
}

test(
	"a record counts for the frame that has its slot by that record of the log, or by the snapshot and of an earlier generation; it is lost where its place is past the log's end",
	seeded((random) => {
		for (let round = 0; round < 300; round += 1) {
			const first = random.pick([0, 5, 2 ** 31, 2 ** 33]);
			const count = random.integer(1, 60);
			const snapshot = random.pick([LOG, LOG + 1]);
			const logSize = random.pick([0, 74, 111, 1000]);
			const placed = new Map(
				Array.from({ length: count }, (_, index) => {
					const position = random.pick([SNAPSHOTS, 0, 37, 74]);
					return [
						first + index,
						{
							guid: random.bytes(16),
							position: position === SNAPSHOTS ? undefined : position,
						},
					];
				}),
			);
			manifestOf(placed);
			const chances = [...placed].map(([slot, own]) =>
				chanceOf(slot, own, random.bytes(16), random),
			);
			const records = chances.map(({ bytes }) => bytes);
			expect(judged(records, first, snapshot, logSize)).toEqual(
				chances.map(({ record, isIts }, index) => {
					const position = placed.get(first + index)?.position;
					return expectedOf(record, isIts, position, snapshot, logSize);
				}),
			);
		}
	}),
);

test("a record of a GUID that has another slot does not count, nor one of which a bit is flipped, nor zeros", () => {
	const own = { guid: new Uint8Array(16).fill(3), position: undefined };
	const record = { crc: 99, generation: LOG - 1, position: 0 };
	const nothing = { counts: false, isLost: false, crc: 0 };
	manifestOf(new Map([[4, own]]));
	const right = recordOf(4, own.guid, record);
	expect(judged([right], 4, LOG, 0)).toEqual([
		{ counts: true, isLost: false, crc: 99 },
	]);
	expect(judged([recordOf(5, own.guid, record)], 5, LOG, 0)).toEqual([nothing]);
	expect(judged([right], 5, LOG, 0)).toEqual([nothing]);
	expect(judged([new Uint8Array(32)], 4, LOG, 0)).toEqual([nothing]);
	for (let bit = 0; bit < 256; bit += 1) {
		const flipped = right.slice();
		flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
		expect(judged([flipped], 4, LOG, 0), `bit ${bit}`).toEqual([nothing]);
	}
});
