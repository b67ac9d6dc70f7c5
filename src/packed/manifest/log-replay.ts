import {
	LOG_BODY_OFFSET,
	LOG_BREAK_BYTES,
	LOG_CRC_SIZE,
	LOG_LENGTH_OFFSET,
} from "../../../assembly/format.ts";
import type { Core } from "../../core/core.ts";
import type { LogDamage } from "../../core/manifest-answers.ts";
import type { HostFile } from "../../host/host.ts";
import { readWhole } from "../../host/whole-read.ts";
import { yieldIfDue } from "../../turns/event-loop.ts";
import type { PieceBuffer } from "../piece-buffer.ts";
import { corruptManifest, type Verdicts } from "../verdicts.ts";
import type { Manifest } from "./manifest.ts";
import { LOG_PATH } from "./manifest-log.ts";

/** The result of a replay. */
export interface LogFindings {
	readonly records: number;
	/** Where the last whole record ends: all behind it is torn. */
	readonly end: number;
	readonly size: number;
}

/** Replays the log over a manifest, piece by piece. Changes no file. */
export class LogReplay {
	readonly #core: Core;
	readonly #file: HostFile;
	readonly #manifest: Manifest;
	readonly #buffer: PieceBuffer;
	readonly #verdicts: Verdicts;
	#size = 0;
	#at = 0;
	#records = 0;

	constructor(
		core: Core,
		file: HostFile,
		manifest: Manifest,
		buffer: PieceBuffer,
		verdicts: Verdicts,
	) {
		this.#core = core;
		this.#file = file;
		this.#manifest = manifest;
		this.#buffer = buffer;
		this.#verdicts = verdicts;
	}

	/** Throws ERR_MANIFEST_CORRUPT for a break that no crash explains. */
	async run(): Promise<LogFindings> {
		this.#size = await this.#file.size();
		while (this.#at < this.#size && (await this.#step())) {
			await yieldIfDue();
		}
		return { records: this.#records, end: this.#at, size: this.#size };
	}

	/** Replays one piece. Returns whether more can come. */
	async #step(): Promise<boolean> {
		const { address } = this.#buffer;
		const length = await this.#read(this.#buffer.length);
		const { end, records, stop } = this.#core.manifest.replayLog(
			this.#manifest.table,
			address,
			length,
			this.#size - this.#at,
			this.#verdicts === "dualslot" ? "type" : "length",
			this.#at,
		);
		this.#at += end;
		this.#records += records;
		switch (stop) {
			case "end":
			case "more":
				return true;
			case "full":
				this.#manifest.makeRoom(1);
				return true;
			case "short":
				await this.#judgeBreak(undefined);
				return false;
			case "long":
				throw this.#corrupt(await this.#longDamage());
			default:
				await this.#judgeBreak(stop);
				return false;
		}
	}

	/** Throws unless the rest is torn. */
	async #judgeBreak(damage: LogDamage | undefined): Promise<void> {
		if (this.#verdicts === "holt-0.7.1") {
			if (damage !== undefined) {
				throw this.#corrupt(damage);
			}
			return;
		}
		const { address } = this.#buffer;
		const length = await this.#read(LOG_BREAK_BYTES);
		const isAll = this.#at + length === this.#size;
		const { manifest } = this.#core;
		if (!manifest.isTornRecord(address, length, isAll, this.#at)) {
			throw this.#corrupt(damage ?? "magic");
		}
	}

	/** The damage that holt, after a full read, finds in a record longer than any valid one. */
	async #longDamage(): Promise<LogDamage> {
		const { address } = this.#buffer;
		await this.#read(LOG_BODY_OFFSET);
		const view = new DataView(
			this.#core.bytes(address, LOG_BODY_OFFSET).buffer,
			address,
		);
		const length = LOG_BODY_OFFSET + view.getUint32(LOG_LENGTH_OFFSET, true);
		const typeDamage = this.#core.manifest.typeDamage(address) ?? "unknown op";
		let crc = 0;
		for (let at = 0; at < length; at += this.#buffer.length) {
			const piece = Math.min(this.#buffer.length, length - at);
			const bytes = this.#core.bytes(address, piece);
			await readWhole(this.#file, LOG_PATH, bytes, this.#at + at);
			crc = this.#core.checksums.crc32(address, piece, crc);
		}
		const bytes = this.#core.bytes(address, LOG_CRC_SIZE);
		await readWhole(this.#file, LOG_PATH, bytes, this.#at + length);
		return view.getUint32(0, true) === crc ? typeDamage : "crc";
	}

	/**
	 * Reads the next bytes, at most `count`, and returns how many there are. Throws where the file
	 * has become shorter.
	 */
	async #read(count: number): Promise<number> {
		const length = Math.min(count, this.#size - this.#at);
		const bytes = this.#core.bytes(this.#buffer.address, length);
		await readWhole(this.#file, LOG_PATH, bytes, this.#at);
		return length;
	}

	#corrupt(damage: LogDamage): Error {
		return corruptManifest(`ManifestLog::${damage}`, LOG_PATH, this.#at);
	}
}
