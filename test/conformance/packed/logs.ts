import { assert } from "chai";
import type { Verdicts } from "../../../src/packed/verdicts.ts";
import { namesIn, readRaw, writeRaw } from "../../support/hosts/raw-file.ts";
import { bytesOf, filled, joined, toHex } from "../../support/runs/bytes.ts";
import { assertFails } from "../../support/runs/failure.ts";
import { hostTest, type Suite } from "../../support/runs/suite.ts";
import {
	deleteRecord,
	guidOf,
	LOG_PATH,
	logRecord,
	setRecord,
} from "../../support/stores/packed-files.ts";
import { withPacked } from "../../support/stores/packed-store.ts";

/**
 * For a log that opens: its length then, and its GUIDs. For one that does not: what is damaged, and
 * where.
 */
type Verdict =
	| { readonly size: number; readonly guids: readonly number[] }
	| { readonly damage: string; readonly at: number };

interface LogRow {
	readonly what: string;
	readonly log: Uint8Array;
	/** The verdict of both, or of holt. */
	readonly verdict: Verdict;
	/** dualslot's verdict, if it differs. */
	readonly own?: Verdict;
}

const FIRST = setRecord(1, 0);
const SECOND = setRecord(2, 1);
const THIRD = setRecord(3, 2);
const BASE = joined(FIRST, SECOND);
/** Four records: the end of a sector of 512 bytes is far away. */
const FOUR = joined(BASE, THIRD, setRecord(4, 3));

const KEPT: Verdict = { size: 74, guids: [1, 2] };

/** Tails that a crash within an append explains, and others. */
const TAILS: readonly LogRow[] = [
	...[1, 8].map((count) => behind(`${count} zeros`, filled(count, 0), KEPT)),
	behind("8 bytes ff", filled(8, 0xff), KEPT, damaged("magic")),
	behind("the start of a magic", bytesOf("MLG"), KEPT),
	...[9, 4096].map((count) =>
		behind(`${count} zeros`, filled(count, 0), damaged("magic"), KEPT),
	),
	behind("9 bytes ff", filled(9, 0xff), damaged("magic")),
	...[8, 9, 10, 33, 36].map((count) =>
		behind(`${count} bytes of a record`, THIRD.subarray(0, count), KEPT),
	),
	behind("a record with a flipped CRC", flipped(THIRD, 36), damaged("crc")),
	behind(
		"a type that nobody knows",
		logRecord(3, guidOf(1)),
		damaged("unknown op"),
	),
	behind(
		"the same without its last byte",
		logRecord(3, guidOf(1)).subarray(0, -1),
		KEPT,
		damaged("unknown op"),
	),
	behind(
		"the same with a flipped CRC",
		flipped(logRecord(3, guidOf(1)), 28),
		damaged("crc"),
		damaged("unknown op"),
	),
	behind("a SET of 16 bytes", logRecord(1, guidOf(3)), damaged("set length")),
	behind("an empty SET", logRecord(1, filled(0, 0)), damaged("set length")),
	behind(
		"a DELETE of 24 bytes",
		logRecord(2, filled(24, 1)),
		damaged("delete length"),
	),
];

/** Lengths with a wrong bit: holt takes them, and all that follows, for a torn tail. */
const LENGTHS: readonly LogRow[] = [
	{
		what: "the first of four records has a length of 0xffff",
		log: changed(FOUR, 4, [0xff, 0xff]),
		verdict: { size: 0, guids: [] },
		own: { damage: "set length", at: 0 },
	},
	{
		what: "the second of four records has a length with its top bit set",
		log: changed(FOUR, 37 + 7, [0x80]),
		verdict: { size: 37, guids: [1] },
		own: { damage: "set length", at: 37 },
	},
	{
		what: "a record in the middle has a flipped CRC",
		log: joined(FIRST, flipped(SECOND, 36), THIRD),
		verdict: { damage: "crc", at: 37 },
	},
	{
		what: "a long record has a CRC that is right, and a type that nobody knows",
		log: joined(FIRST, logRecord(7, filled(100_000, 5)), SECOND),
		verdict: { damage: "unknown op", at: 37 },
	},
	{
		what: "a long SET has a CRC that is right",
		log: joined(FIRST, logRecord(1, filled(70_000, 5))),
		verdict: { damage: "set length", at: 37 },
	},
	{
		what: "a long record has a CRC that is wrong",
		log: joined(FIRST, flipped(logRecord(7, filled(100_000, 5)), 50_000)),
		verdict: { damage: "crc", at: 37 },
		own: { damage: "unknown op", at: 37 },
	},
];

const SLOTS: readonly LogRow[] = [
	behind("a DELETE of a GUID that is not there", deleteRecord(9), {
		size: 103,
		guids: [1, 2],
	}),
	{
		what: "two GUIDs have one slot in the end",
		log: joined(BASE, setRecord(3, 1)),
		verdict: { damage: "duplicate slot", at: 0 },
	},
	{
		what: "two GUIDs have one slot for a while",
		log: joined(FIRST, setRecord(2, 0), deleteRecord(1)),
		verdict: { size: 103, guids: [2] },
	},
	{
		what: "a slot is the last of 64 bits",
		log: setRecord(1, 2n ** 64n - 1n),
		verdict: { damage: "slot past next_slot", at: 0 },
	},
	{
		what: "a slot is the one before it",
		log: joined(BASE, setRecord(3, 2n ** 64n - 2n)),
		verdict: { size: 111, guids: [1, 2, 3] },
	},
	{
		what: "a slot is 2^40",
		log: setRecord(3, 2n ** 40n),
		verdict: { size: 37, guids: [3] },
	},
];

/** Sectors that a crash left as zeros, while later ones were written. */
const SECTORS: readonly LogRow[] = [
	{
		what: "zeros reach the sector's end, and records follow in the next",
		log: joined(BASE, filled(512 - 74, 0), FIRST),
		verdict: damaged("magic"),
		own: KEPT,
	},
	{
		what: "zeros end before the sector does",
		log: joined(BASE, filled(400, 0), FIRST),
		verdict: damaged("magic"),
	},
	{
		what: "a record begins in a sector, and the next one is zeros",
		log: joined(
			records(13),
			setRecord(14, 13).subarray(0, 512 - 481),
			filled(1000, 0),
		),
		verdict: { damage: "crc", at: 481 },
		own: { size: 481, guids: Array.from({ length: 13 }, (_, at) => at + 1) },
	},
	{
		what: "a record begins in a sector, and the next one is something else",
		log: joined(
			records(13),
			setRecord(14, 13).subarray(0, 512 - 481),
			filled(1000, 1),
		),
		verdict: { damage: "crc", at: 481 },
	},
];

export function logRows(suite: Suite): void {
	for (const [group, rows] of Object.entries({
		"a torn tail of the log": TAILS,
		"a wrong length in the log": LENGTHS,
		"slots in the log": SLOTS,
		"sectors of zeros in the log": SECTORS,
	})) {
		matrixRow(suite, group, "holt-0.7.1", rows);
		matrixRow(suite, group, "dualslot", rows);
	}
	cutRows(suite);
}

function matrixRow(
	suite: Suite,
	group: string,
	verdicts: Verdicts,
	rows: readonly LogRow[],
): void {
	hostTest(suite)(`${group}: ${verdicts}'s verdicts`, async (host) => {
		for (const { what, log, verdict, own = verdict } of rows) {
			await writeRaw(host, LOG_PATH, log);
			const expected = verdicts === "dualslot" ? own : verdict;
			const open = () =>
				withPacked(host, { verdicts }, async (store) =>
					store.list().map(([guid]) => guid),
				);
			if ("damage" in expected) {
				const error = await assertFails("ERR_MANIFEST_CORRUPT", open);
				assert.include(error.message, `::${expected.damage}`, what);
				const { path, offset } = error.place;
				assert.deepEqual([path, offset], [LOG_PATH, expected.at], what);
			} else {
				assert.deepEqual(await open(), [...expected.guids], what);
			}
			const size = "damage" in expected ? log.length : expected.size;
			const left = await readRaw(host, LOG_PATH);
			assert.equal(toHex(left), toHex(log.subarray(0, size)), what);
		}
	});
}

function cutRows(suite: Suite): void {
	const test = hostTest(suite);

	test("what is cut from the log is kept, and named", async (host) => {
		for (const [turn, tail] of [
			THIRD.subarray(0, 20),
			filled(4096, 0),
		].entries()) {
			await writeRaw(host, LOG_PATH, joined(BASE, tail));
			const cut = await withPacked(
				host,
				{},
				async (store) => store.recovery.cut,
			);
			const copy = `dualslot.cut/manifest.log.74.${turn}`;
			assert.deepEqual(cut, { offset: 74, bytes: tail.length, copy });
			assert.equal(toHex(await readRaw(host, copy)), toHex(tail));
		}
	});

	test("by holt's verdicts what is cut is not kept", async (host) => {
		await writeRaw(host, LOG_PATH, joined(BASE, THIRD.subarray(0, 20)));
		const verdicts = "holt-0.7.1";
		await withPacked(host, { verdicts }, async ({ recovery }) => {
			assert.deepEqual(recovery.cut, { offset: 74, bytes: 20 });
			assert.equal(recovery.logRecords, 2);
		});
		assert.notInclude(await namesIn(host), "dualslot.cut");
	});

	test("a log with a torn tail is not cut when its slots do not fit together", async (host) => {
		const log = joined(BASE, setRecord(3, 1), THIRD.subarray(0, 20));
		await writeRaw(host, LOG_PATH, log);
		for (const verdicts of ["dualslot", "holt-0.7.1"] as const) {
			await assertFails("ERR_MANIFEST_CORRUPT", () =>
				withPacked(host, { verdicts }, async () => undefined),
			);
			assert.equal(toHex(await readRaw(host, LOG_PATH)), toHex(log));
		}
	});

	test("a log of more records than are read at once is replayed whole", async (host) => {
		const log = joined(...Array.from({ length: 20 }, () => records(200)));
		await writeRaw(host, LOG_PATH, log);
		await withPacked(host, {}, async (store) => {
			assert.equal(store.recovery.logRecords, 4000);
			assert.equal(store.size, 200);
		});
	});
}

function behind(
	what: string,
	tail: Uint8Array,
	verdict: Verdict,
	own = verdict,
): LogRow {
	return { what, log: joined(BASE, tail), verdict, own };
}

/** Behind the two whole records. */
function damaged(damage: string): Verdict {
	return { damage, at: 74 };
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
	return changed(bytes, at, [(bytes[at] ?? 0) ^ 0x80]);
}

function changed(
	bytes: Uint8Array,
	at: number,
	values: readonly number[],
): Uint8Array {
	const copy = bytes.slice();
	copy.set(values, at);
	return copy;
}

/** GUID 1 in slot 0, and so on. */
function records(count: number): Uint8Array {
	return joined(
		...Array.from({ length: count }, (_, at) => setRecord(at + 1, at)),
	);
}
