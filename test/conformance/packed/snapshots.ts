import { assert } from "chai";
import type { ErrorPlace, StorageErrorCode } from "../../../src/errors.ts";
import type { Verdicts } from "../../../src/packed/verdicts.ts";
import { namesIn, readRaw, writeRaw } from "../../support/hosts/raw-file.ts";
import { filled, joined, toHex } from "../../support/runs/bytes.ts";
import { assertFails } from "../../support/runs/failure.ts";
import { hostTest, type Suite } from "../../support/runs/suite.ts";
import {
	guidOf,
	LOG_PATH,
	SNAPSHOT_PATH,
	setRecord,
	snapshotBytes,
} from "../../support/stores/packed-files.ts";
import { frameOf, withPacked } from "../../support/stores/packed-store.ts";

/**
 * For a snapshot that opens: its GUIDs. For one that does not: the code, and words of the message.
 */
type Verdict =
	| { readonly guids: readonly number[] }
	| {
			readonly code: StorageErrorCode;
			readonly says: string;
			/** The values in its place. */
			readonly values?: Pick<ErrorPlace, "expected" | "found">;
	  };

interface SnapshotRow {
	readonly what: string;
	readonly bytes: Uint8Array;
	readonly verdict: Verdict;
	readonly own?: Verdict;
}

const MAPPINGS = [
	[1, 0],
	[2, 1],
] as const;
const WHOLE = snapshotBytes({ mappings: MAPPINGS });
const FOUND: Verdict = { guids: [1, 2] };

const HEADERS: readonly SnapshotRow[] = [
	{ what: "a whole one", bytes: WHOLE, verdict: FOUND },
	{
		what: "bytes behind the last mapping",
		bytes: joined(WHOLE, filled(5, 9)),
		verdict: FOUND,
		own: corrupt("Manifest::length", { expected: 72, found: 77 }),
	},
	{
		what: "something where 0 is written",
		bytes: snapshotBytes({ mappings: MAPPINGS, reserved: 0xbeef }),
		verdict: FOUND,
		own: corrupt("Manifest::reserved", { expected: 0, found: 0xbeef }),
	},
	{ what: "no byte", bytes: filled(0, 0), verdict: short("which has 0") },
	{
		what: "23 bytes",
		bytes: WHOLE.subarray(0, 23),
		verdict: short("which has 23"),
	},
	{
		what: "fewer mappings than it says",
		bytes: WHOLE.subarray(0, -1),
		verdict: short("72 bytes at 0"),
	},
	{
		what: "a count that no file holds",
		bytes: snapshotBytes({ mappings: MAPPINGS, count: 2 ** 32 - 1 }),
		verdict: short("which has 72"),
	},
	{
		what: "another magic",
		bytes: joined(filled(8, 0x41), WHOLE.subarray(8)),
		verdict: corrupt("Manifest::magic", {
			expected: "415254534e4d4e46",
			found: "41".repeat(8),
		}),
	},
	...[5, 7].map((version) => ({
		what: `version ${version}`,
		bytes: snapshotBytes({ mappings: MAPPINGS, version }),
		verdict: corrupt("older manifests are not migrated", {
			expected: 6,
			found: version,
		}),
	})),
];

const SLOTS: readonly SnapshotRow[] = [
	{
		what: "a GUID twice",
		bytes: snapshotBytes({
			mappings: [
				[1, 0],
				[2, 1],
				[1, 2],
			],
		}),
		verdict: corrupt("Manifest::duplicate guid"),
	},
	{
		what: "a slot twice",
		bytes: snapshotBytes({
			mappings: [
				[1, 0],
				[2, 0],
			],
		}),
		verdict: corrupt("Manifest::duplicate slot"),
	},
	{
		what: "a slot past the next one",
		bytes: snapshotBytes({
			mappings: [
				[1, 0],
				[2, 2],
			],
		}),
		verdict: corrupt("Manifest::slot past next_slot"),
	},
	{
		what: "a slot twice, below one past the next one",
		bytes: snapshotBytes({
			mappings: [
				[1, 0],
				[2, 9],
				[3, 9],
			],
		}),
		verdict: corrupt("Manifest::slot past next_slot"),
	},
	{
		what: "the last of 64 bits as the next slot",
		bytes: snapshotBytes({ mappings: MAPPINGS, nextSlot: 2n ** 64n - 1n }),
		verdict: FOUND,
	},
	{
		what: "mappings in another order",
		bytes: snapshotBytes({
			mappings: [
				[2, 1],
				[1, 0],
			],
		}),
		verdict: FOUND,
	},
];

export function snapshotRows(suite: Suite): void {
	for (const verdicts of ["holt-0.7.1", "dualslot"] as const) {
		matrixRow(suite, "a snapshot's header", verdicts, HEADERS);
		matrixRow(suite, "a snapshot's mappings", verdicts, SLOTS);
	}
	logOverSnapshotRows(suite);
}

function matrixRow(
	suite: Suite,
	group: string,
	verdicts: Verdicts,
	rows: readonly SnapshotRow[],
): void {
	hostTest(suite)(`${group}: ${verdicts}'s verdicts`, async (host) => {
		for (const { what, bytes, verdict, own = verdict } of rows) {
			await writeRaw(host, SNAPSHOT_PATH, bytes);
			const expected = verdicts === "dualslot" ? own : verdict;
			const open = () =>
				withPacked(host, { verdicts }, async (store) =>
					store.list().map(([guid]) => guid),
				);
			if ("guids" in expected) {
				assert.deepEqual(await open(), [...expected.guids], what);
			} else {
				const error = await assertFails(expected.code, open);
				assert.include(error.message, expected.says, what);
				assert.equal(error.place.path, SNAPSHOT_PATH, what);
				assert.include(error.place, expected.values ?? {}, what);
			}
			assert.equal(
				toHex(await readRaw(host, SNAPSHOT_PATH)),
				toHex(bytes),
				what,
			);
		}
	});
}

function logOverSnapshotRows(suite: Suite): void {
	const test = hostTest(suite);

	test("a bad snapshot is refused though the log puts its slots right", async (host) => {
		const mappings = [
			[1, 0],
			[2, 0],
		] as const;
		await writeRaw(host, SNAPSHOT_PATH, snapshotBytes({ mappings }));
		await writeRaw(host, LOG_PATH, setRecord(2, 1));
		await assertFails("ERR_MANIFEST_CORRUPT", () =>
			withPacked(host, {}, async () => undefined),
		);
	});

	test("a snapshot's next slot keeps free slots past its mappings from being forgotten", async (host) => {
		const snapshot = snapshotBytes({ mappings: [[1, 2]], nextSlot: 5 });
		await writeRaw(host, SNAPSHOT_PATH, snapshot);
		await withPacked(host, {}, async (store) => {
			for (const guid of [2, 3, 4, 5, 6]) {
				await store.write(guidOf(guid), frameOf(guid));
			}
			await store.flush();
		});
		const slots = [0, 1, 3, 4, 5].map((slot, at) => setRecord(at + 2, slot));
		assert.equal(toHex(await readRaw(host, LOG_PATH)), toHex(joined(...slots)));
	});

	test("opening leaves what another's store has beside the manifest", async (host) => {
		await writeRaw(host, "journal.wal", filled(40, 1));
		await writeRaw(host, "manifest.bin.tmp", filled(40, 2));
		await withPacked(host, {}, async () => undefined);
		const names = await namesIn(host);
		assert.includeMembers(names, ["journal.wal", "manifest.bin.tmp"]);
		assert.deepEqual(await readRaw(host, "manifest.bin.tmp"), filled(40, 2));
	});
}

function corrupt(
	says: string,
	values: Pick<ErrorPlace, "expected" | "found"> = {},
): Verdict {
	return { code: "ERR_MANIFEST_CORRUPT", says, values };
}

function short(says: string): Verdict {
	return { code: "ERR_BLOB_INSUFFICIENT_LENGTH", says };
}
