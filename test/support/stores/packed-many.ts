import type { Host } from "../../../src/host/host.ts";
import { writeRaw } from "../hosts/raw-file.ts";
import { crc32c } from "../oracles/crc32c.ts";
import { bitwiseCrc, CASTAGNOLI } from "../oracles/oracle.ts";
import { joined } from "../runs/bytes.ts";
import {
	CHECKSUMS_PATH,
	FRAME_SIZE,
	LOG_PATH,
	SNAPSHOT_PATH,
} from "./packed-files.ts";

export const RECORD_SIZE = 32;
export const RECORDS_START = 2 * RECORD_SIZE;
/** The snapshot's; records that count are of an earlier one. */
export const GENERATION = 2;

const HEADER_SIZE = 24;
const MAPPING_SIZE = 24;
/** Odd, so that each number up to 2^32 has another product. */
const FACTOR = 0x9e3779b1;

/** The GUID of the frame in a slot: in no order, and each different. */
export function manyGuid(slot: number): Uint8Array<ArrayBuffer> {
	const guid = new Uint8Array(16);
	const view = new DataView(guid.buffer);
	view.setUint32(0, Math.imul(slot, FACTOR));
	view.setUint32(12, slot);
	return guid;
}

/** The record of a frame of zeros, or of one with another checksum or generation. */
export function manyRecord(
	slot: number,
	{ crc = zerosCrc(), generation = GENERATION - 1, guid = manyGuid(slot) } = {},
): Uint8Array<ArrayBuffer> {
	const record = joined(guid, new Uint8Array(RECORD_SIZE - 16));
	const view = new DataView(record.buffer);
	view.setUint32(16, crc, true);
	view.setUint32(20, generation, true);
	seal(record, slot);
	return record;
}

/** Lays down a store whose log was folded up, with a frame of zeros in each of so many slots. */
export async function layMany(host: Host, frames: number): Promise<void> {
	const snapshot = snapshotOf(frames);
	const records = Array.from({ length: frames }, (_, slot) => manyRecord(slot));
	await writeRaw(host, SNAPSHOT_PATH, snapshot);
	await writeRaw(host, LOG_PATH, new Uint8Array(0));
	await writeRaw(
		host,
		CHECKSUMS_PATH,
		joined(stampOf(snapshot), new Uint8Array(RECORD_SIZE), ...records),
	);
}

function snapshotOf(frames: number): Uint8Array {
	const bytes = new Uint8Array(HEADER_SIZE + frames * MAPPING_SIZE);
	const view = new DataView(bytes.buffer);
	bytes.set(new TextEncoder().encode("ARTSNMNF"));
	view.setUint16(8, 6, true);
	view.setUint32(10, frames, true);
	view.setUint32(16, frames, true);
	for (let slot = 0; slot < frames; slot += 1) {
		const at = HEADER_SIZE + slot * MAPPING_SIZE;
		bytes.set(manyGuid(slot), at);
		view.setUint32(at + 16, slot, true);
	}
	return bytes;
}

function stampOf(snapshot: Uint8Array): Uint8Array {
	const stamp = new Uint8Array(RECORD_SIZE);
	const view = new DataView(stamp.buffer);
	stamp.set(new TextEncoder().encode("DSFC"));
	view.setUint32(4, 1, true);
	view.setUint32(8, GENERATION, true);
	view.setUint32(12, crc32c(snapshot), true);
	view.setUint32(16, snapshot.length, true);
	seal(stamp, 0);
	return stamp;
}

function seal(bytes: Uint8Array<ArrayBuffer>, before: number): void {
	const end = RECORD_SIZE - 4;
	const crc = bitwiseCrc(CASTAGNOLI, bytes.subarray(0, end), before);
	new DataView(bytes.buffer).setUint32(end, crc, true);
}

let zeros: number | undefined;

function zerosCrc(): number {
	zeros ??= crc32c(new Uint8Array(FRAME_SIZE));
	return zeros;
}
