import type { Core } from "../core/core.ts";
import type { HostFile } from "../host/host.ts";
import { readWhole } from "../host/whole-read.ts";
import { yieldIfDue } from "../turns/event-loop.ts";
import type { PieceBuffer } from "./piece-buffer.ts";

/** Tells a log or a snapshot from others, as far as frames.crc needs. */
export interface Fingerprint {
	readonly size: number;
	readonly crc: number;
}

/** The fingerprint of a missing file. */
export const NO_FILE: Fingerprint = { size: 0, crc: 0 };

/** An open file of the store. */
export interface NamedFile {
	readonly path: string;
	readonly file: HostFile;
}

/** Size and CRC-32C of the first `size` bytes of a file, which has that many. */
export async function fingerprintOf(
	core: Core,
	{ path, file }: NamedFile,
	size: number,
	{ address, length }: PieceBuffer,
): Promise<Fingerprint> {
	let crc = 0;
	for (let at = 0; at < size; at += length) {
		const count = Math.min(length, size - at);
		await readWhole(file, path, core.bytes(address, count), at);
		crc = core.checksums.crc32c(address, count, crc);
		await yieldIfDue();
	}
	return { size, crc };
}

/** As fingerprintOf, for bytes in memory. */
export function fingerprintOfBytes(
	core: Core,
	bytes: Uint8Array,
	{ address, length }: PieceBuffer,
): Fingerprint {
	let crc = 0;
	for (let at = 0; at < bytes.length; at += length) {
		const piece = bytes.subarray(at, at + length);
		core.write(address, piece);
		crc = core.checksums.crc32c(address, piece.length, crc);
	}
	return { size: bytes.length, crc };
}
