import {
	FRAME_SIZE,
	LOG_RECORD_MAX,
	MAPPING_SIZE,
} from "../../assembly/format.ts";
import { Arena } from "../arena.ts";
import { newBytes } from "../bytes.ts";
import { Core } from "../core.ts";
import { keepBytes } from "../cut-copy.ts";
import { asStorageError, failingAs, type StorageError } from "../errors.ts";
import { type Held, holding } from "../held.ts";
import type { Host, HostFile } from "../host.ts";
import { takeLock } from "../storage-lock.ts";
import type { ChecksumCoverage, FrameChecksums } from "./frame-checksums.ts";
import { FRAMES_PATH, FrameFile } from "./frame-file.ts";
import { FramePool } from "./frame-pool.ts";
import { FreeSlots } from "./free-slots.ts";
import { type LogFindings, LogReplay } from "./log-replay.ts";
import { Manifest } from "./manifest.ts";
import { LOG_PATH, ManifestLog } from "./manifest-log.ts";
import { openChecksums } from "./open-checksums.ts";
import type { CheckedOptions } from "./packed-options.ts";
import type { PieceBuffer } from "./piece-buffer.ts";
import { Poison } from "./poison.ts";
import { SNAPSHOT_PATH } from "./snapshot.ts";
import { readSnapshot } from "./snapshot-reader.ts";
import { corruptManifest } from "./verdicts.ts";

const LOCK_PATH = "store.lock";
const PIECE_BYTES = 64 * 1024;
/** A huge page, in which linear memory may begin anywhere. */
const HUGE_PAGE = 2 * 1024 * 1024;
/** For the log's records on their way out, pieces on their way in, and a manifest that grows. */
const MEMORY_BESIDES = 12 * 1024 * 1024;

/** What opening found and did; the same in every host. */
export interface PackedRecovery {
	/** Mappings in the snapshot, and records in the log since. */
	readonly snapshotFrames: number;
	readonly logRecords: number;
	/** Frames whose checksums are known, and those that are read unchecked; undefined in a store without frames.crc. */
	readonly checksums?: ChecksumCoverage;
	/** A torn tail of the log, which was cut. */
	readonly cut?: {
		readonly offset: number;
		readonly bytes: number;
		/** Where a copy of it lies in the store's directory. */
		readonly copy?: string;
	};
}

/** What a packed store is made of once it is open. */
export interface PackedParts {
	readonly host: Host;
	readonly core: Core;
	readonly pool: FramePool;
	readonly poison: Poison;
	readonly frames: FrameFile;
	readonly manifest: Manifest;
	readonly log: ManifestLog;
	/** Undefined where the store has none. */
	readonly checksums: FrameChecksums | undefined;
	/** For what is read of the manifest's files. */
	readonly buffer: PieceBuffer;
	readonly free: FreeSlots;
	readonly recovery: PackedRecovery;
	readonly isDirect: boolean;
	/** Locks, the core, and files. */
	readonly held: Held;
}

export async function openPackedParts(
	host: Host,
	options: CheckedOptions,
): Promise<PackedParts> {
	const path = host.location;
	return holding((held) =>
		failingAs("ERR_IO", path, { path }, async () => {
			await host.makeDirectory("");
			return openLocked(host, options, held);
		}),
	);
}

/** Nothing but the lock's own file is touched before it is held. (The second lock is the one that holt 0.8.6 takes.) */
async function openLocked(
	host: Host,
	options: CheckedOptions,
	held: Held,
): Promise<PackedParts> {
	for (const file of [LOCK_PATH, LOG_PATH]) {
		const lock = await takeLock(host, options.wait, file);
		held.push({ close: async () => lock.release() });
	}
	const { core, arena, pool } = await memoryOf(host, options, held);
	const { file: frameFile, isDirect } = await openFrames(host, options);
	held.push({ close: async () => frameFile.close() });
	const logFile = await openExisting(host, LOG_PATH);
	held.push({ close: async () => logFile.close() });
	await nameEmptyLog(host, logFile);
	await frameFile.pin?.(pool.memory);
	const manifest = new Manifest(core, arena, 0);
	const buffer = { address: arena.allocate(PIECE_BYTES), length: PIECE_BYTES };
	const poison = new Poison(host.location);
	const memory = { core, arena, buffer, poison, manifest };
	const found = await recover(host, memory, logFile, options.verdicts);
	const { free, logSize, recovery } = found;
	const isWanted = options.checksums ?? isNew(recovery);
	const checksums =
		options.checksums === false
			? undefined
			: await openChecksums({ host, ...memory, log: logFile, isWanted });
	held.push({ close: async () => checksums?.close() });
	const log = new ManifestLog(core, arena, host, logFile, poison, logSize);
	const frames = await framesIn(frameFile, free.next);
	return {
		...{ host, core, pool, buffer, poison, manifest, free },
		recovery: {
			...recovery,
			...(checksums && { checksums: checksums.coverage }),
		},
		...{ frames, log, checksums, isDirect, held },
	};
}

/** Taken before the files, and so given back when nothing reaches it any more: a ring moves bytes in it. */
async function memoryOf(
	host: Host,
	options: CheckedOptions,
	held: Held,
): Promise<Pick<PackedParts, "core" | "pool"> & { readonly arena: Arena }> {
	const core = await Core.load(
		options.memory ?? (await memoryFor(host, options)),
	);
	let pool: FramePool | undefined;
	held.push({
		close: async () => {
			// Whoever still has a frame may write to it: then its memory is nobody else's.
			if (pool?.isWhole ?? true) {
				core.retire();
			}
		},
	});
	const arena = new Arena(core.heapBase, core.memoryBytes);
	pool = poolIn(core, arena, options);
	return { core, arena, pool };
}

/** Frames lie in huge pages as a whole, where the memory was made for them: what else there is goes in front. */
function poolIn(
	core: Core,
	arena: Arena,
	{ frames, memory }: CheckedOptions,
): FramePool {
	if (memory !== undefined) {
		return new FramePool(core, arena, frames);
	}
	const front = arena.allocate(HUGE_PAGE);
	const pool = new FramePool(core, arena, frames);
	arena.free(front);
	return pool;
}

async function openFrames(
	host: Host,
	{ directIO }: CheckedOptions,
): Promise<{ file: HostFile; isDirect: boolean }> {
	if (directIO !== "off") {
		try {
			const file = await host.open(FRAMES_PATH, "direct");
			if (file !== undefined) {
				return { file, isDirect: true };
			}
		} catch (error) {
			if (directIO === "required") {
				throw refusedDirectIO(host, error);
			}
		}
	}
	const file = await host.open(FRAMES_PATH, "create");
	if (file === undefined) {
		throw new Error(`${FRAMES_PATH} was not made`);
	}
	return { file, isDirect: false };
}

function refusedDirectIO(host: Host, error: unknown): StorageError {
	return asStorageError(
		error,
		"ERR_DIRECT_IO",
		`${host.location}: no direct I/O here, and directIO is 'required'; 'preferred' goes through the system's cache where it must`,
		{ path: FRAMES_PATH },
	);
}

async function openExisting(host: Host, path: string): Promise<HostFile> {
	const file = await host.open(path, "write");
	if (file === undefined) {
		throw new Error(`${path} was not made`);
	}
	return file;
}

/** The lock may have made it. holt, which may come next, has the first append name a log that is not there, and never one that is. */
async function nameEmptyLog(host: Host, log: HostFile): Promise<void> {
	if ((await log.size()) === 0) {
		await host.syncDirectory("");
	}
}

/** Room for all that the files can name, twice over: to grow, a manifest is held once more. */
async function memoryFor(
	host: Host,
	{ frames }: CheckedOptions,
): Promise<number> {
	const named =
		Math.ceil((await sizeOf(host, SNAPSHOT_PATH)) / MAPPING_SIZE) +
		Math.ceil((await sizeOf(host, LOG_PATH)) / LOG_RECORD_MAX);
	const pool = (frames + 1) * FRAME_SIZE;
	return pool + HUGE_PAGE + 3 * Manifest.memoryFor(named) + MEMORY_BESIDES;
}

async function sizeOf(host: Host, path: string): Promise<number> {
	const file = await host.open(path, "read");
	try {
		return (await file?.size()) ?? 0;
	} finally {
		await file?.close();
	}
}

interface Recovered {
	readonly recovery: PackedRecovery;
	readonly free: FreeSlots;
	readonly logSize: number;
}

/** The snapshot, the log on top of it, the slots that are free then; and when all of that fits together, the torn tail is cut. */
async function recover(
	host: Host,
	{ core, manifest, buffer }: Pick<PackedParts, "core" | "manifest" | "buffer">,
	logFile: HostFile,
	verdicts: CheckedOptions["verdicts"],
): Promise<Recovered> {
	const snapshotFrames = await takeSnapshot(
		...([host, core, manifest, buffer, verdicts] as const),
	);
	const replay = new LogReplay(core, logFile, manifest, buffer, verdicts);
	const found = await replay.run();
	const free = freeSlotsOf(manifest, LOG_PATH);
	const cut =
		found.end < found.size
			? await cutTail(host, logFile, found, verdicts === "dualslot")
			: undefined;
	// A process that was killed may have left records that no sync covers: a slot that they free must not be written before. Or it
	// has emptied a log whose old bytes are still on the disk, behind those that come next.
	if (found.size > 0 || snapshotFrames > 0) {
		await logFile.sync();
	}
	const recovery = {
		...{ snapshotFrames, logRecords: found.records },
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
	try {
		const count = await readSnapshot(core, file, manifest, buffer, verdicts);
		freeSlotsOf(manifest, SNAPSHOT_PATH);
		return count;
	} finally {
		await file.close();
	}
}

/** Throws ERR_MANIFEST_CORRUPT where two GUIDs have one slot, or one has a slot that was never given out. */
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
	await file.read(bytes, end);
	const name = `${LOG_PATH}.${end}`;
	const copy = isKept ? await keepBytes(host, name, bytes) : undefined;
	await file.truncate(end);
	return { offset: end, bytes: bytes.length, ...(copy && { copy }) };
}

function isNew({ snapshotFrames, logRecords }: PackedRecovery): boolean {
	return snapshotFrames === 0 && logRecords === 0;
}

async function framesIn(file: HostFile, next: bigint): Promise<FrameFile> {
	const slots = Math.ceil((await file.size()) / FRAME_SIZE);
	return new FrameFile(file, Math.max(slots, Number(next)));
}
