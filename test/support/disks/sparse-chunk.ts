import { SECTOR_SIZE } from "../../../assembly/format.ts";

const WORD_SIZE = 4;

/**
 * Some bytes of a file, which never change: versions of the file and images of a disk share them.
 */
export abstract class Chunk {
	readonly length: number;
	#hash: number | undefined;

	constructor(length: number) {
		this.length = length;
	}

	/** Fills `target` with the bytes from `from` on; the chunk must have them all. */
	abstract copyTo(target: Uint8Array, from: number): void;

	/**
	 * A hash of the first `told` bytes of a sector; `told` must never vary. 0 for zeros, which follow
	 * the last sector.
	 */
	abstract sectorHash(sector: number, told: number): number;

	/** A hash of the first `told` bytes of each sector; `told` must never vary. 0 for zeros. */
	hash(told: number): number {
		this.#hash ??= this.#hashSectors(told);
		return this.#hash;
	}

	#hashSectors(told: number): number {
		let hash = 0;
		for (let sector = 0; sector * SECTOR_SIZE < this.length; sector += 1) {
			const of = this.sectorHash(sector, told);
			if (of !== 0) {
				hash = mixed(mixed(hash, sector), of);
			}
		}
		return hash;
	}
}

/** By their place in a buffer. */
const WHOLE_CHUNKS = new WeakMap<ArrayBufferLike, Map<string, WholeChunk>>();

/** Contiguous bytes. */
export class WholeChunk extends Chunk {
	readonly #bytes: Uint8Array;
	#hashes: Uint32Array | undefined;

	/** Keeps the bytes without a copy: they must not change any more. */
	constructor(bytes: Uint8Array) {
		super(bytes.length);
		this.#bytes = bytes;
	}

	/**
	 * As the constructor, but the same bytes have one chunk: a write is laid down in many images, and
	 * hashing a chunk takes longer than laying it down.
	 */
	static of(bytes: Uint8Array): WholeChunk {
		const key = `${bytes.byteOffset}+${bytes.length}`;
		const known = WHOLE_CHUNKS.get(bytes.buffer) ?? new Map();
		WHOLE_CHUNKS.set(bytes.buffer, known);
		const chunk = known.get(key) ?? new WholeChunk(bytes);
		known.set(key, chunk);
		return chunk;
	}

	override copyTo(target: Uint8Array, from: number): void {
		target.set(this.#bytes.subarray(from, from + target.length));
	}

	override sectorHash(sector: number, told: number): number {
		this.#hashes ??= sectorHashes(this.#bytes, told);
		return this.#hashes[sector] ?? 0;
	}
}

/** Each sector from another chunk. It is assembled when it is read, and most are not read. */
export class MixedChunk extends Chunk {
	readonly #sources: readonly (Chunk | undefined)[];

	/**
	 * `sources`: for each sector the chunk that has it, at the same place; zeros where there is none,
	 * or it has ended.
	 */
	constructor(length: number, sources: readonly (Chunk | undefined)[]) {
		super(length);
		this.#sources = sources;
	}

	override copyTo(target: Uint8Array, from: number): void {
		const end = from + target.length;
		for (let at = from; at < end; ) {
			const { source, stop } = this.#runAt(at, end);
			const known = Math.min(stop, Math.max(at, source?.length ?? 0));
			if (known > at) {
				source?.copyTo(target.subarray(at - from, known - from), at);
			}
			target.fill(0, known - from, stop - from);
			at = stop;
		}
	}

	override sectorHash(sector: number, told: number): number {
		return this.#sources[sector]?.sectorHash(sector, told) ?? 0;
	}

	/** The chunk at a place, and where the run of its sectors stops, at most at `end`. */
	#runAt(at: number, end: number): { source: Chunk | undefined; stop: number } {
		let sector = Math.floor(at / SECTOR_SIZE);
		const source = this.#sources[sector];
		do {
			sector += 1;
		} while (sector * SECTOR_SIZE < end && this.#sources[sector] === source);
		return { source, stop: Math.min(end, sector * SECTOR_SIZE) };
	}
}

/** The first bytes of a chunk, up to all of them, alone. */
export function headOf(chunk: Chunk, length: number): Chunk {
	const bytes = new Uint8Array(length);
	chunk.copyTo(bytes, 0);
	return new WholeChunk(bytes);
}

/** A chunk with other bytes from `offset` on; zeros fill a gap before them. */
export function withPart(
	chunk: Chunk | undefined,
	part: Uint8Array,
	offset: number,
): Chunk {
	const known = chunk?.length ?? 0;
	const bytes = new Uint8Array(Math.max(known, offset + part.length));
	chunk?.copyTo(bytes.subarray(0, known), 0);
	bytes.set(part, offset);
	return new WholeChunk(bytes);
}

function sectorHashes(bytes: Uint8Array, told: number): Uint32Array {
	const hashes = new Uint32Array(Math.ceil(bytes.length / SECTOR_SIZE));
	const view = viewOf(bytes);
	for (let sector = 0; sector < hashes.length; sector += 1) {
		const at = sector * SECTOR_SIZE;
		hashes[sector] = hashOfWords(view, at, at + told);
	}
	return hashes;
}

/** In whole words: zeros follow the last byte. */
function viewOf(bytes: Uint8Array): DataView {
	const size = Math.ceil(bytes.length / WORD_SIZE) * WORD_SIZE;
	const whole = size === bytes.length ? bytes : new Uint8Array(size);
	if (whole !== bytes) {
		whole.set(bytes);
	}
	return new DataView(whole.buffer, whole.byteOffset, size);
}

/** 0 where every word is 0. Words that are 0 hash like missing ones. */
function hashOfWords(view: DataView, from: number, to: number): number {
	const end = Math.min(to, view.byteLength);
	let hash = 0;
	for (let at = from; at < end; at += WORD_SIZE) {
		const word = view.getUint32(at, true);
		if (word !== 0) {
			hash = mixed(mixed(hash, at - from), word);
		}
	}
	return hash;
}

function mixed(hash: number, word: number): number {
	const product = Math.imul(hash ^ word ^ 0x85ebca6b, 0x9e3779b1);
	return (product ^ (product >>> 15)) >>> 0;
}
