import { GUID_SIZE } from "../format";
import { copyGuids } from "./manifest-map";

const SIZE: usize = GUID_SIZE;
const BITS: u32 = 8 * GUID_SIZE;
/** A range of so few GUIDs is sorted by insertion. */
const FEW_BYTES: usize = 16 * SIZE;

/** Copies all GUIDs to `guids`, in ascending order of their bytes, and returns their count. */
export function listGuids(table: usize, guids: usize): u32 {
	const count = copyGuids(table, guids);
	sort(guids, guids + (count as usize) * SIZE, 0);
	return count;
}

/**
 * Sorts GUIDs that are equal in all bits before `first`. Each bit divides a range in two, so that
 * no order of the input, and no likeness of the GUIDs, takes more than a pass for each bit.
 */
function sort(start: usize, end: usize, first: u32): void {
	let rest = start;
	for (let bit = first; bit < BITS && end - rest > FEW_BYTES; bit++) {
		const middle = divide(rest, end, bit);
		sort(rest, middle, bit + 1);
		rest = middle;
	}
	insert(rest, end);
}

/** Moves the GUIDs with a bit behind those without it, and returns where they begin. */
function divide(start: usize, end: usize, bit: u32): usize {
	const byte: usize = bit >>> 3;
	const mask: u32 = 0x80 >>> (bit & 7);
	let low = start;
	let high = end;
	while (low < high) {
		if ((load<u8>(low + byte) & mask) === 0) {
			low += SIZE;
		} else if ((load<u8>(high - SIZE + byte) & mask) !== 0) {
			high -= SIZE;
		} else {
			high -= SIZE;
			const held = v128.load(low);
			v128.store(low, v128.load(high));
			v128.store(high, held);
			low += SIZE;
		}
	}
	return low;
}

function insert(start: usize, end: usize): void {
	for (let next = start + SIZE; next < end; next += SIZE) {
		const held = v128.load(next);
		const high = bswap(load<u64>(next));
		const low = bswap(load<u64>(next + 8));
		let gap = next;
		while (gap > start && isAbove(gap - SIZE, high, low)) {
			v128.store(gap, v128.load(gap - SIZE));
			gap -= SIZE;
		}
		v128.store(gap, held);
	}
}

/** Whether a GUID is above that of these two halves. */
function isAbove(guid: usize, high: u64, low: u64): bool {
	const own = bswap(load<u64>(guid));
	return own === high ? bswap(load<u64>(guid + 8)) > low : own > high;
}
