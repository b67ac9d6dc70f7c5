import { SECTOR_SIZE } from "../../../assembly/format.ts";
import { WordHash } from "../oracles/word-hash.ts";
import {
	type Chunk,
	headOf,
	MixedChunk,
	WholeChunk,
	withPart,
} from "./sparse-chunk.ts";

/** Frames and sectors lie at multiples of it. */
const CHUNK_SIZE = 64 * 1024;

/**
 * The bytes of a large file, in chunks that its versions and many images of a disk share. It never
 * changes: each change returns a new one. A chunk that is missing, or ends early, continues with
 * zeros.
 */
export class SparseBytes {
	static readonly NOTHING = new SparseBytes(0, []);

	readonly size: number;
	readonly #chunks: readonly (Chunk | undefined)[];
	#hash: number | undefined;

	private constructor(size: number, chunks: readonly (Chunk | undefined)[]) {
		this.size = size;
		this.#chunks = chunks;
	}

	/** With bytes from `offset` on. It keeps them without a copy: they must not change any more. */
	written(bytes: Uint8Array, offset: number): SparseBytes {
		if (bytes.length === 0) {
			return this;
		}
		const end = offset + bytes.length;
		const chunks = [...this.#chunks];
		const last = Math.ceil(end / CHUNK_SIZE);
		for (let at = Math.floor(offset / CHUNK_SIZE); at < last; at += 1) {
			const start = at * CHUNK_SIZE;
			const from = Math.max(start, offset);
			const to = Math.min(start + CHUNK_SIZE, end);
			const part = bytes.subarray(from - offset, to - offset);
			const isWhole = part.length === CHUNK_SIZE;
			chunks[at] = isWhole
				? WholeChunk.of(part)
				: withPart(this.#chunks[at], part, from - start);
		}
		return new SparseBytes(Math.max(this.size, end), chunks);
	}

	/** Cut, or extended with zeros. */
	resized(size: number): SparseBytes {
		const last = Math.floor(size / CHUNK_SIZE);
		const chunks = this.#chunks.slice(0, Math.ceil(size / CHUNK_SIZE));
		const rest = size - last * CHUNK_SIZE;
		const cut = chunks[last];
		if (cut !== undefined && cut.length > rest) {
			chunks[last] = headOf(cut, rest);
		}
		return new SparseBytes(size, chunks);
	}

	/** Returns how many bytes of `target` it has filled. */
	read(target: Uint8Array, offset: number): number {
		const count = Math.max(0, Math.min(target.length, this.size - offset));
		for (let done = 0; done < count; ) {
			const within = (offset + done) % CHUNK_SIZE;
			const length = Math.min(CHUNK_SIZE - within, count - done);
			const chunk = this.#chunks[Math.floor((offset + done) / CHUNK_SIZE)];
			const known = Math.min(
				length,
				Math.max(0, (chunk?.length ?? 0) - within),
			);
			chunk?.copyTo(target.subarray(done, done + known), within);
			target.fill(0, done + known, done + length);
			done += length;
		}
		return count;
	}

	/**
	 * `size` bytes, with each sector from the version whose number `pick` returns. It is not called
	 * where all versions agree. A sector that a version has cut off is that of the version before: a
	 * truncation changes the length alone.
	 */
	static mixed(
		versions: readonly SparseBytes[],
		size: number,
		pick: () => number,
	): SparseBytes {
		const chunks: (Chunk | undefined)[] = [];
		for (let at = 0; at * CHUNK_SIZE < size; at += 1) {
			const found = versions.map((version) => version.#chunks[at]);
			const isShared = found.every((chunk) => chunk === found[0]);
			chunks.push(isShared ? found[0] : mixedChunk(found, pick));
		}
		return new SparseBytes(size, chunks).resized(size);
	}

	/** 53 bits over the size and the first `told` bytes of each sector; `told` must never vary. */
	hash(told: number): number {
		this.#hash ??= this.#hashChunks(told);
		return this.#hash;
	}

	#hashChunks(told: number): number {
		const hash = new WordHash();
		hash.mix(this.size);
		for (const [index, chunk] of this.#chunks.entries()) {
			const of = chunk?.hash(told) ?? 0;
			if (of !== 0) {
				hash.mix(index);
				hash.mix(of);
			}
		}
		return hash.value;
	}
}

/** One version's whole chunk, or sectors of several. */
function mixedChunk(
	versions: readonly (Chunk | undefined)[],
	pick: () => number,
): Chunk | undefined {
	const size = Math.max(...versions.map((version) => version?.length ?? 0));
	const isLarge = versions.every(
		(version) => (version?.length ?? size) === CHUNK_SIZE,
	);
	const [one, other, third] = [pick(), pick(), pick()];
	if (isLarge && one === other && other === third) {
		return versionOf(versions, one, 0);
	}
	const sectors = Math.ceil(size / SECTOR_SIZE);
	const sources = Array.from({ length: sectors }, (_, sector) =>
		versionOf(versions, pick(), sector * SECTOR_SIZE),
	);
	return new MixedChunk(size, sources);
}

/** The last version, up to a given one, that reaches past a place. */
function versionOf(
	versions: readonly (Chunk | undefined)[],
	from: number,
	place: number,
): Chunk | undefined {
	for (let at = from; at >= 0; at -= 1) {
		const version = versions[at];
		if (version !== undefined && version.length > place) {
			return version;
		}
	}
	return undefined;
}
