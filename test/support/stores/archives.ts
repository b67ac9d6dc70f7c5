import type { Storage } from "../../../src/storage/storage.ts";
import { exportTo, importFrom } from "../../../src/transfer/index.ts";
import type { TransferOptions } from "../../../src/transfer/progress.ts";
import {
	encodeHeader,
	paddingOf,
	type TarHeader,
} from "../../../src/transfer/tar.ts";
import { bytesOf, joined } from "../runs/bytes.ts";
import { inMemory, withStorage } from "../runs/suite.ts";

const END = new Uint8Array(1024);

/** The whole output of an export of a store. */
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
	await exportTo(storage, target, options);
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

/** The archive of a store that changes before each piece is taken. */
export async function copiedWhile(
	storage: Storage,
	change: (piece: number) => Promise<unknown>,
): Promise<Uint8Array> {
	const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
	const exporting = exportTo(storage, writable);
	const failing = exporting.then(
		() => undefined,
		(error: unknown) => error,
	);
	const pieces: BlobPart[] = [];
	const reader = readable.getReader();
	for (let count = 0; ; count += 1) {
		const { done, value } = await reader.read().catch(async () => {
			throw await failing;
		});
		if (done) {
			await exporting;
			return new Uint8Array(await new Blob(pieces).arrayBuffer());
		}
		pieces.push(value.slice());
		await change(count);
	}
}

/** Lends `body` a store in memory with the import of an archive. */
export async function withImported(
	archive: Uint8Array,
	body: (storage: Storage) => Promise<void>,
): Promise<void> {
	await withStorage(inMemory().host, async (storage) => {
		await importFrom(storage, streamOf(archive));
		await body(storage);
	});
}

/** A file of a handmade archive. */
export interface TarFile {
	readonly path: string;
	readonly content: Uint8Array;
	readonly type?: string;
}

export function tar(files: readonly TarFile[]): Uint8Array<ArrayBuffer> {
	const parts = files.flatMap(({ path, content, type }) => {
		const size = content.length;
		const header = headerOf({ path, kind: "file", size }, type);
		return [header, content, new Uint8Array(paddingOf(size))];
	});
	return joined(...parts, END);
}

/** A header, of another type if asked for, with a right checksum. */
function headerOf(header: TarHeader, type?: string): Uint8Array {
	const bytes = encodeHeader(header);
	if (type === undefined) {
		return bytes;
	}
	const digits = new TextDecoder().decode(bytes.subarray(148, 154));
	const sum =
		Number.parseInt(digits, 8) + type.charCodeAt(0) - (bytes[156] ?? 0);
	bytes.set(bytesOf(sum.toString(8).padStart(6, "0")), 148);
	bytes.set(bytesOf(type), 156);
	return bytes;
}
