import { HEADER_SIZE, RECORD_SIZE } from "../../assembly/format.ts";
import { joined } from "../bytes.ts";
import type { Core } from "../core/core.ts";
import type { StoreMemory } from "../core/memory.ts";
import { zeroCutBytes } from "../core/page-tail.ts";

const NOTHING = new Uint8Array();

/**
 * Passes on the pieces of a file of pages, `size` bytes in all. Cut bytes that the last page still
 * holds become zeros. Earlier pages are full, or damaged, and passed on unchanged. Throws
 * ERR_MEMORY when the store cannot hold a page.
 */
export async function* withoutCutBytes(
	pieces: AsyncIterable<Uint8Array>,
	size: number,
	pageSize: number,
	memory: { readonly core: Core; readonly memory: StoreMemory },
): AsyncGenerator<Uint8Array, void, undefined> {
	const stride = pageSize + RECORD_SIZE;
	const pages = Math.floor((size - HEADER_SIZE) / stride);
	const start = HEADER_SIZE + (pages - 1) * stride;
	const end = start + stride;
	let held: Uint8Array = NOTHING;
	let at = 0;
	for await (const piece of pieces) {
		const bytes = held.length > 0 ? joined(held, piece) : piece;
		const next = at + bytes.length;
		const isPart = start < next && next < end && pages > 0;
		const count = isPart ? start - at : bytes.length;
		if (pages > 0 && at <= start && end <= next) {
			await zeroIn(bytes.subarray(start - at, end - at), pageSize, memory);
		}
		held = bytes.subarray(count);
		at += count;
		yield bytes.subarray(0, count);
	}
}

/** Zeroes the cut bytes that a page still holds. */
async function zeroIn(
	page: Uint8Array,
	pageSize: number,
	{ core, memory: { reads } }: Parameters<typeof withoutCutBytes>[3],
): Promise<void> {
	const address = reads.tryTake(page.length) ?? (await reads.take(page.length));
	try {
		core.write(address, page);
		for (const [start, end] of zeroCutBytes(core, address, pageSize)) {
			page.fill(0, start, end);
		}
	} finally {
		reads.giveBack(address);
	}
}
