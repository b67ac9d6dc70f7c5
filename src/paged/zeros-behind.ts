import type { StorageBlob } from "../storage/storage-blob.ts";

const READ_BYTES = 64 * 1024;

/**
 * How many bytes of zeros, at most `most`, a blob ends with, behind the place of its last page. A
 * page that was torn over zeros keeps its place: its last bytes may be zeros too, and so are those
 * of an unused slot.
 *
 *    pages of `stride` ... | torn page 00 00 | 00 00 00 00 00 |
 *                                            |<-- returned -->|
 */
export async function zerosBehind(
	blob: StorageBlob,
	stride: number,
	most: number,
): Promise<number> {
	const { size } = blob;
	const floor = Math.max(0, size - most);
	let end = size;
	while (end > floor) {
		const start = Math.max(floor, end - READ_BYTES);
		const bytes = await blob.read(start, end - start);
		const kept = lengthWithoutZeros(bytes);
		if (kept > 0) {
			end = start + kept;
			break;
		}
		end = start;
	}
	const pages = Math.ceil(end / stride);
	return size - Math.min(size, pages * stride);
}

function lengthWithoutZeros(bytes: Uint8Array): number {
	let length = bytes.length;
	while (length > 0 && bytes[length - 1] === 0) {
		length -= 1;
	}
	return length;
}
