import { crc32 } from "../crc/crc32";
import {
	GUID_SIZE,
	LOG_BODY_OFFSET,
	LOG_CRC,
	LOG_CRC_SIZE,
	LOG_DELETE_LENGTH,
	LOG_END,
	LOG_FULL,
	LOG_LENGTH_OFFSET,
	LOG_LONG,
	LOG_MAGIC,
	LOG_MORE,
	LOG_RECORD_MAX,
	LOG_SET_LENGTH,
	LOG_SHORT,
	LOG_TYPE_OFFSET,
	LOG_UNKNOWN_OP,
	MAP_FULL,
	MAPPING_SIZE,
	REPLAYED_RECORDS,
	REPLAYED_STOP,
	SECTOR_SIZE,
} from "../format";
import { storeResult } from "../result";
import {
	placeMapping,
	putMapping,
	reachSlot,
	removeMapping,
} from "./manifest-map";

const MAGIC: u32 = 0x31474c4d;
// A record as it is drawn in format.ts.
const LENGTH: usize = LOG_LENGTH_OFFSET;
const TYPE: usize = LOG_TYPE_OFFSET;
const BODY: usize = LOG_BODY_OFFSET;
const CRC_SIZE: usize = LOG_CRC_SIZE;

const SET: u8 = 1;
const DELETE: u8 = 2;

/** Writes the record that sets the mapping at `mapping`, and returns how many bytes it takes. */
export function encodeSet(address: usize, mapping: usize): u32 {
	return encode(address, SET, mapping, MAPPING_SIZE);
}

/** Writes the record that deletes the GUID at `guid`, and returns how many bytes it takes. */
export function encodeDelete(address: usize, guid: usize): u32 {
	return encode(address, DELETE, guid, GUID_SIZE);
}

function encode(address: usize, type: u8, body: usize, length: u32): u32 {
	store<u32>(address, MAGIC);
	store<u32>(address + LENGTH, length);
	store<u8>(address + TYPE, type);
	memory.copy(address + BODY, body, length);
	const end = BODY + length;
	store<u32>(address + end, crc32(address, end, 0));
	return (end + CRC_SIZE) as u32;
}

/**
 * Applies the whole records at the start of `length` bytes at `address` to a manifest, and returns
 * where the last of them ends. The file has `rest` bytes from `address` on, which may be more, and
 * `position` before. Writes to the result block the count of records and why it stopped: LOG_MORE
 * where the next bytes of the file are needed, LOG_FULL where the manifest is full, LOG_SHORT where
 * the file ends within a record, and else the record's damage.
 *
 * Without `isTypeFirst`, a length is believed before the CRC is checked, which is the original's
 * order: then LOG_LONG is a record longer than any valid one. With it, a length must fit its type.
 */
export function replayLog(
	table: usize,
	address: usize,
	length: u32,
	rest: f64,
	isTypeFirst: bool,
	position: f64,
): u32 {
	let at: u32 = 0;
	let records: u32 = 0;
	let stop: u32 = LOG_END;
	while ((at as f64) < rest) {
		const record = address + at;
		stop = judge(record, length - at, rest - (at as f64), isTypeFirst);
		if (stop === LOG_END && !apply(table, record, position + (at as f64))) {
			stop = LOG_FULL;
		}
		if (stop !== LOG_END) {
			break;
		}
		at += sizeOf(record);
		records += 1;
	}
	storeResult(REPLAYED_RECORDS, records);
	storeResult(REPLAYED_STOP, stop);
	return at;
}

/** The damage of a record with `available` bytes here and `rest` in the file. LOG_END: none. */
function judge(
	record: usize,
	available: u32,
	rest: f64,
	isTypeFirst: bool,
): u32 {
	if (available < (BODY as u32)) {
		return (available as f64) < rest ? LOG_MORE : LOG_SHORT;
	}
	if (load<u32>(record) !== MAGIC) {
		return LOG_MAGIC;
	}
	if (isTypeFirst) {
		const verdict = judgeType(record);
		if (verdict !== LOG_END) {
			return verdict;
		}
	}
	const size = (load<u32>(record + LENGTH) as f64) + ((BODY + CRC_SIZE) as f64);
	if (size > rest) {
		return LOG_SHORT;
	}
	if (size > (LOG_RECORD_MAX as f64)) {
		return LOG_LONG;
	}
	if (size > (available as f64)) {
		return LOG_MORE;
	}
	const end = (size as u32) - (CRC_SIZE as u32);
	return load<u32>(record + end) === crc32(record, end, 0)
		? judgeType(record)
		: LOG_CRC;
}

/** Whether a record's type is known and has its length. */
export function judgeType(record: usize): u32 {
	const type = load<u8>(record + TYPE);
	const length = load<u32>(record + LENGTH);
	if (type === SET) {
		return length === MAPPING_SIZE ? LOG_END : LOG_SET_LENGTH;
	}
	if (type === DELETE) {
		return length === GUID_SIZE ? LOG_END : LOG_DELETE_LENGTH;
	}
	return LOG_UNKNOWN_OP;
}

/** Returns false, and changes nothing, where the manifest is full. */
function apply(table: usize, record: usize, position: f64): bool {
	const body = record + BODY;
	if (load<u8>(record + TYPE) === DELETE) {
		removeMapping(table, body);
		return true;
	}
	if (putMapping(table, body) === MAP_FULL) {
		return false;
	}
	placeMapping(table, body, position);
	reachSlot(table, load<u64>(body + GUID_SIZE));
	return true;
}

function sizeOf(record: usize): u32 {
	return load<u32>(record + LENGTH) + ((BODY + CRC_SIZE) as u32);
}

/**
 * Whether a crash during an append explains that no whole record is at `address`, `sectorOffset`
 * bytes into a sector. It does where the file ends within a begun record. Or where a sector was
 * never written: from there or from the next sector on, zeros reach a sector's end or the file's.
 * `length` bytes are here: all of the file, or at least LOG_BREAK_BYTES.
 */
export function isTornRecord(
	address: usize,
	length: u32,
	isAll: bool,
	sectorOffset: u32,
): bool {
	const toSector = (SECTOR_SIZE as u32) - sectorOffset;
	const here = min(toSector, length);
	if (isZero(address, here)) {
		return true;
	}
	if (here < length && here < begunSize(address, here)) {
		const next = min(length - here, SECTOR_SIZE as u32);
		if (isZero(address + here, next)) {
			return true;
		}
	}
	return isAll && length < begunSize(address, length);
}

/**
 * The size of the record that `length` bytes begin; 0 where they begin none. All must match, its
 * CRC too.
 */
function begunSize(address: usize, length: u32): u32 {
	if (!isPrefix(address, length, MAGIC)) {
		return 0;
	}
	if (length < (BODY as u32)) {
		const rest = max(length, LENGTH as u32) - (LENGTH as u32);
		const isLength =
			isPrefix(address + LENGTH, rest, MAPPING_SIZE) ||
			isPrefix(address + LENGTH, rest, GUID_SIZE);
		return isLength ? LOG_RECORD_MAX : 0;
	}
	if (judgeType(address) !== LOG_END) {
		return 0;
	}
	const size = sizeOf(address);
	const end = size - (CRC_SIZE as u32);
	const isBegun =
		length <= end ||
		isPrefix(address + end, length - end, crc32(address, end, 0));
	return isBegun ? size : 0;
}

/** Whether `length` bytes match those of a word, as far as both go. */
function isPrefix(address: usize, length: u32, word: u32): bool {
	for (let at: u32 = 0; at < min(length, 4); at++) {
		if ((load<u8>(address + at) as u32) !== ((word >>> (8 * at)) & 0xff)) {
			return false;
		}
	}
	return true;
}

function isZero(address: usize, length: u32): bool {
	for (let at: u32 = 0; at < length; at++) {
		if (load<u8>(address + at) !== 0) {
			return false;
		}
	}
	return length > 0;
}
