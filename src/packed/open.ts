import {
	DIRECT_ALIGNMENT,
	FRAME_SIZE,
	LOG_RECORD_MAX,
	MAPPING_SIZE,
} from "../../assembly/format.ts";
import { Arena } from "../core/arena.ts";
import { Core } from "../core/core.ts";
import {
	asStorageError,
	failingAs,
	failureName,
	type StorageError,
} from "../errors.ts";
import type { Host, HostFile } from "../host/host.ts";
import { MeteredHost } from "../host/metering.ts";
import type { Observer } from "../host/observer.ts";
import { openThere } from "../host/open-there.ts";
import { takeLock } from "../storage/lock.ts";
import { endingWith } from "../turns/endings.ts";
import { type Held, holding } from "../turns/lifecycle.ts";
import { FrameErasure } from "./frames/frame-erasure.ts";
import { FRAMES_PATH, FrameFile } from "./frames/frame-file.ts";
import { FramePool } from "./frames/frame-pool.ts";
import { FrameTransfers } from "./frames/frame-transfers.ts";
import { openChecksums } from "./frames/open-checksums.ts";
import { LeftByClose } from "./left-by-close.ts";
import { Manifest } from "./manifest/manifest.ts";
import { LOG_PATH, ManifestLog } from "./manifest/manifest-log.ts";
import { SNAPSHOT_PATH, STAGED_PATH } from "./manifest/snapshot.ts";
import type { CheckedOptions } from "./options.ts";
import { PackedCounters } from "./packed-counters.ts";
import type { SharedParts } from "./parts.ts";
import { Poison } from "./poison.ts";
import { type PackedRecovery, recover } from "./recovery.ts";

const LOCK_PATH = "store.lock";
const MANIFEST_READ_BYTES = 64 * 1024;
/** Zeros that erase a frame. */
const ZEROS_BYTES = 64 * 1024;
/** A huge page; linear memory may begin anywhere in one. */
const HUGE_PAGE = 2 * 1024 * 1024;
/** For log records to be written, pieces that are read, and a manifest that grows. */
const MEMORY_BESIDES = 12 * 1024 * 1024;

/**
 * The codes that mean no direct I/O: the first from open(2) of Linux, the others from fcntl(2) of
 * macOS and other platforms.
 */
const NO_DIRECT_IO = new Set(["EINVAL", "ENOTSUP", "EOPNOTSUPP"]);

/** The parts of an open packed store. */
export interface PackedParts extends SharedParts {
	/** Undefined where the store does not erase. */
	readonly erasure: FrameErasure | undefined;
	/** The record of the last clean close, and of this one. */
	readonly left: LeftByClose;
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
			return openLocked(new MeteredHost(host), options, held);
		}),
	);
}

/** Before the lock is held, only its own file is touched. (holt 0.8.6 takes the second lock.) */
async function openLocked(
	host: MeteredHost,
	options: CheckedOptions,
	held: Held,
): Promise<PackedParts> {
	await hold(host, LOCK_PATH, options, held);
	// The second lock makes its file if that is missing.
	const there = await namesIn(host);
	await hold(host, LOG_PATH, options, held);
	const { core, arena, pool } = await memoryOf(host, options, held);
	const buffer = {
		address: arena.allocate(MANIFEST_READ_BYTES),
		length: MANIFEST_READ_BYTES,
	};
	const { observer } = options;
	const poison = new Poison(host.location, observer);
	const left = await LeftByClose.load({ host, core, buffer, poison, there });
	const counters = new PackedCounters(host);
	const memory = { counters, core, arena, buffer, poison, pool };
	const parts = await openFiles(left, memory, options, held);
	await left.compareFrame((slot) => new FrameTransfers(parts).checksumIn(slot));
	if (there.has(STAGED_PATH)) {
		observer.event({ kind: "snapshot-skipped", path: STAGED_PATH });
	}
	for (const change of left.report.changedOutside ?? []) {
		observer.event({ kind: "changed-outside", ...change });
	}
	await eraseFormer(parts);
	return { ...parts, recovery: { ...parts.recovery, ...left.report } };
}

async function hold(
	host: Host,
	file: string,
	{ wait }: CheckedOptions,
	held: Held,
): Promise<void> {
	const lock = await takeLock(host, wait, file);
	held.push({ close: async () => lock.release() });
}

/** The parts of a store before its files are open. */
type SharedMemory = Pick<
	PackedParts,
	"counters" | "core" | "pool" | "buffer" | "poison"
> & { readonly arena: Arena };

async function namesIn(host: Host): Promise<ReadonlySet<string>> {
	const entries = (await host.list("")) ?? [];
	return new Set(entries.map(({ name = "" }) => name));
}

async function openFiles(
	left: LeftByClose,
	memory: SharedMemory,
	options: CheckedOptions,
	held: Held,
): Promise<PackedParts> {
	const { host } = left;
	const { counters, core, arena, pool, buffer, poison } = memory;
	const { observer } = options;
	const { file: frameFile, isDirect } = await openFrames(host, options);
	held.push({ close: async () => frameFile.close() });
	const logFile = await openThere(host, LOG_PATH, "write");
	held.push({ close: async () => logFile.close() });
	await nameEmptyLog(host, logFile);
	await frameFile.pin(pool.memory);
	const manifest = new Manifest(core, arena, 0);
	held.push({ close: async () => manifest.retire() });
	const around = { observer, core, arena, buffer, poison, manifest };
	const found = await recover(host, around, logFile, options.verdicts);
	const { free, logSize, recovery } = found;
	const isWanted = options.checksums ?? isNew(recovery);
	const checksums =
		options.checksums === false
			? undefined
			: await openChecksums({ host, ...around, log: logFile, isWanted });
	held.push({ close: async () => checksums?.close() });
	const own = { core, arena, host, observer, poison };
	const log = new ManifestLog(own, logFile, logSize);
	const frames = await framesIn(frameFile, free.next, observer);
	if (options.memory === undefined) {
		manifest.letOutgrow();
	}
	const erasure = options.erase
		? new FrameErasure(
				{ frames, pool, poison, checksums, free },
				zerosIn(core, arena),
			)
		: undefined;
	return {
		host,
		observer,
		core,
		pool,
		buffer,
		poison,
		manifest,
		free,
		counters,
		left,
		erasure,
		recovery: {
			...recovery,
			...(checksums && { checksums: checksums.coverage }),
		},
		frames,
		log,
		checksums,
		isDirect,
		held,
	};
}

function zerosIn(core: Core, arena: Arena): Uint8Array {
	const address = arena.allocate(ZEROS_BYTES, DIRECT_ALIGNMENT);
	return core.bytes(address, ZEROS_BYTES).fill(0);
}

/**
 * Erases frames that the log names as gone, but that were not erased: by a crash, by a session
 * without `erase`, or by others.
 */
async function eraseFormer({
	erasure,
	checksums,
	observer,
}: PackedParts): Promise<void> {
	if (erasure !== undefined) {
		const former = (await checksums?.formerSlots()) ?? [];
		await erasure.erase(former);
		if (former.length > 0) {
			observer.event({ kind: "frames-erased", frames: former.length });
		}
	}
}

/**
 * Taken before the files, and so given back after them: a ring moves bytes in this memory until
 * then.
 */
async function memoryOf(
	host: Host,
	options: CheckedOptions,
	held: Held,
): Promise<Pick<PackedParts, "core" | "pool"> & { readonly arena: Arena }> {
	const core = await Core.load(
		options.memory ?? (await memoryFor(host, options)),
	);
	const arena = new Arena(core.heapBase, core.memoryBytes);
	let pool: FramePool | undefined;
	held.push({
		close: async () => {
			// The holder of a leased frame may still write to it: then the memory is not reused.
			if (pool?.isWhole ?? true) {
				core.retire(arena.usedEnd);
			}
		},
	});
	pool = poolIn(core, arena, options);
	return { core, arena, pool };
}

/**
 * Keeps the frames in whole huge pages, where the memory was sized for that: all else goes in
 * front.
 */
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
	{ directIO, observer }: CheckedOptions,
): Promise<{ file: HostFile; isDirect: boolean }> {
	const direct =
		directIO === "off" ? undefined : await openDirect(host, directIO);
	if (direct !== undefined) {
		return { file: direct, isDirect: true };
	}
	const file = await openThere(host, FRAMES_PATH, "create");
	if (directIO !== "off") {
		observer.event({ kind: "direct-io-refused", path: FRAMES_PATH });
	}
	return { file, isDirect: false };
}

/**
 * Undefined where there is no direct I/O, and none is required. Any other failure is thrown: it is
 * not about direct I/O.
 */
async function openDirect(
	host: Host,
	directIO: CheckedOptions["directIO"],
): Promise<HostFile | undefined> {
	try {
		return await host.open(FRAMES_PATH, "create", { direct: true });
	} catch (error) {
		if (!NO_DIRECT_IO.has(failureName(error) ?? "")) {
			throw error;
		}
		if (directIO === "required") {
			throw refusedDirectIO(host, error);
		}
		return undefined;
	}
}

function refusedDirectIO(host: Host, error: unknown): StorageError {
	return asStorageError(
		error,
		"ERR_DIRECT_IO",
		`${host.location}: no direct I/O here, and directIO is 'required'; 'preferred' goes through the system's cache where it must`,
		{ path: FRAMES_PATH },
	);
}

/**
 * The lock may have made the log. holt, which may come next, syncs a new log's name with its first
 * append, but never an old one's.
 */
async function nameEmptyLog(host: Host, log: HostFile): Promise<void> {
	if ((await log.size()) === 0) {
		await host.syncDirectory("");
	}
}

/** Room for all that the files can name, twice over: a manifest grows by a second copy. */
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
	return endingWith(
		async () => (await file?.size()) ?? 0,
		() => file?.close(),
	);
}

function isNew({ snapshotFrames, logRecords }: PackedRecovery): boolean {
	return snapshotFrames === 0 && logRecords === 0;
}

async function framesIn(
	file: HostFile,
	next: bigint,
	observer: Observer,
): Promise<FrameFile> {
	const slots = Math.ceil((await file.size()) / FRAME_SIZE);
	return new FrameFile(file, Math.max(slots, Number(next)), observer);
}
