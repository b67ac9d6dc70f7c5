import {
	GUID_SIZE,
	LOG_RECORD_MAX,
	MAPPING_SIZE,
} from "../../../assembly/format.ts";
import type { Arena } from "../../core/arena.ts";
import type { Core } from "../../core/core.ts";
import { failingAs } from "../../errors.ts";
import type { Host, HostFile } from "../../host/host.ts";
import type { Observer } from "../../host/observer.ts";
import { endingIfFailed } from "../../turns/endings.ts";
import { type Fingerprint, fingerprintOf } from "../fingerprint.ts";
import type { PieceBuffer } from "../piece-buffer.ts";
import type { Poison } from "../poison.ts";

export const LOG_PATH = "manifest.log";

/** A change of the manifest: a GUID's new slot, or undefined where it is deleted. */
export interface Delta {
	readonly guid: Uint8Array;
	readonly slot: bigint | undefined;
	/** The frame's, where checksums are kept. */
	readonly crc?: number | undefined;
}

/** The parts of a log, besides its file. */
interface LogParts {
	readonly core: Core;
	readonly arena: Arena;
	readonly host: Host;
	readonly observer: Observer;
	readonly poison: Poison;
}

/** Records that are encoded and written together. */
const PIECE_RECORDS = 1024;

/**
 * manifest.log: the changes since the snapshot, record by record. Durable when an append resolves.
 */
export class ManifestLog {
	readonly #core: Core;
	readonly #host: Host;
	readonly #observer: Observer;
	readonly #file: HostFile;
	readonly #poison: Poison;
	/** The address of a mapping, and behind it the records. */
	readonly #buffer: number;
	#size: number;
	/** Whether the names in the store's directory are known to be durable. */
	#isNamed = false;

	constructor(
		{ core, arena, host, observer, poison }: LogParts,
		file: HostFile,
		size: number,
	) {
		this.#core = core;
		this.#host = host;
		this.#observer = observer;
		this.#file = file;
		this.#poison = poison;
		this.#size = size;
		this.#buffer = arena.allocate(
			MAPPING_SIZE + PIECE_RECORDS * LOG_RECORD_MAX,
		);
	}

	/** In bytes. */
	get size(): number {
		return this.#size;
	}

	/**
	 * Appends deltas, and makes them durable. A failed append is undone: the log is truncated, and
	 * synced. Where that fails too, the store is latched, as after a failed sync: records behind the
	 * fragment would never be read.
	 */
	async append(deltas: readonly Delta[]): Promise<void> {
		await this.#nameDurably();
		const end = await this.#undoing(() => this.#write(deltas));
		await this.#poison.latching(`sync of ${LOG_PATH}`, () =>
			failingAs(
				"ERR_BLOB_SYNC_FAILED",
				`sync failed: ${LOG_PATH}`,
				{ path: LOG_PATH },
				() => this.#file.sync(),
			),
		);
		this.#size = end;
	}

	/** Size and checksum of the whole log. Throws ERR_READ_FAILED. */
	fingerprint(buffer: PieceBuffer): Promise<Fingerprint> {
		const place = { path: LOG_PATH };
		const named = { ...place, file: this.#file };
		return failingAs("ERR_READ_FAILED", `read failed: ${LOG_PATH}`, place, () =>
			fingerprintOf(this.#core, named, this.#size, buffer),
		);
	}

	/** Empties the log, durably: a snapshot has all its changes. */
	async clear(): Promise<void> {
		await this.#poison.latching(`truncation of ${LOG_PATH}`, () =>
			failingAs(
				"ERR_BLOB_RESIZE_FAILED",
				`truncation failed: ${LOG_PATH}`,
				{ path: LOG_PATH },
				async () => {
					await this.#file.truncate(0);
					await this.#file.sync();
				},
			),
		);
		this.#size = 0;
	}

	async #write(deltas: readonly Delta[]): Promise<number> {
		let end = this.#size;
		for (let from = 0; from < deltas.length; from += PIECE_RECORDS) {
			const records = this.#encode(deltas.slice(from, from + PIECE_RECORDS));
			await this.#file.write([records], end);
			end += records.length;
		}
		return end;
	}

	async #undoing<T>(write: () => Promise<T>): Promise<T> {
		const place = { path: LOG_PATH, offset: this.#size };
		const message = `write failed: ${LOG_PATH}`;
		const undo = async () => {
			await this.#poison.latching(`undoing of a write of ${LOG_PATH}`, () =>
				failingAs("ERR_WRITE_FAILED", message, place, async () => {
					await this.#file.truncate(this.#size);
					await this.#file.sync();
				}),
			);
			this.#observer.event({ kind: "write-undone", path: LOG_PATH });
		};
		return endingIfFailed(
			() => failingAs("ERR_WRITE_FAILED", message, place, write),
			undo,
		);
	}

	/**
	 * The first append of a session first makes the names of the store's files durable: so no log
	 * names a frame in a missing file. (holt does so after its first append.)
	 */
	async #nameDurably(): Promise<void> {
		if (!this.#isNamed) {
			await this.#poison.latching("sync of the directory", () =>
				failingAs("ERR_IO", "sync of the store's directory failed", {}, () =>
					this.#host.syncDirectory(""),
				),
			);
			this.#isNamed = true;
		}
	}

	/** In linear memory, until the next piece. */
	#encode(deltas: readonly Delta[]): Uint8Array {
		const { manifest } = this.#core;
		const mapping = this.#core.bytes(this.#buffer, MAPPING_SIZE);
		const slots = new DataView(mapping.buffer, mapping.byteOffset + GUID_SIZE);
		const start = this.#buffer + MAPPING_SIZE;
		let end = start;
		for (const { guid, slot } of deltas) {
			mapping.set(guid);
			if (slot === undefined) {
				end += manifest.encodeDelete(end, this.#buffer);
			} else {
				slots.setBigUint64(0, slot, true);
				end += manifest.encodeSet(end, this.#buffer);
			}
		}
		return this.#core.bytes(start, end - start);
	}
}
