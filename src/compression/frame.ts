import type { ZstdFrame } from "../host/zstd.ts";

export interface Block {
	/** Where it ends in the frame. */
	readonly end: number;
	/** Bounds of its decompressed bytes. */
	readonly least: number;
	readonly most: number;
}

/** The reason why dualslot rejects a frame. */
class NoFrame extends Error {}

const MAGIC = 0xfd2fb528;
const BLOCK_HEADER = 3;
const BLOCK_MAX = 128 * 1024;
const CHECKSUM = 4;
const RAW = 0;
const RUN_LENGTH = 1;
const RESERVED = 3;
const DICTIONARY = 0b0000_0011;
const HAS_CHECKSUM = 0b0000_0100;
const RESERVED_BIT = 0b0000_1000;
const SINGLE_SEGMENT = 0b0010_0000;

/**
 * The most bytes that an encoder needs for one frame of `size` bytes of content
 * (ZSTD_COMPRESSBOUND).
 */
export function frameSizeMax(size: number): number {
	const margin = size < BLOCK_MAX ? Math.floor((BLOCK_MAX - size) / 2048) : 0;
	return size + Math.floor(size / 256) + margin;
}

/** Reads exactly one whole frame without a dictionary. Throws NoFrame for anything else. */
export function readFrame(bytes: Uint8Array): ZstdFrame {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	if (bytes.length < 6 || view.getUint32(0, true) !== MAGIC) {
		throw new NoFrame("it does not begin as a zstd frame");
	}
	const descriptor = view.getUint8(4);
	if ((descriptor & RESERVED_BIT) !== 0) {
		throw new NoFrame("a reserved bit of its header is set");
	}
	if ((descriptor & DICTIONARY) !== 0) {
		throw new NoFrame("it asks for a dictionary");
	}
	const { headerSize, contentSize, windowSize } = header(view, descriptor);
	const blockMax = Math.min(windowSize, BLOCK_MAX);
	let [end, least, most] = [headerSize, 0, 0];
	for (const block of readBlocks(bytes, headerSize, blockMax)) {
		end = block.end;
		least += block.least;
		most += block.most;
	}
	end += (descriptor & HAS_CHECKSUM) === 0 ? 0 : CHECKSUM;
	if (end !== bytes.length) {
		throw new NoFrame(`it ends at byte ${end} of ${bytes.length}`);
	}
	if (
		contentSize !== undefined &&
		(contentSize < least || contentSize > most)
	) {
		throw new NoFrame(`${contentSize} bytes do not come out of its blocks`);
	}
	return { bytes, headerSize, contentSize, least, most, blockMax };
}

/** The blocks of a frame, in order. */
export function blocksOf({ bytes, headerSize, blockMax }: ZstdFrame) {
	return readBlocks(bytes, headerSize, blockMax);
}

/**
 * The frame with a window no larger than its `most` bytes of content need. Decoders with a window
 * take as much memory as the header asks for. Content of `most` bytes never reaches back further.
 * No window is less than a block.
 */
export function withSmallWindow(
	{ bytes }: ZstdFrame,
	most: number,
): Uint8Array {
	const hasWindow = ((bytes[4] ?? 0) & SINGLE_SEGMENT) === 0;
	const log = Math.ceil(Math.log2(Math.max(BLOCK_MAX, most)));
	const window = (log - 10) << 3;
	if (!hasWindow || (bytes[5] ?? 0) <= window) {
		return bytes;
	}
	const copy = bytes.slice();
	copy[5] = window;
	return copy;
}

function header(view: DataView, descriptor: number) {
	const isSingle = (descriptor & SINGLE_SEGMENT) !== 0;
	const flag = descriptor >>> 6;
	const at = isSingle ? 5 : 6;
	const width = flag === 0 ? Number(isSingle) : 1 << flag;
	const headerSize = at + width;
	if (headerSize > view.byteLength) {
		throw new NoFrame("it ends within its header");
	}
	const contentSize = width === 0 ? undefined : sizeAt(view, at, width);
	const windowSize = isSingle ? (contentSize ?? 0) : windowOf(view.getUint8(5));
	return { headerSize, contentSize, windowSize };
}

function sizeAt(view: DataView, at: number, width: number): number {
	switch (width) {
		case 1:
			return view.getUint8(at);
		case 2:
			return view.getUint16(at, true) + 256;
		case 4:
			return view.getUint32(at, true);
		default:
			return Number(view.getBigUint64(at, true));
	}
}

function windowOf(descriptor: number): number {
	const base = 2 ** (10 + (descriptor >>> 3));
	return base + (base / 8) * (descriptor & 7);
}

/**
 * The blocks, of at most `blockMax` bytes, from an offset of the frame on. Lazy: there may be
 * millions.
 */
function* readBlocks(
	bytes: Uint8Array,
	start: number,
	blockMax: number,
): Generator<Block, void, undefined> {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	let at = start;
	for (let isLast = false; !isLast; ) {
		if (at + BLOCK_HEADER > view.byteLength) {
			throw new NoFrame("it ends before its last block");
		}
		const word = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
		const type = (word >>> 1) & 3;
		const size = word >>> 3;
		if (type === RESERVED || size > blockMax) {
			throw new NoFrame(`at byte ${at} no block begins`);
		}
		const isPlain = type === RAW || type === RUN_LENGTH;
		isLast = (word & 1) === 1;
		at += BLOCK_HEADER + (type === RUN_LENGTH ? 1 : size);
		yield {
			end: at,
			least: isPlain ? size : 0,
			most: isPlain ? size : blockMax,
		};
	}
}
