import { RECORD_SIZE } from "../../assembly/format.ts";

/**
 * Enough to tell files of one size apart: it holds the last page's record, or the last value's
 * checksum.
 */
const END_BYTES = RECORD_SIZE;
const NO_BYTES = new Uint8Array();

/**
 * The last bytes of an open file, as far as its reads and writes have shown them. So they need a
 * read of their own only when those do not suffice.
 */
export class FileEnd {
	#size: number;
	#bytes: Uint8Array | undefined;
	#expected: ((bytes: Uint8Array) => void) | undefined;
	#generation = 0;

	constructor(size: number) {
		this.#size = size;
	}

	/** The last END_BYTES, or all of a shorter file; undefined while unknown. */
	get bytes(): Uint8Array | undefined {
		return this.#bytes;
	}

	/** The file's size. */
	get size(): number {
		return this.#size;
	}

	/** Where those bytes begin. */
	get start(): number {
		return Math.max(0, this.#size - END_BYTES);
	}

	/** Whether a listener must get the bytes before they change. */
	get isAwaited(): boolean {
		return this.#expected !== undefined;
	}

	/** Passes the bytes on as soon as they are read. */
	expect(expected: (bytes: Uint8Array) => void): void {
		this.#expected = expected;
	}

	/** Incremented by each change: bytes read before may be old. */
	get generation(): number {
		return this.#generation;
	}

	/** Whether a read there shows last bytes not known yet. */
	isNews(offset: number, length: number): boolean {
		return (
			this.#bytes === undefined &&
			offset <= this.start &&
			offset + length >= this.#size
		);
	}

	/** All targets, one after the other from `offset` on, were filled. */
	read(targets: readonly Uint8Array[], offset: number): void {
		const bytes = new Uint8Array(this.#size - this.start);
		let at = offset;
		for (const target of targets) {
			place(bytes, this.start, target, at, this.#size);
			at += target.length;
		}
		this.#bytes = bytes;
		this.#expected?.(bytes);
		this.#expected = undefined;
	}

	/** The parts were written, one after the other; the file now has `size` bytes. */
	wrote(parts: readonly Uint8Array[], offset: number, size: number): void {
		const { start: oldStart } = this;
		const old = this.#bytes ?? NO_BYTES;
		this.forget(size);
		const bytes = new Uint8Array(size - this.start);
		let count = place(bytes, this.start, old, oldStart, offset);
		let at = offset;
		for (const part of parts) {
			count += place(bytes, this.start, part, at, size);
			at += part.length;
		}
		const behind = old.subarray(Math.max(0, at - oldStart));
		count += place(bytes, this.start, behind, Math.max(at, oldStart), size);
		this.#bytes = count === bytes.length ? bytes : undefined;
	}

	/** The file has `size` bytes; the last ones are unknown. */
	forget(size: number): void {
		this.#size = size;
		this.#bytes = undefined;
		this.#generation += 1;
	}
}

/**
 * Copies the bytes that both cover, up to `end`. In the file `source` begins at `at`, `target` at
 * `start`. Returns the count.
 */
function place(
	target: Uint8Array,
	start: number,
	source: Uint8Array,
	at: number,
	end: number,
): number {
	const from = Math.max(start, at);
	const to = Math.min(start + target.length, at + source.length, end);
	if (from >= to) {
		return 0;
	}
	target.set(source.subarray(from - at, to - at), from - start);
	return to - from;
}
