import { joined } from "../../bytes.ts";
import { checkOptions, checkWhole } from "../../checks.ts";
import type { Form } from "../../forms/form.ts";
import {
	REPLAY_BUFFER_DEFAULT,
	type ReplayRange,
	SectionReplay,
} from "../replay.ts";
import { sectionNumber } from "../section.ts";
import type { Sections } from "../section-manager.ts";
import type { EntrySection } from "./entry-section.ts";

export interface EntryReplayOptions extends ReplayRange {
	/**
	 * The first entry in section `from`, 0 by default. Ignored for later sections, and if `from` does
	 * not exist.
	 */
	readonly position?: number;
}

export interface ReplayedEntry<Entry = Uint8Array> {
	/** The section's number. */
	readonly section: bigint;
	/** The entry's number in its section, from 0 on. */
	readonly position: number;
	/** Belongs to the caller. */
	readonly entry: Entry;
}

/** Entries that a replay has read together. */
export interface EntryBatch {
	/** The section's number. */
	readonly section: bigint;
	/** Of the first entry. */
	readonly position: number;
	/** Their bytes, one after the other. They belong to the caller. */
	readonly entries: Uint8Array;
}

const NOTHING = new Uint8Array();

/** The entries of a journal, in order. It holds one buffer whatever the length. */
export class EntryReplay<Entry = Uint8Array> extends SectionReplay<
	ReplayedEntry<Entry>,
	EntryBatch
> {
	readonly #sections: Sections<EntrySection>;
	readonly #form: Form<Entry>;
	readonly #entrySize: number;
	readonly #buffer: number;
	/** How many entries the section had when the replay came to it. */
	#count: number | undefined;
	/** Of the next entry. */
	#position: number;
	/** Verified bytes. Those from `at` on are not yet given out; the next entry begins there. */
	#chunk: Uint8Array = NOTHING;
	#at = 0;

	/** @internal */
	constructor(
		sections: Sections<EntrySection>,
		form: Form<Entry>,
		entrySize: number,
		options: EntryReplayOptions,
	) {
		checkOptions(options);
		const { from = 0n, position = 0, buffer } = options;
		checkWhole("a position", position);
		checkWhole("a replay's buffer", buffer ?? 0);
		super(sections, options);
		this.#sections = sections;
		this.#form = form;
		this.#entrySize = entrySize;
		this.#buffer = Math.max(buffer ?? REPLAY_BUFFER_DEFAULT, entrySize);
		this.#position = this.section === sectionNumber(from) ? position : 0;
	}

	/** @internal */
	protected override take(section: bigint): ReplayedEntry<Entry> | undefined {
		if (this.#held < this.#entrySize) {
			return undefined;
		}
		const position = this.#position;
		const offset = position * this.#entrySize;
		const entry = this.#form.read(this.#give(1), section, offset);
		return { section, position, entry };
	}

	/** @internal */
	protected override takeBatch(section: bigint): EntryBatch | undefined {
		const count = Math.floor(this.#held / this.#entrySize);
		if (count === 0) {
			return undefined;
		}
		const position = this.#position;
		return { section, position, entries: this.#give(count) };
	}

	/** @internal */
	protected override readIn(section: bigint): Promise<boolean | undefined> {
		return this.#sections.useIfThere(section, (open) =>
			this.#read(open, this.hasChanged()),
		);
	}

	async #read(open: EntrySection, hasChanged: boolean): Promise<boolean> {
		if (this.#count === undefined) {
			this.#count = open.count;
			if (this.#position > this.#count) {
				throw open.outOfRange(this.#position);
			}
		}
		if (hasChanged) {
			// The held part of an entry may belong to a cut one.
			this.#chunk = NOTHING;
			this.#at = 0;
		}
		const end = Math.min(this.#count, open.count) * this.#entrySize;
		const offset = this.#position * this.#entrySize + this.#held;
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

	/** @internal */
	protected override reset(): void {
		this.#count = undefined;
		this.#position = 0;
		this.#chunk = NOTHING;
		this.#at = 0;
	}

	get #held(): number {
		return this.#chunk.length - this.#at;
	}

	#give(count: number): Uint8Array {
		const end = this.#at + count * this.#entrySize;
		const entries = this.#chunk.subarray(this.#at, end);
		this.#at = end;
		this.#position += count;
		return entries;
	}
}
