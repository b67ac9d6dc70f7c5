import { checkOptions, checkWhole } from "../../checks.ts";
import type { Form } from "../../forms/form.ts";
import {
	REPLAY_BUFFER_DEFAULT,
	type ReplayRange,
	SectionReplay,
} from "../replay.ts";
import { sectionNumber } from "../section.ts";
import type { Sections } from "../section-manager.ts";
import { EntriesAhead } from "./entries-ahead.ts";
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

/** The entries of a journal, in order. It holds one buffer whatever the length. */
export class EntryReplay<Entry = Uint8Array> extends SectionReplay<
	ReplayedEntry<Entry>,
	EntryBatch
> {
	readonly #sections: Sections<EntrySection>;
	readonly #form: Form<Entry>;
	readonly #entrySize: number;
	readonly #ahead: EntriesAhead;

	/** @internal */
	constructor(
		sections: Sections<EntrySection>,
		form: Form<Entry>,
		entrySize: number,
		options: EntryReplayOptions,
	) {
		const { buffer, position } = entryReplayRange(options);
		super(sections, options);
		this.#sections = sections;
		this.#form = form;
		this.#entrySize = entrySize;
		const { from = 0n } = options;
		const isFirst = this.section === sectionNumber(from);
		this.#ahead = new EntriesAhead(entrySize, buffer, isFirst ? position : 0);
	}

	/** @internal */
	protected override take(section: bigint): ReplayedEntry<Entry> | undefined {
		if (this.#ahead.count === 0) {
			return undefined;
		}
		const { position } = this.#ahead;
		const offset = position * this.#entrySize;
		const entry = this.#form.read(this.#ahead.give(1), section, offset);
		return { section, position, entry };
	}

	/** @internal */
	protected override takeBatch(section: bigint): EntryBatch | undefined {
		const { count, position } = this.#ahead;
		return count === 0
			? undefined
			: { section, position, entries: this.#ahead.give(count) };
	}

	/** @internal */
	protected override readIn(section: bigint): Promise<boolean | undefined> {
		return this.#sections.useIfThere(section, (open) =>
			this.#ahead.read(open, this.hasChanged()),
		);
	}

	/** @internal */
	protected override reset(): void {
		this.#ahead.reset();
	}
}

/** Throws TypeError for invalid options, RangeError for values out of range. */
export function entryReplayRange(options: EntryReplayOptions) {
	checkOptions(options);
	const { position = 0, buffer = REPLAY_BUFFER_DEFAULT } = options;
	checkWhole("a position", position);
	checkWhole("a replay's buffer", buffer);
	return { position, buffer };
}
