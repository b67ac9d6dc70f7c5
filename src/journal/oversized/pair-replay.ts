import { checkFlag } from "../../checks.ts";
import type { Form } from "../../forms/form.ts";
import { EntriesAhead } from "../entries/entries-ahead.ts";
import {
	type EntryReplayOptions,
	entryReplayRange,
	type ReplayedEntry,
} from "../entries/entry-replay.ts";
import { SectionReplay } from "../replay.ts";
import { sectionNumber } from "../section.ts";
import type { Sections } from "../section-manager.ts";
import type { OversizedSection, ReadValues } from "./oversized-section.ts";
import { PairBatch } from "./pair-batch.ts";

export interface PairReplayOptions extends EntryReplayOptions {
	/** Each entry comes with its value. */
	readonly values: true;
}

export interface ReplayedPair<Entry = Uint8Array, Value = Uint8Array>
	extends ReplayedEntry<Entry> {
	/**
	 * Belongs to the caller. Bytes are a part of the block of 128 KiB, or what `buffer` says, that
	 * was read at once: a value that is kept keeps all of it, and a `slice` of it does not.
	 */
	readonly value: Value;
}

/** The forms of a journal's entries and values. */
export interface PairForms<Entry, Value> {
	readonly entry: Form<Entry>;
	readonly value: Form<Value>;
}

const NOTHING: ReadValues = [];

/**
 * The entries of a journal with their values, in order. It holds one buffer of entries and one of
 * values, or one longer value. A bad value ends it with the error that `getValue` has for its
 * place, once those before it were given out.
 */
export class PairReplay<
	Entry = Uint8Array,
	Value = Uint8Array,
> extends SectionReplay<ReplayedPair<Entry, Value>, PairBatch<Value>> {
	readonly #sections: Sections<OversizedSection>;
	readonly #forms: PairForms<Entry, Value>;
	readonly #entrySize: number;
	readonly #buffer: number;
	readonly #ahead: EntriesAhead;
	/** Of the next entries. Those from `index` on are not yet given out. */
	#values = NOTHING;
	#index = 0;

	/** @internal */
	constructor(
		sections: Sections<OversizedSection>,
		forms: PairForms<Entry, Value>,
		entrySize: number,
		options: PairReplayOptions,
	) {
		const { buffer, position } = entryReplayRange(options);
		super(sections, options);
		this.#sections = sections;
		this.#forms = forms;
		this.#entrySize = entrySize;
		this.#buffer = buffer;
		const { from = 0n } = options;
		const isFirst = this.section === sectionNumber(from);
		this.#ahead = new EntriesAhead(entrySize, buffer, isFirst ? position : 0);
	}

	/** @internal */
	protected override take(
		section: bigint,
	): ReplayedPair<Entry, Value> | undefined {
		const found = this.#values[this.#index];
		if (found === undefined) {
			return undefined;
		}
		this.#index += 1;
		const { position } = this.#ahead;
		const bytes = this.#ahead.give(1);
		const { entry, value } = this.#forms;
		return {
			section,
			position,
			entry: entry.read(bytes, section, position * this.#entrySize),
			value: value.read(found.bytes, section, found.offset),
		};
	}

	/** @internal */
	protected override takeBatch(section: bigint): PairBatch<Value> | undefined {
		const values = this.#values.slice(this.#index);
		this.#values = NOTHING;
		if (values.length === 0) {
			return undefined;
		}
		const { position } = this.#ahead;
		const entries = this.#ahead.give(values.length);
		const form = this.#forms.value;
		return new PairBatch(section, position, entries, values, form);
	}

	/** @internal */
	protected override readIn(section: bigint): Promise<boolean | undefined> {
		return this.#sections.useIfThere(section, (open) =>
			this.#read(open, this.hasChanged()),
		);
	}

	/** @internal */
	protected override reset(): void {
		this.#ahead.reset();
		this.#values = NOTHING;
	}

	/** Entries without their values are read again after a change: it may have cut them. */
	async #read(open: OversizedSection, hasChanged: boolean): Promise<boolean> {
		const isMore = hasChanged || this.#ahead.count === 0;
		if (isMore && !(await this.#ahead.read(open, hasChanged))) {
			return false;
		}
		const entries = this.#ahead.peek(this.#ahead.count);
		this.#values =
			entries.length === 0
				? NOTHING
				: await open.valuesOf(entries, this.#buffer);
		this.#index = 0;
		return true;
	}
}

/** Whether a replay gives values. Throws TypeError for what is neither true nor false. */
export function asksForValues(
	options: EntryReplayOptions | PairReplayOptions,
): options is PairReplayOptions {
	const values = "values" in options ? options.values : undefined;
	checkFlag("values", values);
	return values === true;
}
