import {
	GUID_SIZE,
	MANIFEST_HEADER_SIZE,
	MAP_ADDED,
	MAP_FULL,
	MAP_REPLACED,
	MAPPED_POSITION,
	MAPPED_SLOT,
	MAPPING_SIZE,
} from "../format";
import { storeResult, storeResultU64 } from "../result";

// A packed store's manifest in memory: the slot of each GUID's frame. A hash table of cells: a GUID
// is in the first free cell from its hash's own on. The engine has made it large enough.
//
//    0            4        8        16           24          32
//    | cell count | in use | seed   | next slot  | 0         | cells …    the count a power of 2
//
//    0                     16          24        28          32
//    | GUID                | slot      | in use  | position  |              a cell
//
// The first 24 bytes of a cell are a mapping, as a snapshot holds it. The position is one more than
// the offset of its log record; 0 where it is the snapshot's, or past 2^32. Slots are of 64 bits:
// nothing here counts with them.

const CELLS: usize = 0;
const USED: usize = 4;
const SEED: usize = 8;
const NEXT_SLOT: usize = 16;

const CELL_SIZE: usize = 32;
const CELL_SLOT: usize = 16;
const CELL_USED: usize = 24;
const CELL_POSITION: usize = 28;
const SLOT_BYTES: usize = 8;

/** From splitmix64's finalizer: each bit of the input reaches each bit of the hash. */
const FIRST_FACTOR: u64 = ((0xbf58476d as u64) << 32) | 0x1ce4e5b9;
const SECOND_FACTOR: u64 = ((0x94d049bb as u64) << 32) | 0x133111eb;

/**
 * Makes an empty manifest of `cells` cells, a power of two from 4 on. A seed that nobody can
 * foresee prevents GUIDs chosen to collide.
 */
export function initManifest(
	table: usize,
	cells: u32,
	seedLow: u32,
	seedHigh: u32,
): void {
	assert(cells > 3 && (cells & (cells - 1)) === 0);
	memory.fill(
		table,
		0,
		(MANIFEST_HEADER_SIZE as usize) + (cells as usize) * CELL_SIZE,
	);
	store<u32>(table + CELLS, cells);
	store<u32>(table + SEED, seedLow);
	store<u32>(table + SEED + 4, seedHigh);
}

/** How many GUIDs the manifest has. */
export function manifestSize(table: usize): u32 {
	return load<u32>(table + USED);
}

/** Writes the first slot that was never given out to the result block. */
export function nextSlot(table: usize): void {
	storeResultU64(MAPPED_SLOT, load<u64>(table + NEXT_SLOT));
}

/** Sets the first slot that was never given out from the 8 bytes at `address`. */
export function setNextSlot(table: usize, address: usize): void {
	store<u64>(table + NEXT_SLOT, load<u64>(address));
}

/** Counts `slot` as given out. Past the last of 64 bits there is none. */
export function reachSlot(table: usize, slot: u64): void {
	const next = slot === u64.MAX_VALUE ? slot : slot + 1;
	if (next > load<u64>(table + NEXT_SLOT)) {
		store<u64>(table + NEXT_SLOT, next);
	}
}

/** Whether the manifest has the GUID at `guid`. Then its slot is in the result block. */
export function findMapping(table: usize, guid: usize): bool {
	const cell = cellOf(table, guid);
	if (load<u32>(cell + CELL_USED) === 0) {
		return false;
	}
	storeResultU64(MAPPED_SLOT, load<u64>(cell + CELL_SLOT));
	storeResult(MAPPED_POSITION, load<u32>(cell + CELL_POSITION));
	return true;
}

/** Sets where the log's record of a GUID's mapping begins. The manifest has the GUID. */
export function placeMapping(table: usize, guid: usize, position: f64): void {
	const cell = cellOf(table, guid);
	const isKept = position < (u32.MAX_VALUE as f64);
	store<u32>(cell + CELL_POSITION, isKept ? (position as u32) + 1 : 0);
}

/**
 * Adds the mapping at `mapping`. Returns MAP_ADDED, MAP_REPLACED with the GUID's old slot in the
 * result block, or MAP_FULL, with nothing changed, where a quarter of the cells would not stay
 * free.
 */
export function putMapping(table: usize, mapping: usize): u32 {
	const cell = cellOf(table, mapping);
	if (load<u32>(cell + CELL_USED) !== 0) {
		storeResultU64(MAPPED_SLOT, load<u64>(cell + CELL_SLOT));
		store<u64>(cell + CELL_SLOT, load<u64>(mapping + GUID_SIZE));
		store<u32>(cell + CELL_POSITION, 0);
		return MAP_REPLACED;
	}
	const cells = load<u32>(table + CELLS);
	const used = load<u32>(table + USED);
	if (used >= cells - (cells >>> 2)) {
		return MAP_FULL;
	}
	memory.copy(cell, mapping, MAPPING_SIZE);
	store<u32>(cell + CELL_USED, 1);
	store<u32>(table + USED, used + 1);
	return MAP_ADDED;
}

/** The log is folded up: no mapping comes from a record of it any more. */
export function forgetPositions(table: usize): void {
	const cells = load<u32>(table + CELLS);
	for (let index: u32 = 0; index < cells; index++) {
		store<u32>(cellAt(table, index) + CELL_POSITION, 0);
	}
}

/**
 * Removes the GUID at `guid`. Returns whether it was there. Then its slot is in the result block.
 */
export function removeMapping(table: usize, guid: usize): bool {
	const cell = cellOf(table, guid);
	if (load<u32>(cell + CELL_USED) === 0) {
		return false;
	}
	storeResultU64(MAPPED_SLOT, load<u64>(cell + CELL_SLOT));
	closeGap(table, indexOf(table, cell));
	store<u32>(table + USED, load<u32>(table + USED) - 1);
	return true;
}

/** Copies all mappings of a manifest, and its next slot, into another with room for them. */
export function moveManifest(from: usize, to: usize): void {
	const cells = load<u32>(from + CELLS);
	for (let index: u32 = 0; index < cells; index++) {
		const cell = cellAt(from, index);
		if (load<u32>(cell + CELL_USED) !== 0) {
			assert(putMapping(to, cell) === MAP_ADDED);
			const moved = cellOf(to, cell);
			store<u32>(moved + CELL_POSITION, load<u32>(cell + CELL_POSITION));
		}
	}
	store<u64>(to + NEXT_SLOT, load<u64>(from + NEXT_SLOT));
}

/** Copies all mappings to `mappings`, in no order, and returns their count. */
export function copyMappings(table: usize, mappings: usize): u32 {
	const cells = load<u32>(table + CELLS);
	let count: u32 = 0;
	for (let index: u32 = 0; index < cells; index++) {
		const cell = cellAt(table, index);
		if (load<u32>(cell + CELL_USED) !== 0) {
			memory.copy(mappings + count * MAPPING_SIZE, cell, MAPPING_SIZE);
			count += 1;
		}
	}
	return count;
}

/** Copies all GUIDs to `guids`, in no order, and returns their count. */
export function copyGuids(table: usize, guids: usize): u32 {
	const cells = load<u32>(table + CELLS);
	let end = guids;
	for (let index: u32 = 0; index < cells; index++) {
		const cell = cellAt(table, index);
		if (load<u32>(cell + CELL_USED) !== 0) {
			v128.store(end, v128.load(cell));
			end += GUID_SIZE;
		}
	}
	return manifestSize(table);
}

/** Copies all slots to `slots`, a u64 each, in no order, and returns their count. */
export function copySlots(table: usize, slots: usize): u32 {
	const cells = load<u32>(table + CELLS);
	let end = slots;
	for (let index: u32 = 0; index < cells; index++) {
		const cell = cellAt(table, index);
		if (load<u32>(cell + CELL_USED) !== 0) {
			store<u64>(end, load<u64>(cell + CELL_SLOT));
			end += SLOT_BYTES;
		}
	}
	return manifestSize(table);
}

/** The cell of a GUID, or the free one where it would be put. */
function cellOf(table: usize, guid: usize): usize {
	const mask = load<u32>(table + CELLS) - 1;
	let index = homeOf(table, guid);
	let cell = cellAt(table, index);
	while (load<u32>(cell + CELL_USED) !== 0 && !isSameGuid(cell, guid)) {
		index = (index + 1) & mask;
		cell = cellAt(table, index);
	}
	return cell;
}

/** Frees a cell, and moves GUIDs up to it that would not be found behind a free one. */
function closeGap(table: usize, start: u32): void {
	const mask = load<u32>(table + CELLS) - 1;
	let gap = start;
	let index = start;
	for (;;) {
		index = (index + 1) & mask;
		const cell = cellAt(table, index);
		if (load<u32>(cell + CELL_USED) === 0) {
			break;
		}
		const isReached =
			((index - homeOf(table, cell)) & mask) < ((index - gap) & mask);
		if (!isReached) {
			memory.copy(cellAt(table, gap), cell, CELL_SIZE);
			gap = index;
		}
	}
	memory.fill(cellAt(table, gap), 0, CELL_SIZE);
}

function homeOf(table: usize, guid: usize): u32 {
	const seed = load<u64>(table + SEED);
	const first = mixed(load<u64>(guid) ^ seed);
	const both = mixed(first + load<u64>(guid + 8));
	return (both as u32) & (load<u32>(table + CELLS) - 1);
}

function mixed(value: u64): u64 {
	let bits = value;
	bits = (bits ^ (bits >>> 30)) * FIRST_FACTOR;
	bits = (bits ^ (bits >>> 27)) * SECOND_FACTOR;
	return bits ^ (bits >>> 31);
}

function isSameGuid(one: usize, other: usize): bool {
	return (
		load<u64>(one) === load<u64>(other) &&
		load<u64>(one + 8) === load<u64>(other + 8)
	);
}

function cellAt(table: usize, index: u32): usize {
	return table + MANIFEST_HEADER_SIZE + (index as usize) * CELL_SIZE;
}

function indexOf(table: usize, cell: usize): u32 {
	return ((cell - table - MANIFEST_HEADER_SIZE) / CELL_SIZE) as u32;
}
