import { FRAME_RECORD_SIZE, STAMPS } from "../../../assembly/format.ts";
import type { Arena } from "../../core/arena.ts";
import type { Core } from "../../core/core.ts";
import type { FrameStamp } from "../../core/manifest-answers.ts";
import { StorageError } from "../../errors.ts";
import type { Host, HostFile } from "../../host/host.ts";
import type { Observer } from "../../host/observer.ts";
import { readWhole } from "../../host/whole-read.ts";
import { endingIfFailed, endingWith } from "../../turns/endings.ts";
import { type Fingerprint, fingerprintOf, NO_FILE } from "../fingerprint.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { LOG_PATH } from "../manifest/manifest-log.ts";
import { SNAPSHOT_PATH } from "../manifest/snapshot.ts";
import type { PieceBuffer } from "../piece-buffer.ts";
import type { Poison } from "../poison.ts";
import { FrameChecksums, type Generation } from "./frame-checksums.ts";
import { CHECKSUMS_PATH, FrameRecords } from "./frame-records.ts";

/** The parts of the store that an open of frames.crc needs. */
export interface ChecksumSurroundings {
	readonly host: Host;
	readonly observer: Observer;
	readonly core: Core;
	readonly arena: Arena;
	readonly poison: Poison;
	readonly manifest: Manifest;
	readonly log: HostFile;
	readonly buffer: PieceBuffer;
	/** Whether it is made where it is missing: by default in a store that holds nothing yet. */
	readonly isWanted: boolean;
}

/** A stamp and its index. */
interface FoundStamp extends FrameStamp {
	readonly index: number;
}

const FIRST_GENERATION = 1;
/** The version that is written. */
const STAMP_VERSION = 1;

/** Opens frames.crc and finds the records of present frames. Begins it anew where none can be. */
export async function openChecksums(
	around: ChecksumSurroundings,
): Promise<FrameChecksums | undefined> {
	const { host, isWanted } = around;
	const mode = isWanted ? "create" : "write";
	const file = await host.open(CHECKSUMS_PATH, mode);
	return (
		file &&
		endingIfFailed(
			() => checksumsIn(file, around),
			() => file.close(),
		)
	);
}

async function checksumsIn(
	file: HostFile,
	around: ChecksumSurroundings,
): Promise<FrameChecksums> {
	const { core, arena, poison, manifest, log, observer, buffer } = around;
	const bytes = await file.size();
	const snapshot = await snapshotIn(around);
	const stamps = await stampsIn(file, around);
	const generation = await generationOf(stamps, snapshot, around);
	const latest = stamps.reduce(
		(most, { generation }) => Math.max(most, generation),
		0,
	);
	const next = latest + FIRST_GENERATION;
	const records = new FrameRecords(core, arena, file, poison);
	const checksums = new FrameChecksums(
		records,
		generation ?? { snapshot: next, log: next, stamp: 0 },
	);
	if (generation === undefined) {
		await checksums.restart(snapshot);
		if (bytes > 0) {
			const path = CHECKSUMS_PATH;
			observer.event({ kind: "checksums-restarted", path, bytes });
		}
	} else {
		await records.blankStamps(unbornIn(stamps, generation));
	}
	await checksums.load(manifest, await log.size(), buffer);
	return checksums;
}

async function snapshotIn({
	host,
	core,
	buffer,
}: ChecksumSurroundings): Promise<Fingerprint> {
	const file = await host.open(SNAPSHOT_PATH, "read");
	if (file === undefined) {
		return NO_FILE;
	}
	return endingWith(
		async () => {
			const named = { path: SNAPSHOT_PATH, file };
			return fingerprintOf(core, named, await file.size(), buffer);
		},
		() => file.close(),
	);
}

async function stampsIn(
	file: HostFile,
	{ core, buffer: { address } }: ChecksumSurroundings,
): Promise<FoundStamp[]> {
	const length = STAMPS * FRAME_RECORD_SIZE;
	const bytes = core.bytes(address, length);
	bytes.fill(0);
	const there = Math.min(length, await file.size());
	await readWhole(file, CHECKSUMS_PATH, bytes.subarray(0, there), 0);
	const stamps = Array.from({ length: STAMPS }, (_, index) =>
		core.manifest.parseStamp(address + index * FRAME_RECORD_SIZE),
	).flatMap((stamp, index) => (stamp === undefined ? [] : { ...stamp, index }));
	const later = stamps.find(({ version }) => version > STAMP_VERSION);
	if (later !== undefined) {
		throw new StorageError(
			"ERR_VERSION",
			`${CHECKSUMS_PATH} is of version ${later.version}, written by a later version of dualslot; this one knows ${STAMP_VERSION}`,
			{ path: CHECKSUMS_PATH, expected: STAMP_VERSION, found: later.version },
		);
	}
	return stamps;
}

/** Undefined where no stamp matches the snapshot. */
async function generationOf(
	stamps: readonly FoundStamp[],
	{ size, crc }: Fingerprint,
	{ core, log, buffer }: ChecksumSurroundings,
): Promise<Generation | undefined> {
	const [stamp] = stamps
		.filter((own) => own.snapshotSize === size && own.snapshotCrc === crc)
		.sort((one, other) => other.generation - one.generation);
	if (stamp === undefined) {
		return undefined;
	}
	const { generation: of, logSize, logCrc, index } = stamp;
	if (logSize === 0 || (await log.size()) < logSize) {
		return { snapshot: of, log: of, stamp: index };
	}
	const named = { path: LOG_PATH, file: log };
	const found = await fingerprintOf(core, named, logSize, buffer);
	const isFolded = found.crc === logCrc;
	return { snapshot: of, log: isFolded ? of - 1 : of, stamp: index };
}

/** The stamps of snapshots that never got their name: another's snapshot may come to match. */
function unbornIn(
	stamps: readonly FoundStamp[],
	{ stamp }: Generation,
): number[] {
	const own = stamps.find(({ index }) => index === stamp);
	return stamps
		.filter(
			({ generation, logSize }) =>
				own !== undefined &&
				(generation > own.generation ||
					(generation === own.generation && logSize > own.logSize)),
		)
		.map(({ index }) => index);
}
