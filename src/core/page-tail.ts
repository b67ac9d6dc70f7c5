import { RECORD_SIZE, SLOT_SIZE } from "../../assembly/format.ts";
import type { ByteRange } from "./answers.ts";
import type { Core } from "./core.ts";

/**
 * What a cut has left in a page: bytes behind the longer of its two lengths, and the checksum of a
 * slot without a length. Returns ranges of the physical page at an address, but none that is all
 * zeros; none at all where the page is full or invalid.
 *
 *    | data | cut bytes | slot 1 | slot 2 |
 */
function cutBytesIn(
	core: Core,
	address: number,
	pageSize: number,
): ByteRange[] {
	const { slot, length, first, second } = core.pages.validatePage(
		address,
		pageSize,
	);
	if (slot === 0 || length === pageSize) {
		return [];
	}
	const tail = Math.min(pageSize, Math.max(first.length, second.length));
	const isRetired = (slot === 1 ? second : first).length === 0;
	const secondSlot = pageSize + SLOT_SIZE;
	const ranges: ByteRange[] = [
		[tail, slot === 2 && isRetired ? secondSlot : pageSize],
		[secondSlot, slot === 1 && isRetired ? pageSize + RECORD_SIZE : secondSlot],
	];
	return ranges.filter(([start, end]) =>
		core.bytes(address + start, end - start).some((byte) => byte !== 0),
	);
}

/** Zeroes, in memory alone, what a cut has left in a page, and returns those ranges. */
export function zeroCutBytes(
	core: Core,
	address: number,
	pageSize: number,
): ByteRange[] {
	const ranges = cutBytesIn(core, address, pageSize);
	for (const [start, end] of ranges) {
		core.bytes(address + start, end - start).fill(0);
	}
	return ranges;
}
