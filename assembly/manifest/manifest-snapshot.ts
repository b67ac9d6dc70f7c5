import {
	MANIFEST_VERSION,
	MAP_ADDED,
	MAP_FULL,
	MAPPED_SLOT,
	MAPPING_SIZE,
	SNAPSHOT_COUNT,
	SNAPSHOT_HEADER_SIZE,
	SNAPSHOT_MAGIC,
	SNAPSHOT_OK,
	SNAPSHOT_RESERVED,
	SNAPSHOT_SHORT,
	SNAPSHOT_VERSION,
} from "../format";
import { loadResultU64, storeResult } from "../result";
import {
	manifestSize,
	nextSlot,
	putMapping,
	setNextSlot,
} from "./manifest-map";

// manifest.bin, the whole manifest of a packed store: a header, then a mapping for each GUID. All
// numbers are little-endian.
//
//    0                    8              10           14           16            24
//    | magic "ARTSNMNF"   | version = 6  | count, u32 | 0, u16     | next slot   |
//
//    24 + 24 i                           40 + 24 i
//    | GUID, 16 bytes                    | slot, u64  |

const MAGIC_LOW: u32 = 0x53545241;
const MAGIC_HIGH: u32 = 0x464e4d4e;
const VERSION: usize = 8;
const COUNT: usize = 10;
const RESERVED: usize = 14;
const NEXT_SLOT: usize = 16;

/**
 * Judges the header in the `length` bytes at `address`, and adopts its next slot. Its count goes to
 * the result block.
 */
export function parseSnapshot(table: usize, address: usize, length: u32): u32 {
	storeResult(SNAPSHOT_COUNT, 0);
	storeResult(SNAPSHOT_RESERVED, 0);
	if (length < (SNAPSHOT_HEADER_SIZE as u32)) {
		return SNAPSHOT_SHORT;
	}
	if (
		load<u32>(address) !== MAGIC_LOW ||
		load<u32>(address + 4) !== MAGIC_HIGH
	) {
		return SNAPSHOT_MAGIC;
	}
	if (load<u16>(address + VERSION) !== MANIFEST_VERSION) {
		return SNAPSHOT_VERSION;
	}
	storeResult(SNAPSHOT_COUNT, load<u32>(address + COUNT));
	storeResult(SNAPSHOT_RESERVED, load<u16>(address + RESERVED));
	setNextSlot(table, address + NEXT_SLOT);
	return SNAPSHOT_OK;
}

/** Writes the header of a snapshot of the present manifest. */
export function encodeSnapshot(table: usize, address: usize): void {
	store<u32>(address, MAGIC_LOW);
	store<u32>(address + 4, MAGIC_HIGH);
	store<u16>(address + VERSION, MANIFEST_VERSION);
	store<u32>(address + COUNT, manifestSize(table));
	store<u16>(address + RESERVED, 0);
	nextSlot(table);
	store<u64>(address + NEXT_SLOT, loadResultU64(MAPPED_SLOT));
}

/**
 * Adds the `count` mappings at `mappings`, for which there is room. Returns how many: fewer where a
 * GUID is repeated.
 */
export function loadMappings(table: usize, mappings: usize, count: u32): u32 {
	for (let index: u32 = 0; index < count; index++) {
		const verdict = putMapping(table, mappings + index * MAPPING_SIZE);
		assert(verdict !== MAP_FULL);
		if (verdict !== MAP_ADDED) {
			return index;
		}
	}
	return count;
}
