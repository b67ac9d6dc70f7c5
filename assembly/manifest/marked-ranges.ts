import { FREE_OK, FREE_RANGES, FREE_UNMARKED, MAPPED_SLOT } from "../format";
import { loadResultU64, storeResult } from "../result";
import { putRange } from "./free-slots";
import { copySlots, manifestSize, nextSlot } from "./manifest-map";

// The memory of a call. Ranges overwrite the slots once those are marked: a range is longer, and
// there is at most one more.
//
//    | the manifest's slots, 8 bytes each …                   | … marks: a bit for each slot,   |
//    | ranges, 16 bytes each …                                |   the lowest of a word first    |

const SLOT: usize = 8;
const RANGE: u64 = 16;
const WORD: u64 = 8;
const WORD_BITS: u64 = 64;

/**
 * Finds free slots with the results of freeRanges, but marks each taken slot, where that one needs
 * them in order: it takes time for mappings and slots alone. Returns FREE_UNMARKED where freeRanges
 * has to judge: where `length` bytes at `address` are too few, or a slot is wrong.
 */
export function markedRanges(table: usize, address: usize, length: u32): u32 {
	nextSlot(table);
	const next = loadResultU64(MAPPED_SLOT);
	if (next > (length as u64) * 8) {
		return FREE_UNMARKED;
	}
	const bytes = ((next + WORD_BITS - 1) / WORD_BITS) * WORD;
	const ranges = ((manifestSize(table) as u64) + 1) * RANGE;
	if (ranges + bytes > (length as u64)) {
		return FREE_UNMARKED;
	}
	const marks = address + length - (bytes as usize);
	memory.fill(marks, 0, bytes as usize);
	if (!markAll(address, copySlots(table, address), marks, next)) {
		return FREE_UNMARKED;
	}
	storeResult(FREE_RANGES, putUnmarked(address, marks, next));
	return FREE_OK;
}

/** Returns false where two slots are the same, or one is not below the next one. */
function markAll(slots: usize, count: u32, marks: usize, next: u64): bool {
	for (let index: u32 = 0; index < count; index++) {
		const slot = load<u64>(slots + (index as usize) * SLOT);
		if (slot >= next) {
			return false;
		}
		const word = wordOf(marks, slot);
		const bit = (1 as u64) << (slot % WORD_BITS);
		if ((load<u64>(word) & bit) !== 0) {
			return false;
		}
		store<u64>(word, load<u64>(word) | bit);
	}
	return true;
}

/** Writes the ranges of slots below the next one that are not marked, and returns their count. */
function putUnmarked(ranges: usize, marks: usize, next: u64): u32 {
	let count: u32 = 0;
	let slot = firstOf(false, marks, 0, next);
	while (slot < next) {
		const taken = firstOf(true, marks, slot, next);
		putRange(ranges, count, slot, taken - 1);
		count += 1;
		slot = firstOf(false, marks, taken, next);
	}
	return count;
}

/**
 * The first slot from `slot` on that is marked, or is not. Where there is none before `next`:
 * `next`, or for unmarked ones a slot behind it.
 */
function firstOf(isMarked: bool, marks: usize, slot: u64, next: u64): u64 {
	const flip: u64 = isMarked ? 0 : u64.MAX_VALUE;
	let at = slot;
	while (at < next) {
		const bits = (load<u64>(wordOf(marks, at)) ^ flip) >> (at % WORD_BITS);
		if (bits !== 0) {
			return at + ctz(bits);
		}
		at = (at / WORD_BITS + 1) * WORD_BITS;
	}
	return next;
}

function wordOf(marks: usize, slot: u64): usize {
	return marks + ((slot / WORD_BITS) as usize) * (WORD as usize);
}
