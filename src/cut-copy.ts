import type { StorageBlob } from "./blob.ts";
import { replaceFile } from "./durable-file.ts";
import type { Host } from "./host.ts";

export const CUT_DIRECTORY = "dualslot.cut";
const PIECE_BYTES = 1024 * 1024;

/**
 * Keeps what a blob has from an offset on, durably, outside every partition, and answers the copy's path in the store. The
 * caller holds the store's turn.
 */
export function keepCopy(
	host: Host,
	blob: StorageBlob,
	offset: number,
): Promise<string> {
	const name = `${blob.partition}.${blob.hexName}.${offset}`;
	return keepBytes(host, name, piecesOf(blob, offset));
}

/** As keepCopy, of any bytes; `name` says where they lay. */
export async function keepBytes(
	host: Host,
	name: string,
	bytes: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<string> {
	await host.makeDirectory(CUT_DIRECTORY);
	const kept = await host.list(CUT_DIRECTORY);
	const copy = `${CUT_DIRECTORY}/${name}.${kept?.length ?? 0}`;
	await replaceFile(host, copy, bytes);
	return copy;
}

async function* piecesOf(
	blob: StorageBlob,
	offset: number,
): AsyncGenerator<Uint8Array, void, undefined> {
	for (let at = offset; at < blob.size; at += PIECE_BYTES) {
		yield await blob.read(at, Math.min(PIECE_BYTES, blob.size - at));
	}
}
