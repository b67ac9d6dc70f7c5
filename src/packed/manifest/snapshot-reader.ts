import {
	MANIFEST_VERSION,
	MAPPING_SIZE,
	SNAPSHOT_HEADER_SIZE,
} from "../../../assembly/format.ts";
import { hex } from "../../bytes.ts";
import type { Core } from "../../core/core.ts";
import type { StorageError } from "../../errors.ts";
import type { HostFile } from "../../host/host.ts";
import { readWhole } from "../../host/whole-read.ts";
import { tooShort } from "../../refusals.ts";
import { yieldIfDue } from "../../turns/event-loop.ts";
import type { PieceBuffer } from "../piece-buffer.ts";
import { corruptManifest, type Verdicts } from "../verdicts.ts";
import type { Manifest } from "./manifest.ts";
import { SNAPSHOT_PATH } from "./snapshot.ts";

/** ARTSNMNF, in hex. */
const MAGIC = "415254534e4d4e46";
const VERSION_OFFSET = 8;

/**
 * Reads a snapshot into an empty manifest, and returns its count of mappings. Throws
 * ERR_BLOB_INSUFFICIENT_LENGTH for a file shorter than its header says, ERR_MANIFEST_CORRUPT.
 */
export async function readSnapshot(
	core: Core,
	file: HostFile,
	manifest: Manifest,
	buffer: PieceBuffer,
	verdicts: Verdicts,
): Promise<number> {
	const size = await file.size();
	const count = await readHeader(core, file, size, manifest, buffer, verdicts);
	manifest.makeRoom(count);
	await yieldIfDue();
	const together = Math.floor(buffer.length / MAPPING_SIZE);
	for (let index = 0; index < count; index += together) {
		const length = Math.min(together, count - index);
		const offset = SNAPSHOT_HEADER_SIZE + index * MAPPING_SIZE;
		const mappings = core.bytes(buffer.address, length * MAPPING_SIZE);
		await readWhole(file, SNAPSHOT_PATH, mappings, offset);
		const taken = core.manifest.loadMappings(
			manifest.table,
			buffer.address,
			length,
		);
		if (taken < length) {
			const place = offset + taken * MAPPING_SIZE;
			throw corruptManifest("Manifest::duplicate guid", SNAPSHOT_PATH, place);
		}
		await yieldIfDue();
	}
	return count;
}

async function readHeader(
	core: Core,
	file: HostFile,
	size: number,
	manifest: Manifest,
	{ address }: PieceBuffer,
	verdicts: Verdicts,
): Promise<number> {
	const there = Math.min(SNAPSHOT_HEADER_SIZE, size);
	await readWhole(file, SNAPSHOT_PATH, core.bytes(address, there), 0);
	const header = core.manifest.parseSnapshot(manifest.table, address, there);
	if (header.status === "short") {
		throw tooShort({ path: SNAPSHOT_PATH }, 0, SNAPSHOT_HEADER_SIZE, size);
	}
	if (header.status !== "ok") {
		throw foreign(header.status, core.bytes(address, there));
	}
	const { count, reserved } = header;
	const expected = SNAPSHOT_HEADER_SIZE + count * MAPPING_SIZE;
	if (expected > size) {
		throw tooShort({ path: SNAPSHOT_PATH }, 0, expected, size);
	}
	if (verdicts === "dualslot" && reserved !== 0) {
		const values = { expected: 0, found: reserved };
		throw corruptManifest("Manifest::reserved", SNAPSHOT_PATH, 14, values);
	}
	if (verdicts === "dualslot" && expected < size) {
		const values = { expected, found: size };
		throw corruptManifest("Manifest::length", SNAPSHOT_PATH, expected, values);
	}
	return count;
}

/** The error for a foreign header, or for a version that cannot be read. */
function foreign(status: "magic" | "version", bytes: Uint8Array): StorageError {
	if (status === "magic") {
		return corruptManifest("Manifest::magic", SNAPSHOT_PATH, 0, {
			expected: MAGIC,
			found: hex(bytes.subarray(0, VERSION_OFFSET)),
		});
	}
	const view = new DataView(bytes.buffer, bytes.byteOffset);
	return corruptManifest(
		"Manifest::version (older manifests are not migrated)",
		SNAPSHOT_PATH,
		VERSION_OFFSET,
		{ expected: MANIFEST_VERSION, found: view.getUint16(VERSION_OFFSET, true) },
	);
}
