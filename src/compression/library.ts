import { Zstd as Wasm } from "@hpcc-js/wasm-zstd";
import { newBytes } from "../bytes.ts";
import { StorageError } from "../errors.ts";
import type { Zstd, ZstdFrame } from "../host/zstd.ts";
import { blocksOf, withSmallWindow } from "./frame.ts";

/**
 * The most bytes asked of the library at a time: its result is an array of numbers, eight times as
 * large.
 */
const OUTPUT_BYTES = 1024 * 1024;
/** The engine would end a process that made such an array of much more. */
const CONTENT_MAX = 64 * 1024 * 1024;

/**
 * zstd as WebAssembly, embedded in a script: for platforms without zstd. One instance per process.
 */
export class LibraryZstd implements Zstd {
	readonly #wasm: Wasm;

	private constructor(wasm: Wasm) {
		this.#wasm = wasm;
	}

	static async load(): Promise<LibraryZstd> {
		return new LibraryZstd(await Wasm.load());
	}

	compress(bytes: Uint8Array, level: number): Uint8Array {
		refuseOverlarge(bytes.length);
		return this.#wasm.compress(bytes, level);
	}

	decompress(frame: ZstdFrame, limit: number): Uint8Array {
		const { contentSize = 0 } = frame;
		return contentSize > 0 && contentSize <= Math.min(limit, OUTPUT_BYTES)
			? this.#wasm.decompress(frame.bytes)
			: this.#decompressPieces(frame, limit);
	}

	/** Decompresses some blocks at a time, which give at most one piece. */
	#decompressPieces(frame: ZstdFrame, limit: number): Uint8Array {
		const sizeMax = Math.min(frame.contentSize ?? frame.most, limit);
		const bytes = withSmallWindow(frame, sizeMax);
		const content = newBytes(sizeMax);
		this.#wasm.reset();
		let [filled, start, end, most] = [0, 0, frame.headerSize, 0];
		const flush = () => {
			const part = bytes.subarray(start, end);
			const piece = this.#wasm.decompressChunk(part, Math.max(1, most));
			if (piece.length > most || filled + piece.length > content.length) {
				throw new RangeError("more comes out of it than it may hold");
			}
			content.set(piece, filled);
			filled += piece.length;
			start = end;
			most = 0;
		};
		for (const block of blocksOf(frame)) {
			if (most + block.most > OUTPUT_BYTES) {
				flush();
			}
			end = block.end;
			most += block.most;
		}
		end = bytes.length;
		flush();
		return content.subarray(0, filled);
	}
}

function refuseOverlarge(size: number): void {
	if (size > CONTENT_MAX) {
		throw new StorageError(
			"ERR_MEMORY",
			`this platform has no zstd of its own, and its library takes no more than ${CONTENT_MAX} bytes at once, not ${size}`,
			{ expected: CONTENT_MAX, found: size },
		);
	}
}
