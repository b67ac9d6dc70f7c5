import { newBytes } from "../bytes.ts";
import type { Core } from "../core/core.ts";
import type { Host, HostFile } from "../host/host.ts";
import { readWhole } from "../host/whole-read.ts";
import { keepBytes } from "../storage/own-files/cut.ts";
import type { OutsideReport } from "../storage/own-files/outside-change.ts";
import { endingWith } from "../turns/endings.ts";
import { yieldIfDue } from "../turns/event-loop.ts";
import type { ChecksumCoverage } from "./frames/slot-checksums.ts";
import { FreeSlots } from "./manifest/free-slots.ts";
import { type LogFindings, LogReplay } from "./manifest/log-replay.ts";
import type { Manifest } from "./manifest/manifest.ts";
import { LOG_PATH } from "./manifest/manifest-log.ts";
import { SNAPSHOT_PATH } from "./manifest/snapshot.ts";
import { readSnapshot } from "./manifest/snapshot-reader.ts";
import type { CheckedOptions } from "./options.ts";
import type { SharedParts } from "./parts.ts";
import type { PieceBuffer } from "./piece-buffer.ts";
import { corruptManifest } from "./verdicts.ts";

/** Findings and repairs of an open; the same in every host. */
export interface PackedRecovery extends OutsideReport {
	/** Mappings in the snapshot, and records in the log since. */
	readonly snapshotFrames: number;
	/** Records of the log that count. */
	readonly logRecords: number;
	/**
	 * Frames with known checksums, and frames that are read unchecked; undefined in a store without
	 * frames.crc.
	 */
	readonly checksums?: ChecksumCoverage;
	/** A torn tail of the log, which was cut. */
	readonly cut?: {
		readonly offset: number;
		readonly bytes: number;
		/** The path of its copy in the store's directory. */
		readonly copy?: string;
	};
}

type RecoveryParts = Pick<
	SharedParts,
	"observer" | "core" | "manifest" | "buffer"
>;

interface Recovered {
	readonly recovery: PackedRecovery;
	readonly free: FreeSlots;
	readonly logSize: number;
}

/**
 * Reads the snapshot, replays the log over it, and finds the free slots. Only when all of that is
 * consistent, the torn tail is cut.
 */
export async function recover(
	host: Host,
	{ observer, core, manifest, buffer }: RecoveryParts,
	logFile: HostFile,
	verdicts: CheckedOptions["verdicts"],
): Promise<Recovered> {
	const snapshotFrames = await takeSnapshot(
		host,
		core,
		manifest,
		buffer,
		verdicts,
	);
	const replay = new LogReplay(core, logFile, manifest, buffer, verdicts);
	const found = await replay.run();
	const free = freeSlotsOf(manifest, LOG_PATH);
	await yieldIfDue();
	const cut =
		found.end < found.size
			? await cutTail(host, logFile, found, verdicts === "dualslot")
			: undefined;
	// A killed process may have left records that no sync covers: a slot that they free must not be
	// written before their sync. Or it emptied a log whose old bytes are still on the disk, behind
	// the next records.
	if (found.size > 0 || snapshotFrames > 0) {
		await logFile.sync();
	}
	if (cut !== undefined) {
		observer.event({ kind: "log-cut", path: LOG_PATH, ...cut });
	}
	const recovery = {
		snapshotFrames,
		logRecords: found.records,
		...(cut && { cut }),
	};
	return { recovery, free, logSize: found.end };
}

async function takeSnapshot(
	host: Host,
	core: Core,
	manifest: Manifest,
	buffer: PieceBuffer,
	verdicts: CheckedOptions["verdicts"],
): Promise<number> {
	const file = await host.open(SNAPSHOT_PATH, "read");
	if (file === undefined) {
		return 0;
	}
	const read = async () => {
		const count = await readSnapshot(core, file, manifest, buffer, verdicts);
		freeSlotsOf(manifest, SNAPSHOT_PATH);
		await yieldIfDue();
		return count;
	};
	return endingWith(read, () => file.close());
}

/** Throws ERR_MANIFEST_CORRUPT where two GUIDs have one slot, or one has a slot never given out. */
function freeSlotsOf(manifest: Manifest, path: string): FreeSlots {
	const free = manifest.freeRanges();
	if (free.status !== "ok") {
		const what =
			free.status === "duplicate" ? "duplicate slot" : "slot past next_slot";
		throw corruptManifest(`Manifest::${what}`, path, 0);
	}
	return new FreeSlots(free.ranges, manifest.nextSlot);
}

async function cutTail(
	host: Host,
	file: HostFile,
	{ end, size }: LogFindings,
	isKept: boolean,
): Promise<PackedRecovery["cut"]> {
	const bytes = newBytes(size - end);
	await readWhole(file, LOG_PATH, bytes, end);
	const name = `${LOG_PATH}.${end}`;
	const copy = isKept ? await keepBytes(host, name, bytes) : undefined;
	await file.truncate(end);
	return { offset: end, bytes: bytes.length, ...(copy && { copy }) };
}
