import { crc32c } from "./crc32c.ts";

/** A physical page by hand: the data padded with zeros, and a good slot for each length but 0. */
export function physicalPage(
	pageSize: number,
	data: Uint8Array,
	firstLength: number,
	secondLength = 0,
): Uint8Array {
	const page = new Uint8Array(pageSize + 12);
	page.set(data);
	const view = new DataView(page.buffer);
	for (const [at, length] of [
		[pageSize, firstLength],
		[pageSize + 6, secondLength],
	] as const) {
		if (length > 0) {
			view.setUint16(at, length);
			view.setUint32(at + 2, crc32c(page.slice(0, length)));
		}
	}
	return page;
}

/** The two lengths in a page's record. */
export function slotLengths(page: Uint8Array): [number, number] {
	const record = page.subarray(-12);
	const view = new DataView(record.buffer, record.byteOffset);
	return [view.getUint16(0), view.getUint16(6)];
}
