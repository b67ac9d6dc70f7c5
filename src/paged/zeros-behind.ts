import { isStorageError } from "../errors.ts";
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
		const bytes = await bytesOf(blob, start, end - start);
		if (bytes === undefined) {
			// By no more than a page: the last one that is there keeps its place.
			end = Math.max(floor, end - stride);
			continue;
		}
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

/** Undefined where the file is shorter by now: beside a reader, a writer has cut its zeros. */
async function bytesOf(
	blob: StorageBlob,
	start: number,
	length: number,
): Promise<Uint8Array | undefined> {
	try {
		return await blob.read(start, length);
	} catch (error) {
		if (
			isStorageError(error) &&
			error.code === "ERR_BLOB_INSUFFICIENT_LENGTH"
		) {
			return undefined;
		}
		throw error;
	}
}

function lengthWithoutZeros(bytes: Uint8Array): number {
	let length = bytes.length;
	while (length > 0 && bytes[length - 1] === 0) {
		length -= 1;
	}
	return length;
}
