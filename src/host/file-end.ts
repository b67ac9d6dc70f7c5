import { RECORD_SIZE } from "../../assembly/format.ts";

/**
 * What tells a file from another of its size: a last page's record, or a last value's checksum, is
 * in it.
 */
const END_BYTES = RECORD_SIZE;
const NO_BYTES = new Uint8Array();

/**
 * The last bytes of an open file, as far as they are known from what was read of it and written to
 * it: nothing is read only to know them where that is enough.
 */
export class FileEnd {
	#size: number;
	#bytes: Uint8Array | undefined;
	#expected: ((bytes: Uint8Array) => void) | undefined;
	#generation = 0;

	constructor(size: number) {
		this.#size = size;
	}

	/** The last END_BYTES, or all that there are; undefined where they are not known. */
	get bytes(): Uint8Array | undefined {
		return this.#bytes;
	}

	/** Of the file. */
	get size(): number {
		return this.#size;
	}

	/** Where they begin. */
	get start(): number {
		return Math.max(0, this.#size - END_BYTES);
	}

	/** Whether somebody is to be told of them before they change. */
	get isAwaited(): boolean {
		return this.#expected !== undefined;
	}

	/** Tells of the bytes as soon as they are read. */
	expect(expected: (bytes: Uint8Array) => void): void {
		this.#expected = expected;
	}

	/** Raised by each change: what was read before may be old. */
	get generation(): number {
		return this.#generation;
	}

	/** Whether what is read there tells what is not known yet. */
	isNews(offset: number, length: number): boolean {
		return (
			this.#bytes === undefined &&
			offset <= this.start &&
			offset + length >= this.#size
		);
	}

	/** All of the targets, which lie one after the other from `offset` on, were filled. */
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

	/** Parts were written, one after the other, and the file has `size` bytes now. */
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

	/** The file has `size` bytes, and nobody knows the last ones. */
	forget(size: number): void {
		this.#size = size;
		this.#bytes = undefined;
		this.#generation += 1;
	}
}

/**
 * Copies what lies in both, up to `end`: `source` begins at `at` of the file, `target` at `start`.
 * Answers how many bytes.
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
