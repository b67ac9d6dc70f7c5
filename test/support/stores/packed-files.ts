import { assert } from "chai";
import type { Host } from "../../../src/host/host.ts";
import { existsRaw, readRaw } from "../hosts/raw-file.ts";
import { filled, joined, toHex } from "../runs/bytes.ts";

export const LOG_PATH = "manifest.log";
export const SNAPSHOT_PATH = "manifest.bin";
export const STAGED_PATH = "manifest.bin.tmp";
export const FRAMES_PATH = "blobs.dat";
export const CHECKSUMS_PATH = "frames.crc";
export const FRAME_SIZE = 524_288;

const LOG_MAGIC = new TextEncoder().encode("MLG1");
const SNAPSHOT_MAGIC = new TextEncoder().encode("ARTSNMNF");
const SNAPSHOT_HEADER_SIZE = 24;
const MAPPING_SIZE = 24;

/** Reflected, as in zlib. */
const POLYNOMIAL = 0xedb88320;

/** A GUID and the slot of its frame. */
type Mapping = readonly [guid: number, slot: bigint | number];

/** Sixteen bytes of one value: a GUID by its number. */
export function guidOf(value: number): Uint8Array<ArrayBuffer> {
	return new Uint8Array(16).fill(value);
}

export function setRecord(guid: number, slot: bigint | number): Uint8Array {
	return logRecord(1, mappingBytes([guid, slot]));
}

/** With so many records the next record folds a log up. */
const RECORDS_DUE = 28_339;

/** A log that the next record folds up, and that gives GUID 1 slot 0. */
export function longLog(): Uint8Array {
	const record = setRecord(1, 0);
	const log = new Uint8Array(RECORDS_DUE * record.length);
	for (let at = 0; at < log.length; at += record.length) {
		log.set(record, at);
	}
	return log;
}

export function deleteRecord(guid: number): Uint8Array {
	return logRecord(2, guidOf(guid));
}

/** A record with a right CRC, of any type and body. */
export function logRecord(type: number, body: Uint8Array): Uint8Array {
	const head = joined(LOG_MAGIC, u32(body.length), filled(1, type), body);
	return joined(head, u32(crc32(head)));
}

/**
 * A snapshot's fields; by default the number of its mappings, and the next slot behind the highest.
 */
export interface SnapshotFields {
	readonly mappings: readonly Mapping[];
	readonly nextSlot?: bigint | number;
	readonly version?: number;
	readonly count?: number;
	readonly reserved?: number;
}

export function snapshotBytes({
	mappings,
	nextSlot = mappings.length,
	version = 6,
	count = mappings.length,
	reserved = 0,
}: SnapshotFields): Uint8Array {
	return joined(
		...[SNAPSHOT_MAGIC, u16(version), u32(count), u16(reserved)],
		...[u64(nextSlot), ...mappings.map(mappingBytes)],
	);
}

/** Each record of the log as text, `set 01 0` or `delete 01`. Fails where one is not whole. */
export function parseLog(log: Uint8Array): string[] {
	const lines: string[] = [];
	let at = 0;
	while (at < log.length) {
		const length = viewOf(log).getUint32(at + 4, true);
		const type = log[at + 8] ?? 0;
		const body = log.subarray(at + 9, at + 9 + length);
		const expected = logRecord(type, body);
		const found = log.subarray(at, at + expected.length);
		assert.equal(toHex(found), toHex(expected), `the record at ${at}`);
		lines.push(
			type === 1 ? `set ${nameOf(body)} ${slotIn(body)}` : nameOfDelete(body),
		);
		at += expected.length;
	}
	return lines;
}

/** A snapshot as text: its next slot, and `01 at 0` for each mapping, in the order of the file. */
export function parseSnapshot(bytes: Uint8Array): string[] {
	const view = viewOf(bytes);
	assert.equal(
		toHex(bytes.subarray(0, 10)),
		toHex(joined(SNAPSHOT_MAGIC, u16(6))),
	);
	const count = view.getUint32(10, true);
	assert.equal(bytes.length, SNAPSHOT_HEADER_SIZE + count * MAPPING_SIZE);
	assert.equal(view.getUint16(14, true), 0);
	const mappings = Array.from({ length: count }, (_, index) => {
		const start = SNAPSHOT_HEADER_SIZE + index * MAPPING_SIZE;
		const mapping = bytes.subarray(start, start + MAPPING_SIZE);
		return `${nameOf(mapping)} at ${slotIn(mapping)}`;
	});
	return [`next ${view.getBigUint64(16, true)}`, ...mappings];
}

/** The flushed mappings in a host's files: `01 at 0` for each GUID, in their order. */
export async function mappingsOf(host: Host): Promise<string[]> {
	const found = new Map<string, string>();
	if (await existsRaw(host, SNAPSHOT_PATH)) {
		const [, ...mappings] = parseSnapshot(await readRaw(host, SNAPSHOT_PATH));
		for (const mapping of mappings) {
			const [guid = "", , slot = ""] = mapping.split(" ");
			found.set(guid, slot);
		}
	}
	for (const line of parseLog(await readRaw(host, LOG_PATH))) {
		const [, guid = "", slot] = line.split(" ");
		if (slot === undefined) {
			found.delete(guid);
		} else {
			found.set(guid, slot);
		}
	}
	return Array.from(found, ([guid, slot]) => `${guid} at ${slot}`).sort();
}

function mappingBytes([guid, slot]: Mapping): Uint8Array {
	return joined(guidOf(guid), u64(slot));
}

function nameOfDelete(body: Uint8Array): string {
	assert.equal(body.length, 16, "the length of a deletion");
	return `delete ${nameOf(body)}`;
}

/** Two digits for a test's GUID, otherwise all of them. */
function nameOf(mapping: Uint8Array): string {
	const guid = mapping.subarray(0, 16);
	const isOwn = guid.every((byte) => byte === guid[0]);
	return toHex(isOwn ? guid.subarray(0, 1) : guid);
}

function slotIn(mapping: Uint8Array): bigint {
	return viewOf(mapping).getBigUint64(16, true);
}

/** Bit by bit, from the polynomial alone. */
function crc32(bytes: Uint8Array): number {
	let crc = 0xffffffff;
	for (const byte of bytes) {
		crc ^= byte;
		for (let bit = 0; bit < 8; bit += 1) {
			crc = (crc >>> 1) ^ ((crc & 1) === 1 ? POLYNOMIAL : 0);
		}
	}
	return (crc ^ 0xffffffff) >>> 0;
}

function u16(value: number): Uint8Array {
	return numberBytes(2, (view) => view.setUint16(0, value, true));
}

function u32(value: number): Uint8Array {
	return numberBytes(4, (view) => view.setUint32(0, value, true));
}

function u64(value: bigint | number): Uint8Array {
	return numberBytes(8, (view) => view.setBigUint64(0, BigInt(value), true));
}

function numberBytes(
	length: number,
	write: (view: DataView) => void,
): Uint8Array {
	const bytes = new Uint8Array(length);
	write(viewOf(bytes));
	return bytes;
}

function viewOf(bytes: Uint8Array): DataView {
	return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
