import {
	FREE_DUPLICATE,
	FREE_OK,
	FREE_PAST_NEXT,
	FREE_RANGES,
	GUID_SIZE,
	MAPPED_SLOT,
	MAPPING_SIZE,
	RANGE_SIZE,
} from "../format";
import { loadResultU64, storeResult, storeResultU64 } from "../result";
import { nextSlot } from "./manifest-map";

/** Sorts mappings in ascending order of their slots. No order of the input makes it slow. */
export function sortMappings(mappings: usize, count: u32): void {
	for (let root = count >>> 1; root > 0; root--) {
		sink(mappings, root - 1, count);
	}
	for (let end = count; end > 1; end--) {
		swap(mappings, 0, end - 1);
		sink(mappings, 0, end - 1);
	}
}

/**
 * Finds the slots below the manifest's next one that none of its mappings has. Those come from
 * sortMappings. Ranges in ascending order, each of two u64, its first slot and its last, overwrite
 * the mappings, and up to 16 bytes more. Writes to the result block their count, or where it does
 * not return FREE_OK the wrong slot.
 */
export function freeRanges(table: usize, mappings: usize, count: u32): u32 {
	nextSlot(table);
	const next = loadResultU64(MAPPED_SLOT);
	let ranges: u32 = 0;
	let free: u64 = 0;
	for (let index: u32 = 0; index < count; index++) {
		const slot = slotAt(mappings, index);
		if (slot >= next || slot < free) {
			storeResultU64(MAPPED_SLOT, slot);
			return slot >= next ? FREE_PAST_NEXT : FREE_DUPLICATE;
		}
		if (slot > free) {
			putRange(mappings, ranges, free, slot - 1);
			ranges += 1;
		}
		free = slot + 1;
	}
	if (free < next) {
		putRange(mappings, ranges, free, next - 1);
		ranges += 1;
	}
	storeResult(FREE_RANGES, ranges);
	return FREE_OK;
}

/**
 * Writes the range of this index. In freeRanges it overwrites no unread mapping: a range is
 * shorter, and each mapping read adds at most one.
 */
export function putRange(
	ranges: usize,
	index: u32,
	first: u64,
	last: u64,
): void {
	const range = ranges + index * RANGE_SIZE;
	store<u64>(range, first);
	store<u64>(range + 8, last);
}

function sink(mappings: usize, root: u32, end: u32): void {
	let parent = root;
	for (;;) {
		let child: u32 = 2 * parent + 1;
		if (child >= end) {
			return;
		}
		const right: u32 = child + 1;
		if (right < end && slotAt(mappings, right) > slotAt(mappings, child)) {
			child = right;
		}
		if (slotAt(mappings, parent) >= slotAt(mappings, child)) {
			return;
		}
		swap(mappings, parent, child);
		parent = child;
	}
}

function swap(mappings: usize, one: u32, other: u32): void {
	const first = mappings + one * MAPPING_SIZE;
	const second = mappings + other * MAPPING_SIZE;
	for (let at: usize = 0; at < (MAPPING_SIZE as usize); at += 8) {
		const held = load<u64>(first + at);
		store<u64>(first + at, load<u64>(second + at));
		store<u64>(second + at, held);
	}
}

function slotAt(mappings: usize, index: u32): u64 {
	return load<u64>(mappings + index * MAPPING_SIZE + GUID_SIZE);
}
