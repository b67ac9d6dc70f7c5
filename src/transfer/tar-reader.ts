import { newBytes } from "../bytes.ts";
import { checkBytes, isBytes, ownBytes } from "../checks.ts";
import { SEQUENTIAL_READ_BYTES } from "../host/read-sizes.ts";
import {
	BLOCK,
	badArchive,
	decodeHeader,
	decodePax,
	PAX,
	type PaxRecords,
	paddingOf,
	resolveHeader,
	type TarHeader,
} from "./tar.ts";

/** The longest pax header that a file of a store can have. */
const PAX_BYTES_MAX = 64 * 1024;
const NO_RECORDS: PaxRecords = new Map();

/**
 * Reads the entries of a tar from a stream, in order, in the memory of one chunk of the stream and
 * one piece. The content of an entry must be read to its end before the next entry. Throws
 * ERR_ARCHIVE for no tar, and for one that is cut short.
 */
export class TarReader {
	readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
	/** The rest of the last chunk read. */
	#chunk: Uint8Array = new Uint8Array();
	/** The next byte's offset in the archive. */
	#offset = 0;

	constructor(reader: ReadableStreamDefaultReader<Uint8Array>) {
		this.#reader = reader;
	}

	/** Where the next header is expected, in bytes of the archive. */
	get offset(): number {
		return this.#offset;
	}

	/** The next header, or undefined at the end of the archive. Only zeros may follow the end. */
	async next(): Promise<TarHeader | undefined> {
		let records = NO_RECORDS;
		for (;;) {
			const at = this.#offset;
			const raw = decodeHeader(await this.#exactly(BLOCK), at);
			if (raw === undefined) {
				if (records !== NO_RECORDS) {
					throw badArchive("nothing that its last pax header is for", at);
				}
				await this.#requireEnd();
				return undefined;
			}
			if (raw.type !== PAX) {
				return resolveHeader(raw, records, at);
			}
			if (records !== NO_RECORDS || raw.size > PAX_BYTES_MAX) {
				throw badArchive(`a pax header that is no file's`, at);
			}
			const bytes = await this.whole(raw.size);
			records = decodePax(bytes, at + BLOCK);
		}
	}

	/** The content that follows a header, in pieces. */
	async *content(size: number): AsyncGenerator<Uint8Array, void, undefined> {
		for (let left = size; left > 0; ) {
			const piece = await this.#some(Math.min(left, SEQUENTIAL_READ_BYTES));
			yield piece;
			left -= piece.length;
		}
		await this.#exactly(paddingOf(size));
	}

	/** Skips the content that follows a header. */
	async skip(size: number): Promise<void> {
		for (let left = size + paddingOf(size); left > 0; ) {
			const { length } = await this.#some(left);
			left -= length;
		}
	}

	/** The content that follows a header, whole. */
	async whole(size: number): Promise<Uint8Array> {
		const bytes = await this.#exactly(size);
		await this.#exactly(paddingOf(size));
		return bytes;
	}

	async #requireEnd(): Promise<void> {
		const second = await this.#exactly(BLOCK);
		for (let rest = second; ; rest = this.#take(this.#chunk.length)) {
			if (rest.some((byte) => byte !== 0)) {
				throw badArchive("something behind its end", this.#offset);
			}
			if (!(await this.#fill())) {
				return;
			}
		}
	}

	async #exactly(count: number): Promise<Uint8Array> {
		const bytes = newBytes(count);
		for (let filled = 0; filled < count; ) {
			const part = await this.#some(count - filled);
			bytes.set(part, filled);
			filled += part.length;
		}
		return bytes;
	}

	/** One byte at least. */
	async #some(limit: number): Promise<Uint8Array> {
		if (!(await this.#fill())) {
			throw badArchive(`its end, ${limit} bytes too early`, this.#offset, {
				expected: this.#offset + limit,
				found: this.#offset,
			});
		}
		return this.#take(Math.min(limit, this.#chunk.length));
	}

	#take(count: number): Uint8Array {
		const taken = this.#chunk.subarray(0, count);
		this.#chunk = this.#chunk.subarray(count);
		this.#offset += count;
		return taken;
	}

	/** Whether any bytes are left. */
	async #fill(): Promise<boolean> {
		while (this.#chunk.length === 0) {
			const { done, value } = await this.#reader.read();
			if (done) {
				return false;
			}
			if (!isBytes(value)) {
				throw new TypeError("an archive is a stream of Uint8Arrays");
			}
			checkBytes(value);
			this.#chunk = ownBytes(value);
		}
		return true;
	}
}
