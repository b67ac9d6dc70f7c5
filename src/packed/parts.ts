import type { Core } from "../core/core.ts";
import type { Host } from "../host/host.ts";
import type { Observer } from "../host/observer.ts";
import type { FrameChecksums } from "./frames/frame-checksums.ts";
import type { FrameFile } from "./frames/frame-file.ts";
import type { FramePool } from "./frames/frame-pool.ts";
import type { FreeSlots } from "./manifest/free-slots.ts";
import type { Manifest } from "./manifest/manifest.ts";
import type { ManifestLog } from "./manifest/manifest-log.ts";
import type { PackedCounters } from "./packed-counters.ts";
import type { PieceBuffer } from "./piece-buffer.ts";
import type { Poison } from "./poison.ts";

/** The parts of a packed store that its frames, its manifest and its recovery share. */
export interface SharedParts {
	/** The host through which the store's files are changed. */
	readonly host: Host;
	/** The listeners for findings, repairs and the failed change. */
	readonly observer: Observer;
	readonly counters: PackedCounters;
	readonly core: Core;
	readonly pool: FramePool;
	readonly poison: Poison;
	readonly frames: FrameFile;
	readonly manifest: Manifest;
	readonly log: ManifestLog;
	/** Undefined in a store without frames.crc. */
	readonly checksums: FrameChecksums | undefined;
	/** For reads of the manifest's files. */
	readonly buffer: PieceBuffer;
	readonly free: FreeSlots;
}
