import { checkWhole } from "../arguments.ts";
import { joined } from "../joined.ts";
import { Mutex } from "../mutex.ts";
import type { EntrySection } from "./entry-section.ts";
import { type Section, sectionNumber } from "./section.ts";
import type { Sections } from "./sections.ts";

export interface EntryReplayOptions {
	/** The first section; the first that there is by default. It need not exist. */
	readonly from?: Section;
	/** The first entry of section `from`, 0 by default; of no meaning for later sections, nor where `from` does not exist. */
	readonly position?: number;
	/** Ends the replay: the next step rejects with the signal's reason. */
	readonly signal?: AbortSignal;
	/** Bytes read at a time, rounded down to whole pages, one at least; 128 KiB by default. */
	readonly buffer?: number;
}

export interface ReplayedEntry {
	readonly section: bigint;
	readonly position: number;
	/** Belongs to the caller. */
	readonly entry: Uint8Array;
}

const BUFFER_DEFAULT = 128 * 1024;
const NOTHING = new Uint8Array();
const DONE = { done: true, value: undefined } as const;

type Step = IteratorResult<ReplayedEntry, undefined>;

/**
 * The entries of a journal in order, each verified before it is given out. It asks the host for more only when it is asked
 * for more, holds one buffer whatever the length, keeps no section open between its steps, and writes nothing.
 *
 * The sections are those that exist when it begins; a section's entries are those that it has when the replay comes to it.
 * What is removed before its turn is passed over. A step that fails, as at a damaged page, ends the replay, with the section
 * and the page in the error's place; a new one `from` the section behind goes on.
 */
export class EntryReplay implements AsyncIterableIterator<ReplayedEntry> {
	readonly #sections: Sections<EntrySection>;
	readonly #entrySize: number;
	readonly #buffer: number;
	readonly #signal: AbortSignal | undefined;
	/** Steps that are asked for before the one before has ended. */
	readonly #turn = new Mutex();
	/** Those that are still to come, the next one last. */
	readonly #later: bigint[];
	#section: bigint | undefined;
	/** How many entries the section had when the replay came to it. */
	#count: number | undefined;
	/** Of the next entry. */
	#position: number;
	/** Verified bytes, of which those from `at` on were not given out: the next entry begins there. */
	#chunk: Uint8Array = NOTHING;
	#at = 0;
	#generation = 0;

	constructor(
		sections: Sections<EntrySection>,
		entrySize: number,
		options: EntryReplayOptions,
	) {
		const { from = 0n, position = 0, signal, buffer } = options;
		const first = sectionNumber(from);
		checkWhole("a position", position);
		checkWhole("a replay's buffer", buffer ?? 0);
		this.#sections = sections;
		this.#entrySize = entrySize;
		this.#buffer = Math.max(buffer ?? BUFFER_DEFAULT, entrySize);
		this.#signal = signal;
		this.#later = sections.numbers.filter((section) => section >= first);
		this.#later.reverse();
		this.#section = this.#later.pop();
		this.#position = this.#section === first ? position : 0;
	}

	next(): Promise<Step> {
		const isAtHand = this.#holdsEntry && this.#turn.isFree;
		return isAtHand && this.#signal?.aborted !== true
			? Promise.resolve(this.#take())
			: this.#turn.run(() => this.#advance());
	}

	async return(): Promise<Step> {
		this.#end();
		return DONE;
	}

	[Symbol.asyncIterator](): this {
		return this;
	}

	get #holdsEntry(): boolean {
		return this.#chunk.length - this.#at >= this.#entrySize;
	}

	#take(): Step {
		const end = this.#at + this.#entrySize;
		const entry = this.#chunk.subarray(this.#at, end);
		const position = this.#position;
		this.#at = end;
		this.#position += 1;
		return {
			done: false,
			value: { section: this.#section ?? 0n, position, entry },
		};
	}

	async #advance(): Promise<Step> {
		try {
			while (this.#section !== undefined) {
				this.#signal?.throwIfAborted();
				if (this.#holdsEntry) {
					return this.#take();
				}
				if (!(await this.#fill(this.#section))) {
					this.#begin(this.#later.pop());
				}
			}
			return DONE;
		} catch (error) {
			this.#end();
			throw error;
		}
	}

	/** Reads on in the section; false at its end, or where it was removed. */
	async #fill(section: bigint): Promise<boolean> {
		const fresh = await this.#sections.useIfThere(section, (open) =>
			this.#read(open),
		);
		// The replay may have been ended meanwhile.
		if (
			fresh === undefined ||
			fresh.length === 0 ||
			this.#section !== section
		) {
			return false;
		}
		const held = this.#chunk.subarray(this.#at);
		this.#chunk = held.length === 0 ? fresh : joined(held, fresh);
		this.#at = 0;
		return true;
	}

	async #read(open: EntrySection): Promise<Uint8Array> {
		if (this.#count === undefined) {
			this.#count = open.count;
			if (this.#position > this.#count) {
				throw open.outOfRange(this.#position);
			}
		}
		if (this.#generation !== this.#sections.generation) {
			// The part of an entry that was read may belong to one that was cut.
			this.#chunk = NOTHING;
			this.#at = 0;
			this.#generation = this.#sections.generation;
		}
		const end = Math.min(this.#count, open.count) * this.#entrySize;
		const held = this.#chunk.length - this.#at;
		const offset = this.#position * this.#entrySize + held;
		if (offset >= end) {
			return NOTHING;
		}
		const bytes = await open.readAhead(offset, this.#buffer);
		return bytes.subarray(0, end - offset);
	}

	#begin(section: bigint | undefined): void {
		this.#section = section;
		this.#count = undefined;
		this.#position = 0;
		this.#chunk = NOTHING;
		this.#at = 0;
	}

	#end(): void {
		this.#later.length = 0;
		this.#begin(undefined);
	}
}
