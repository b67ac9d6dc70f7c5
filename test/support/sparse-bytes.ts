/** Frames lie at multiples of it, and so do sectors. */
const CHUNK_SIZE = 64 * 1024;

/**
 * The bytes of a large file, in chunks that its versions and many images of a disk share. It never changes: each change answers
 * another one. A chunk that is missing, or ends early, goes on with zeros.
 */
export class SparseBytes {
	static readonly NOTHING = new SparseBytes(0, []);

	readonly size: number;
	readonly #chunks: readonly (Uint8Array | undefined)[];

	private constructor(
		size: number,
		chunks: readonly (Uint8Array | undefined)[],
	) {
		this.size = size;
		this.#chunks = chunks;
	}

	/** With bytes from `offset` on, which it keeps as they are: they must not change any more. */
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
				? part
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
			chunks[last] = cut.subarray(0, rest);
		}
		return new SparseBytes(size, chunks);
	}

	/** Answers how many bytes of `target` it has filled. */
	read(target: Uint8Array, offset: number): number {
		const count = Math.max(0, Math.min(target.length, this.size - offset));
		for (let done = 0; done < count; ) {
			const within = (offset + done) % CHUNK_SIZE;
			const length = Math.min(CHUNK_SIZE - within, count - done);
			const chunk = this.#chunks[Math.floor((offset + done) / CHUNK_SIZE)];
			const found = chunk?.subarray(within, within + length);
			if (found !== undefined) {
				target.set(found, done);
			}
			target.fill(0, done + (found?.length ?? 0), done + length);
			done += length;
		}
		return count;
	}

	/**
	 * Of `size` bytes, each sector as one of the versions has it, of which `pick` answers the number. What all of them share is not
	 * asked for. A sector that a version has cut off is that of the version before: a truncation changes the length alone.
	 */
	static mixed(
		versions: readonly SparseBytes[],
		size: number,
		sectorSize: number,
		pick: () => number,
	): SparseBytes {
		const chunks: (Uint8Array | undefined)[] = [];
		for (let at = 0; at * CHUNK_SIZE < size; at += 1) {
			const found = versions.map((version) => version.#chunks[at]);
			const isShared = found.every((chunk) => chunk === found[0]);
			chunks.push(isShared ? found[0] : mixedChunk(found, sectorSize, pick));
		}
		return new SparseBytes(size, chunks).resized(size);
	}

	/** Calls back with what there is of each chunk, and its number. */
	forEachChunk(visit: (chunk: Uint8Array, index: number) => void): void {
		this.#chunks.forEach((chunk, index) => {
			if (chunk !== undefined) {
				visit(chunk, index);
			}
		});
	}
}

function withPart(
	chunk: Uint8Array | undefined,
	part: Uint8Array,
	offset: number,
): Uint8Array {
	const length = Math.max(chunk?.length ?? 0, offset + part.length);
	const bytes = new Uint8Array(length);
	if (chunk !== undefined) {
		bytes.set(chunk);
	}
	bytes.set(part, offset);
	return bytes;
}

/** All of it as one of the versions has it, or sector by sector. */
function mixedChunk(
	versions: readonly (Uint8Array | undefined)[],
	sectorSize: number,
	pick: () => number,
): Uint8Array | undefined {
	const size = Math.max(...versions.map((version) => version?.length ?? 0));
	const isLarge = versions.every(
		(version) => (version?.length ?? size) === CHUNK_SIZE,
	);
	const [one, other, third] = [pick(), pick(), pick()];
	if (isLarge && one === other && other === third) {
		return versionOf(versions, one, 0);
	}
	const mixed = new Uint8Array(size);
	for (let at = 0; at < size; at += sectorSize) {
		const sector = versionOf(versions, pick(), at);
		if (sector !== undefined) {
			mixed.set(sector.subarray(at, at + sectorSize), at);
		}
	}
	return mixed;
}

/** The last version, up to one of them, that reaches past a place. */
function versionOf(
	versions: readonly (Uint8Array | undefined)[],
	from: number,
	place: number,
): Uint8Array | undefined {
	for (let at = from; at >= 0; at -= 1) {
		const version = versions[at];
		if (version !== undefined && version.length > place) {
			return version;
		}
	}
	return undefined;
}
