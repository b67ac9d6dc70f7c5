import { joined } from "../../bytes.ts";
import type { EntrySection } from "./entry-section.ts";

const NOTHING = new Uint8Array();

/** Entries of a section that a replay has read, and not yet given out. */
export class EntriesAhead {
	readonly #entrySize: number;
	/** How many bytes to read at a time. */
	readonly #buffer: number;
	/** How many entries the section had when the replay came to it. */
	#count: number | undefined;
	/** Of the next entry. */
	#position: number;
	/** Verified bytes. Those from `at` on are not yet given out; the next entry begins there. */
	#chunk: Uint8Array = NOTHING;
	#at = 0;

	constructor(entrySize: number, buffer: number, position: number) {
		this.#entrySize = entrySize;
		this.#buffer = Math.max(buffer, entrySize);
		this.#position = position;
	}

	get position(): number {
		return this.#position;
	}

	/** Whole entries. */
	get count(): number {
		return Math.floor(this.#bytes / this.#entrySize);
	}

	/** Takes entries. There must be as many. */
	give(count: number): Uint8Array {
		const entries = this.peek(count);
		this.#at += entries.length;
		this.#position += count;
		return entries;
	}

	/** The next entries, which stay. There must be as many. */
	peek(count: number): Uint8Array {
		return this.#chunk.subarray(this.#at, this.#at + count * this.#entrySize);
	}

	/**
	 * Reads on in the section; false at its end. `hasChanged`: all that was read may belong to cut
	 * entries, and is read again.
	 */
	async read(open: EntrySection, hasChanged: boolean): Promise<boolean> {
		if (this.#count === undefined) {
			this.#count = open.count;
			if (this.#position > this.#count) {
				throw open.outOfRange(this.#position);
			}
		}
		if (hasChanged) {
			this.#chunk = NOTHING;
			this.#at = 0;
		}
		const end = Math.min(this.#count, open.count) * this.#entrySize;
		const offset = this.#position * this.#entrySize + this.#bytes;
		if (offset >= end) {
			return false;
		}
		const bytes = await open.readAhead(offset, this.#buffer);
		const fresh = bytes.subarray(0, end - offset);
		const held = this.#chunk.subarray(this.#at);
		this.#chunk = held.length === 0 ? fresh : joined(held, fresh);
		this.#at = 0;
		return true;
	}

	/** Begins the next section. */
	reset(): void {
		this.#count = undefined;
		this.#position = 0;
		this.#chunk = NOTHING;
		this.#at = 0;
	}

	get #bytes(): number {
		return this.#chunk.length - this.#at;
	}
}
