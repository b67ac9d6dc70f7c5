/**
 * The numbers of the on-disk formats, shared by the core and the engine.
 *
 * Plain constants only: this file is compiled by asc and by tsc alike, so it imports nothing and
 * uses no AssemblyScript built-in.
 */

// A blob's header, before its first byte of content:
//
//    0               4               6               8
//    | magic "CWIC"  | runtime = 0   | blob version  |
//
export const HEADER_SIZE = 8;
export const HEADER_MAGIC = 0x43574943;
export const RUNTIME_VERSION = 0;

// A physical page: P bytes of data, then its checksum record of two slots.
//
//    0                      P      P+2     P+6    P+8    P+12
//    | data, P bytes        | len1 | crc1  | len2 | crc2 |
//
export const SLOT_SIZE = 6;
export const SLOT_LENGTH_SIZE = 2;
export const RECORD_SIZE = 12;
export const PAGE_SIZE_MAX = 65535;

/** The unit that the disk is assumed to write whole or not at all. */
export const SECTOR_SIZE = 512;

export const FIRST_SLOT = 1;
export const SECOND_SLOT = 2;
/** No slot: the page is invalid, or nothing of it is committed. */
export const NO_SLOT = 0;

// A value of a glob: its data, then the CRC-32C of them.
export const VALUE_CRC_SIZE = 4;

// What an entry says of its value: an offset and a size, the checksum included, wherever in the
// entry they lie. Each has 1 to 8 bytes, these where nothing else is said.
export const VALUE_OFFSET_WIDTH = 8;
export const VALUE_SIZE_WIDTH = 4;
export const VALUE_FIELD_WIDTH_MAX = 8;

// A frame of a variable journal: the length of its payload as a varint, then the payload.
export const VARINT_WIDTH_MAX = 5;

// A packed store: frames of one size, each in a slot of one file, and the manifest, which has the
// slot of each GUID.
export const FRAME_SIZE = 524288;
/** Direct I/O needs multiples of it: addresses, lengths, offsets. */
export const DIRECT_ALIGNMENT = 4096;
export const GUID_SIZE = 16;
/** A GUID and its slot, as a snapshot and a record hold them. */
export const MAPPING_SIZE = 24;
export const MANIFEST_VERSION = 6;
export const SNAPSHOT_HEADER_SIZE = 24;

// A record of a packed store's manifest.log. All numbers are little-endian.
//
//    0              4              8      9                      9 + length
//    | magic "MLG1" | length, u32  | type | body                 | crc, u32 |   CRC of all before
//
//    type 1, SET:       GUID (16), slot (8)       37 bytes in all
//    type 2, DELETE:    GUID (16)                 29
//
// Records follow one another without padding. A record that is not whole ends the log.
//
export const LOG_LENGTH_OFFSET = 4;
export const LOG_TYPE_OFFSET = 8;
export const LOG_BODY_OFFSET = 9;
export const LOG_CRC_SIZE = 4;
/** A record that sets a mapping, the longest there is, and one that deletes a GUID. */
export const LOG_RECORD_MAX = 37;
export const LOG_DELETE_SIZE = 29;
/**
 * The bytes that tell a torn record from a damaged one: a record, and the sector in which it ends.
 */
export const LOG_BREAK_BYTES = 549;

// frames.crc: two stamps, then a record for each slot, all of one size.
export const FRAME_RECORD_SIZE = 32;
export const STAMPS = 2;
// The verdict on a slot's record, bits that may both be set: whether the record is of the frame
// that is in the slot now, and whether the log has lost what would have given the slot to its GUID.
export const RECORD_COUNTS = 1;
export const RECORD_LOST = 2;

// The manifest in linear memory.
export const MANIFEST_HEADER_SIZE = 32;
export const MANIFEST_CELL_SIZE = 32;
/** Two u64: the first and the last slot of a range. */
export const RANGE_SIZE = 16;

// The state of one slot of a page.
export const SLOT_EMPTY = 0;
export const SLOT_OVERLONG = 1;
export const SLOT_MISMATCH = 2;
export const SLOT_VALID = 3;

// The results of parseHeader.
export const HEADER_OK = 0;
export const HEADER_SHORT = 1;
export const HEADER_FOREIGN = 2;
export const HEADER_RUNTIME_UNSUPPORTED = 3;
export const HEADER_VERSION_MISMATCH = 4;

// The results of decodeVarint.
export const VARINT_OK = 0;
export const VARINT_SHORT = 1;
export const VARINT_INVALID = 2;

// Why a scan of frames stops.
/** The bytes end where a frame does. */
export const FRAMES_END = 0;
/** There is no room for more places. */
export const FRAMES_FULL = 1;
export const FRAMES_PARTIAL = 2;
export const FRAMES_INVALID = 3;
export const FRAMES_TOO_LARGE = 4;

// The results of putMapping.
export const MAP_ADDED = 0;
export const MAP_REPLACED = 1;
export const MAP_FULL = 2;

// The results of parseSnapshot.
export const SNAPSHOT_OK = 0;
export const SNAPSHOT_SHORT = 1;
export const SNAPSHOT_MAGIC = 2;
export const SNAPSHOT_VERSION = 3;

// Why a replay of a manifest's log stops.
/** The bytes end where a record does. */
export const LOG_END = 0;
export const LOG_MORE = 1;
export const LOG_FULL = 2;
export const LOG_SHORT = 3;
export const LOG_LONG = 4;
export const LOG_MAGIC = 5;
export const LOG_CRC = 6;
export const LOG_SET_LENGTH = 7;
export const LOG_DELETE_LENGTH = 8;
export const LOG_UNKNOWN_OP = 9;

// The results of freeRanges.
export const FREE_OK = 0;
export const FREE_PAST_NEXT = 1;
export const FREE_DUPLICATE = 2;
/** Of markedRanges alone: freeRanges has to judge. */
export const FREE_UNMARKED = 3;

// The choice between two slots for a pair of states. See the table in slot.ts.
export const ROW_INVALID = 0;
export const ROW_FIRST = 1;
export const ROW_SECOND = 2;
/** Both are valid: the longer one counts, the first on a tie. */
export const ROW_LONGER = 3;

// The result block, for results beside the one number that a call returns: fields, by function.
export const RESULT_SIZE = 32;

// validatePage: the authoritative slot and its length, then what each slot claims.
//
//    0       4         8             20            32
//    | slot  | length  | slot 1      | slot 2      |    a slot: state, length, crc, u32 each
export const VERDICT_SLOT = 0;
export const VERDICT_LENGTH = 4;
export const VERDICT_FIRST = 8;
export const VERDICT_SECOND = 20;
export const VERDICT_STATE = 0;
export const VERDICT_SLOT_LENGTH = 4;
export const VERDICT_CRC = 8;

// parseHeader.
export const PARSED_RUNTIME_VERSION = 0;
export const PARSED_BLOB_VERSION = 4;

// planWrite: two ranges, ends excluded. The second is unset when one write is enough.
export const PLAN_FIRST_START = 0;
export const PLAN_FIRST_END = 4;
export const PLAN_SECOND_START = 8;
export const PLAN_SECOND_END = 12;

// stageShrink: offsets in the page, then the bytes of the three writes, big-endian as on disk.
export const STAGED_NEW_OFFSET = 0;
export const STAGED_OLD_OFFSET = 4;
export const STAGED_CRC_BYTES = 8;
export const STAGED_LENGTH_BYTES = 14;
export const STAGED_RETIRE_BYTES = 16;

// checkValue: the checksum that stands behind the value, and that of its data.
export const VALUE_STORED = 0;
export const VALUE_COMPUTED = 4;

// encodePlace: 8 bytes each, big-endian; on disk are the last of them, as many as the field has.
export const PLACE_OFFSET_BYTES = 0;
export const PLACE_SIZE_BYTES = 8;

// A varint on its way in or out: bytes, as on disk.
export const VARINT_BYTES = 16;

// lastEntryWithin and scanValueRun: f64.
export const ENTRY_VALUE_OFFSET = 0;
export const ENTRY_VALUE_SIZE = 8;

// decodeVarint.
export const VARINT_VALUE = 0;
export const VARINT_WIDTH = 4;

// scanFrames: the length at which the scan stops, as decodeVarint leaves it, then why and where.
export const SCANNED_SIZE = 0;
export const SCANNED_WIDTH = 4;
export const SCANNED_STOP = 8;
export const SCANNED_END = 12;

// findMapping, putMapping, removeMapping, nextSlot, freeRanges: a u64.
export const MAPPED_SLOT = 0;

/**
 * findMapping: behind the slot, one more than the offset of its log record, or 0 where it is the
 * snapshot's.
 */
export const MAPPED_POSITION = 8;

// parseFrameRecord.
export const RECORDED_CRC = 0;
export const RECORDED_GENERATION = 4;
export const RECORDED_POSITION = 8;

// parseStamp.
export const STAMPED_GENERATION = 0;
export const STAMPED_SNAPSHOT_CRC = 4;
export const STAMPED_SNAPSHOT_SIZE = 8;
export const STAMPED_LOG_SIZE = 12;
export const STAMPED_LOG_CRC = 16;

// parseSnapshot.
export const SNAPSHOT_COUNT = 0;
export const SNAPSHOT_RESERVED = 4;

// replayLog.
export const REPLAYED_RECORDS = 0;
export const REPLAYED_STOP = 4;

// freeRanges: behind the slot.
export const FREE_RANGES = 8;

/** Of the table of sizes that scanValueRun fills and countWholeValues reads: a u32 a value. */
export const VALUE_SIZE_SIZE = 4;

/** Of the table of places that scanFrames fills: two u32 a frame. */
export const PLACE_SIZE = 8;

/** One CRC for each length that a page can have, for prefixChecksums. */
export const PREFIX_TABLE_SIZE = 4 * (PAGE_SIZE_MAX + 1);
