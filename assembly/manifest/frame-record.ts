import { crc32c } from "../crc/crc32";
import {
	GUID_SIZE,
	RECORDED_CRC,
	RECORDED_GENERATION,
	RECORDED_POSITION,
	STAMPED_GENERATION,
	STAMPED_LOG_CRC,
	STAMPED_LOG_SIZE,
	STAMPED_SNAPSHOT_CRC,
	STAMPED_SNAPSHOT_SIZE,
} from "../format";
import { storeResult } from "../result";

// frames.crc, beside blobs.dat: two stamps, then a record for each slot. dualslot's own, which holt
// never reads. All numbers are u32 and little-endian. The last is the CRC-32C of those before it;
// in a record that CRC goes on from the slot's number.
//
//   0        4           8            12             16              20         24        28
//   | "DSFC" | version 1 | generation | snapshot CRC | snapshot size | log size | log CRC | check |
//   a stamp
//
//    0                                        16             20              24         28
//    | GUID, 16 bytes                         | frame CRC    | generation    | position | check |
//    a record
//
// A generation is the life of one log, from one snapshot to the next. A record counts if its GUID
// has its slot by the log's record at that position of that generation; or by the snapshot, and the
// record is of an earlier generation. So a frame that others wrote is never checked against the
// record.

const STAMP_MAGIC: u32 = 0x43465344;
const STAMP_VERSION: u32 = 1;

const CRC: usize = 16;
const GENERATION: usize = 20;
const POSITION: usize = 24;
const CHECK: usize = 28;

const STAMP_VERSION_AT: usize = 4;
const STAMP_GENERATION: usize = 8;
const SNAPSHOT_CRC: usize = 12;
const SNAPSHOT_SIZE: usize = 16;
const LOG_SIZE: usize = 20;
const LOG_CRC: usize = 24;

/** Makes the record of a slot from the GUID at `guid` and its frame's fields. */
export function encodeFrameRecord(
	address: usize,
	slot: u32,
	guid: usize,
	crc: u32,
	generation: u32,
	position: u32,
): void {
	memory.copy(address, guid, GUID_SIZE);
	store<u32>(address + CRC, crc);
	store<u32>(address + GENERATION, generation);
	store<u32>(address + POSITION, position);
	store<u32>(address + CHECK, crc32c(address, CHECK, slot));
}

/** Whether the record of a slot is whole. Its fields behind the GUID go to the result block. */
export function parseFrameRecord(address: usize, slot: u32): bool {
	storeResult(RECORDED_CRC, load<u32>(address + CRC));
	storeResult(RECORDED_GENERATION, load<u32>(address + GENERATION));
	storeResult(RECORDED_POSITION, load<u32>(address + POSITION));
	return load<u32>(address + CHECK) === crc32c(address, CHECK, slot);
}

/** Makes the stamp of a generation, which begins with a snapshot and folds up a log. */
export function encodeStamp(
	address: usize,
	generation: u32,
	snapshotCrc: u32,
	snapshotSize: u32,
	logSize: u32,
	logCrc: u32,
): void {
	store<u32>(address, STAMP_MAGIC);
	store<u32>(address + STAMP_VERSION_AT, STAMP_VERSION);
	store<u32>(address + STAMP_GENERATION, generation);
	store<u32>(address + SNAPSHOT_CRC, snapshotCrc);
	store<u32>(address + SNAPSHOT_SIZE, snapshotSize);
	store<u32>(address + LOG_SIZE, logSize);
	store<u32>(address + LOG_CRC, logCrc);
	store<u32>(address + CHECK, crc32c(address, CHECK, 0));
}

/**
 * The version of a stamp; 0 where it is not whole. For a known version its fields are in the result
 * block.
 */
export function parseStamp(address: usize): u32 {
	storeResult(STAMPED_GENERATION, load<u32>(address + STAMP_GENERATION));
	storeResult(STAMPED_SNAPSHOT_CRC, load<u32>(address + SNAPSHOT_CRC));
	storeResult(STAMPED_SNAPSHOT_SIZE, load<u32>(address + SNAPSHOT_SIZE));
	storeResult(STAMPED_LOG_SIZE, load<u32>(address + LOG_SIZE));
	storeResult(STAMPED_LOG_CRC, load<u32>(address + LOG_CRC));
	const isWhole =
		load<u32>(address) === STAMP_MAGIC &&
		load<u32>(address + CHECK) === crc32c(address, CHECK, 0);
	return isWhole ? load<u32>(address + STAMP_VERSION_AT) : 0;
}
