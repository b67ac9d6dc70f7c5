import { crc32 } from "node:zlib";

const SNAPSHOT_HEADER_SIZE = 24;
const RECORD_HEADER_SIZE = 9;

/** A record of manifest.log, its CRC right whatever it says. */
export function record(type: number, body: Uint8Array): Buffer {
	const bytes = Buffer.alloc(RECORD_HEADER_SIZE + body.length + 4);
	bytes.write("MLG1", "latin1");
	bytes.writeUInt32LE(body.length, 4);
	bytes.writeUInt8(type, 8);
	bytes.set(body, RECORD_HEADER_SIZE);
	const end = bytes.length - 4;
	bytes.writeUInt32LE(crc32(bytes.subarray(0, end)), end);
	return bytes;
}

/** Of a GUID in hex. */
export function setRecord(guid: string, slot: bigint): Buffer {
	return record(1, mapping(guid, slot));
}

export function deleteRecord(guid: string): Buffer {
	return record(2, Buffer.from(guid, "hex"));
}

export interface SnapshotBytes {
	readonly nextSlot: bigint;
	readonly mappings: readonly (readonly [guid: string, slot: bigint])[];
	readonly version?: number;
	readonly reserved?: number;
	/** How many mappings it says that it has. */
	readonly count?: number;
}

/** The bytes of a manifest.bin. */
export function snapshot({
	nextSlot,
	mappings,
	version = 6,
	reserved = 0,
	count = mappings.length,
}: SnapshotBytes): Buffer {
	const header = Buffer.alloc(SNAPSHOT_HEADER_SIZE);
	header.write("ARTSNMNF", "latin1");
	header.writeUInt16LE(version, 8);
	header.writeUInt32LE(count, 10);
	header.writeUInt16LE(reserved, 14);
	header.writeBigUInt64LE(nextSlot, 16);
	const entries = mappings.map(([guid, slot]) => mapping(guid, slot));
	return Buffer.concat([header, ...entries]);
}

function mapping(guid: string, slot: bigint): Buffer {
	const bytes = Buffer.alloc(24);
	bytes.write(guid, "hex");
	bytes.writeBigUInt64LE(slot, 16);
	return bytes;
}
