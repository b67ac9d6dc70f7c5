import type { Storage } from "../../src/storage.ts";
import type { TransferOptions } from "../../src/transfer.ts";
import { joined } from "./bytes.ts";

/** What an export of a store writes, whole. */
export async function exported(
	storage: Storage,
	options: TransferOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
	const pieces: Uint8Array[] = [];
	const target = new WritableStream<Uint8Array>({
		write: (piece) => {
			pieces.push(piece);
		},
	});
	await storage.exportTo(target, options);
	return joined(...pieces);
}

/** An archive as a stream, in pieces of this size. */
export function streamOf(
	archive: Uint8Array,
	pieceBytes = 1000,
): ReadableStream<Uint8Array> {
	let at = 0;
	return new ReadableStream({
		pull(controller) {
			if (at >= archive.length) {
				controller.close();
				return;
			}
			controller.enqueue(archive.subarray(at, at + pieceBytes));
			at += pieceBytes;
		},
	});
}
