import { FRAME_SIZE } from "../../assembly/format.ts";
import type { Core } from "../core/core.ts";
import { failingAs } from "../errors.ts";
import type { Host, HostFile } from "../host/host.ts";
import {
	type ClosedFile,
	filesIn,
	linesOf,
	RECORD,
	RECORD_FILE,
} from "../storage/own-files/close-record.ts";
import type {
	OutsideChange,
	OutsideReport,
} from "../storage/own-files/outside-change.ts";
import { OwnFile, type OwnFinding } from "../storage/own-files/own-file.ts";
import type { Awaitable } from "../turns/awaitable.ts";
import { endingWith } from "../turns/endings.ts";
import { fingerprintOf, fingerprintOfBytes } from "./fingerprint.ts";
import { FRAMES_PATH } from "./frames/frame-file.ts";
import { CHECKSUMS_PATH } from "./frames/frame-records.ts";
import { LOG_PATH } from "./manifest/manifest-log.ts";
import { SNAPSHOT_PATH } from "./manifest/snapshot.ts";
import type { PieceBuffer } from "./piece-buffer.ts";
import type { Poison } from "./poison.ts";
import { WatchedHost } from "./watched-host.ts";

/** The files in a record. */
const PATHS = [FRAMES_PATH, LOG_PATH, SNAPSHOT_PATH, CHECKSUMS_PATH];

const CRC_DIGITS = 8;

/** Computes the checksum of a slot of blobs.dat. */
type FrameChecksum = (slot: number) => Promise<number>;

interface Surroundings {
	readonly host: Host;
	readonly core: Core;
	readonly buffer: PieceBuffer;
	readonly poison: Poison;
	/** The names found in the store's directory before anything was made there. */
	readonly there: ReadonlySet<string>;
}

/**
 * The record that the last clean close left of a packed store's files. It is compared with the
 * files, and written anew by this session's close. It is durably removed before the first change of
 * a file: so it is there only where no crash came after it.
 */
export class LeftByClose {
	readonly #around: Surroundings;
	readonly #file: OwnFile;
	/** Undefined where nothing can be compared. */
	readonly #rows: ReadonlyMap<string, ClosedFile> | undefined;
	readonly #changes: OutsideChange[] = [];
	readonly #watched: WatchedHost;
	/**
	 * Whether a record is there, or may be back after a crash: when a process is killed while it
	 * removes the record, the removal may not be durable.
	 */
	#mayBeThere: boolean;
	/** The removal that is under way. */
	#removal: Promise<void> | undefined;

	private constructor(
		around: Surroundings,
		file: OwnFile,
		found: OwnFinding | undefined,
	) {
		this.#around = around;
		this.#file = file;
		this.#mayBeThere =
			found !== undefined || PATHS.some((path) => around.there.has(path));
		const files = found?.content && filesIn(found.content.files);
		this.#rows = files && rowsOf(files);
		if (found !== undefined && files === undefined) {
			this.#changes.push({ path: RECORD_FILE, what: "content" });
		}
		this.#watched = new WatchedHost(around.host, PATHS, around.there, () =>
			this.#removed(),
		);
	}

	/** Compares all that it can before any change. Throws ERR_VERSION. */
	static async load(around: Surroundings): Promise<LeftByClose> {
		const { host, core, buffer } = around;
		const encoder = new TextEncoder();
		const checksum = (text: string) =>
			fingerprintOfBytes(core, encoder.encode(text), buffer).crc;
		const file = new OwnFile(host, checksum, RECORD);
		const left = new LeftByClose(around, file, await file.read());
		await left.#compare();
		return left;
	}

	/** The host through which the store's files are changed. */
	get host(): Host {
		return this.#watched;
	}

	get report(): OutsideReport {
		const isKnown = this.#rows !== undefined || this.#changes.length > 0;
		return isKnown ? { changedOutside: [...this.#changes] } : {};
	}

	/** Compares the frame written last with the record, when blobs.dat has its old size. */
	async compareFrame(checksumIn: FrameChecksum): Promise<void> {
		const row = this.#rows?.get(FRAMES_PATH);
		const slot = slotIn(row);
		if (row === undefined || slot === undefined || this.#isTold(FRAMES_PATH)) {
			return;
		}
		const end = await frameEnd(slot, checksumIn).catch(() => undefined);
		if (end !== row.end) {
			this.#changes.push({ path: FRAMES_PATH, what: "content" });
		}
	}

	/**
	 * For a clean close, after the last change: durable when it resolves. Where the disk has no room,
	 * there is no record.
	 */
	async write(checksumIn: FrameChecksum): Promise<void> {
		const changed = PATHS.filter((path) => this.#watched.changesOf(path));
		const isAsFound = this.#rows !== undefined && this.#changes.length === 0;
		if (isAsFound && changed.length === 0) {
			return;
		}
		await this.#settle(isAsFound ? this.#unsynced(changed) : PATHS);
		const files: [string, ClosedFile][] = [];
		for (const path of PATHS) {
			const isKnown = isAsFound && !changed.includes(path);
			const row = isKnown
				? this.#rows?.get(path)
				: await this.#rowOf(path, checksumIn);
			if (row !== undefined) {
				files.push([path, row]);
			}
		}
		await this.#file.update({ files: linesOf(files) });
	}

	async #compare(): Promise<void> {
		for (const path of this.#rows === undefined ? [] : PATHS) {
			const row = this.#rows?.get(path);
			const isThere = this.#around.there.has(path);
			const what = isThere
				? await this.#difference(path, row)
				: row && "missing";
			if (what !== undefined) {
				this.#changes.push({ path, what });
			}
		}
	}

	/** For a file that is there. An unreadable file counts as changed. */
	async #difference(
		path: string,
		row: ClosedFile | undefined,
	): Promise<OutsideChange["what"] | undefined> {
		if (row === undefined) {
			return "new";
		}
		const found = await this.#sizeAndEnd(path, row.size).catch(() => undefined);
		if (found?.size !== row.size) {
			return "size";
		}
		return (found.end ?? row.end) === row.end ? undefined : "content";
	}

	/**
	 * Includes the end only where that helps: when the size is the expected one, and the file is not
	 * blobs.dat.
	 */
	async #sizeAndEnd(
		path: string,
		expected?: number,
	): Promise<{ size: number; end?: string } | undefined> {
		const { core, buffer } = this.#around;
		return this.#with(path, "read", async (file) => {
			const size = await file.size();
			if (path === FRAMES_PATH || size !== (expected ?? size)) {
				return { size };
			}
			const { crc } = await fingerprintOf(core, { path, file }, size, buffer);
			return { size, end: crcText(crc) };
		});
	}

	/** Uses the session's open file, or opens it for that; undefined where it is missing. */
	async #with<T>(
		path: string,
		mode: "read" | "write",
		use: (file: HostFile) => Awaitable<T>,
	): Promise<T | undefined> {
		const open = this.#watched.openFile(path);
		if (open !== undefined) {
			return use(open);
		}
		const file = await this.#around.host.open(path, mode);
		return (
			file &&
			endingWith(
				async () => use(file),
				() => file.close(),
			)
		);
	}

	async #rowOf(
		path: string,
		checksumIn: FrameChecksum,
	): Promise<ClosedFile | undefined> {
		const found = await this.#sizeAndEnd(path);
		if (found === undefined || path !== FRAMES_PATH) {
			return found && { size: found.size, end: found.end ?? "" };
		}
		const { size } = found;
		const offset = this.#watched.changesOf(path)?.lastOffset;
		const slot =
			offset === undefined
				? slotIn(this.#rows?.get(path))
				: Math.floor(offset / FRAME_SIZE);
		// After a failed write the slot may not be there. And no frame is free where users have kept
		// them all.
		const end =
			slot === undefined
				? undefined
				: await frameEnd(slot, checksumIn).catch(() => undefined);
		return { size, end: end ?? "" };
	}

	#isTold(path: string): boolean {
		return this.#changes.some((change) => change.path === path);
	}

	/** The files whose changes in this session no sync has covered. */
	#unsynced(changed: readonly string[]): string[] {
		return changed.filter((path) => {
			const changes = this.#watched.changesOf(path);
			return changes !== undefined && changes.synced < changes.count;
		});
	}

	/** Syncs these files and all names. */
	async #settle(paths: readonly string[]): Promise<void> {
		for (const path of paths) {
			await this.#with(path, "write", (file) => file.sync());
		}
		await this.#around.host.syncDirectory("");
	}

	/** Returns no promise where no record is left. */
	#removed(): Awaitable<void> {
		if (!this.#mayBeThere) {
			return undefined;
		}
		this.#removal ??= this.#remove().finally(() => {
			this.#removal = undefined;
		});
		return this.#removal;
	}

	async #remove(): Promise<void> {
		const message = `${RECORD_FILE} was not removed`;
		const place = { path: RECORD_FILE };
		await failingAs("ERR_IO", message, place, () => this.#file.remove());
		const { host, poison } = this.#around;
		await poison.latching("sync of the directory", () =>
			failingAs("ERR_IO", message, place, () => host.syncDirectory("")),
		);
		this.#mayBeThere = false;
	}
}

function rowsOf(
	files: readonly (readonly [string, ClosedFile | undefined])[],
): ReadonlyMap<string, ClosedFile> {
	return new Map(
		files.flatMap(([path, row]) => (row === undefined ? [] : [[path, row]])),
	);
}

/** The slot of the frame written last, where it is known. */
function slotIn(row: ClosedFile | undefined): number | undefined {
	const digits = row?.end.slice(0, -CRC_DIGITS) ?? "";
	return digits === "" ? undefined : Number.parseInt(digits, 16);
}

async function frameEnd(
	slot: number,
	checksumIn: FrameChecksum,
): Promise<string> {
	return `${slot.toString(16)}${crcText(await checksumIn(slot))}`;
}

function crcText(crc: number): string {
	return crc.toString(16).padStart(CRC_DIGITS, "0");
}
