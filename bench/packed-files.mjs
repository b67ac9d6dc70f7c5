// The files of a packed store of many frames, as they lie there after the log was folded up: frames of zeros, in a file that is
// a hole. To write a million frames would take half a terabyte.
import { Buffer } from "node:buffer";
import { randomFillSync } from "node:crypto";
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FRAME_SIZE } from "./frames.mjs";

const GUID_SIZE = 16;
const HEADER_SIZE = 24;
const MAPPING_SIZE = 24;
const RECORD_SIZE = 32;
const STAMPS = 2;
/** The snapshot's; its records are of the one before. */
const GENERATION = 2;

/** What each byte makes of a CRC-32C. */
const STEPS = Uint32Array.from({ length: 256 }, (_, byte) => {
	let crc = byte;
	for (let bit = 0; bit < 8; bit += 1) {
		crc = (crc >>> 1) ^ ((crc & 1) === 1 ? 0x82f63b78 : 0);
	}
	return crc;
});

/** Lays down a store of so many frames, each with its checksum, under random GUIDs. */
export function layPacked(directory, frames) {
	const guids = randomFillSync(Buffer.alloc(frames * GUID_SIZE));
	const snapshot = snapshotOf(guids, frames);
	writeFileSync(join(directory, "manifest.bin"), snapshot);
	writeFileSync(join(directory, "manifest.log"), "");
	writeFileSync(
		join(directory, "frames.crc"),
		checksumsOf(guids, frames, snapshot),
	);
	writeFileSync(join(directory, "blobs.dat"), "");
	truncateSync(join(directory, "blobs.dat"), frames * FRAME_SIZE);
}

function snapshotOf(guids, frames) {
	const bytes = Buffer.alloc(HEADER_SIZE + frames * MAPPING_SIZE);
	bytes.write("ARTSNMNF");
	bytes.writeUInt16LE(6, 8);
	bytes.writeUInt32LE(frames, 10);
	bytes.writeUInt32LE(frames, 16);
	for (let slot = 0; slot < frames; slot += 1) {
		const mapping = HEADER_SIZE + slot * MAPPING_SIZE;
		guids.copy(bytes, mapping, slot * GUID_SIZE, (slot + 1) * GUID_SIZE);
		bytes.writeUInt32LE(slot, mapping + GUID_SIZE);
	}
	return bytes;
}

function checksumsOf(guids, frames, snapshot) {
	const crc = crc32c(Buffer.alloc(FRAME_SIZE), 0);
	const bytes = Buffer.alloc((STAMPS + frames) * RECORD_SIZE);
	bytes.write("DSFC");
	const stamp = [1, GENERATION, crc32c(snapshot, 0), snapshot.length];
	for (const [index, value] of stamp.entries()) {
		bytes.writeUInt32LE(value, 4 + 4 * index);
	}
	seal(bytes, 0, 0);
	for (let slot = 0; slot < frames; slot += 1) {
		const at = (STAMPS + slot) * RECORD_SIZE;
		guids.copy(bytes, at, slot * GUID_SIZE, (slot + 1) * GUID_SIZE);
		bytes.writeUInt32LE(crc, at + 16);
		bytes.writeUInt32LE(GENERATION - 1, at + 20);
		seal(bytes, at, slot);
	}
	return bytes;
}

/** Puts the CRC behind a stamp's or a record's other fields. */
function seal(bytes, at, slot) {
	const end = at + RECORD_SIZE - 4;
	bytes.writeUInt32LE(crc32c(bytes.subarray(at, end), slot), end);
}

/** Goes on from another CRC. */
function crc32c(bytes, before) {
	let crc = ~before;
	for (const byte of bytes) {
		crc = STEPS[(crc ^ byte) & 255] ^ (crc >>> 8);
	}
	return ~crc >>> 0;
}
