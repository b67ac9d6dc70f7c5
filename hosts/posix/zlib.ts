import zlib from "node:zlib";
import { frameSizeMax, withSmallWindow } from "../../src/compression/frame.ts";
import type { Zstd, ZstdFrame } from "../../src/host/zstd.ts";

/** The used part of node:zlib: Node has zstd from 22.15 and 23.8 on. */
interface Zlib {
	readonly inflateSync: unknown;
	readonly zstdCompressSync?: OneShot;
	readonly zstdDecompressSync?: OneShot;
}

type OneShot = (
	bytes: Uint8Array,
	options: {
		readonly params: Readonly<Record<number, number>>;
		readonly chunkSize: number;
		readonly maxOutputLength?: number;
		/** The first releases with zstd lack it: their frames do not say how much they hold. */
		readonly pledgedSrcSize?: number;
	},
) => Uint8Array<ArrayBuffer>;

/** ZSTD_c_compressionLevel and ZSTD_d_windowLogMax of zstd.h. */
const LEVEL = 100;
const WINDOW_LOG_MAX = 100;
/** The frame's own window was checked against a smaller limit. */
const ANY_WINDOW = 31;
/** The bytes of output at a time, and the fewest that zlib accepts. */
const OUTPUT_BYTES = 128 * 1024;
const OUTPUT_MIN = 64;

/** The zstd of node:zlib, undefined where it has none. */
export function zstdOfZlib(): Zstd | undefined {
	const { zstdCompressSync, zstdDecompressSync }: Zlib = zlib;
	return zstdCompressSync === undefined || zstdDecompressSync === undefined
		? undefined
		: new ZlibZstd(zstdCompressSync, zstdDecompressSync);
}

class ZlibZstd implements Zstd {
	readonly #compress: OneShot;
	readonly #decompress: OneShot;

	constructor(compress: OneShot, decompress: OneShot) {
		this.#compress = compress;
		this.#decompress = decompress;
	}

	compress(bytes: Uint8Array, level: number): Uint8Array {
		const params = { [LEVEL]: level };
		// Where a frame fills a chunk, Deno puts an empty one behind it.
		const chunkSize = OUTPUT_MIN + frameSizeMax(bytes.length);
		const pledgedSrcSize = bytes.length;
		return own(this.#compress(bytes, { params, chunkSize, pledgedSrcSize }));
	}

	decompress(frame: ZstdFrame, limit: number): Uint8Array {
		const most = Math.min(frame.contentSize ?? frame.most, limit);
		return own(
			this.#decompress(withSmallWindow(frame, most), {
				params: { [WINDOW_LOG_MAX]: ANY_WINDOW },
				// One more: what is filled is followed by another.
				chunkSize: Math.max(OUTPUT_MIN, Math.min(most + 1, OUTPUT_BYTES)),
				// None at all it takes for no limit.
				maxOutputLength: Math.max(1, most),
			}),
		);
	}
}

/** Plain bytes that share their memory with no others. */
function own(bytes: Uint8Array<ArrayBuffer>): Uint8Array {
	return bytes.length === bytes.buffer.byteLength
		? new Uint8Array(bytes.buffer)
		: new Uint8Array(bytes);
}
