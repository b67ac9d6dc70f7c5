import { checkOptions, checkWhole } from "../../checks.ts";
import type { Form } from "../../forms/form.ts";
import { withJson } from "../../json.ts";
import {
	REPLAY_BUFFER_DEFAULT,
	type ReplayRange,
	SectionReplay,
} from "../replay.ts";
import { sectionNumber } from "../section.ts";
import type { Sections } from "../section-manager.ts";
import type { ItemBatch, ReplayedItem } from "./item-batch.ts";
import type { ItemCursor } from "./item-cursor.ts";
import type { VariableSection } from "./item-section.ts";

export interface ItemReplayOptions extends ReplayRange {
	/**
	 * Where in section `from` the first item begins, 0 by default. Ignored for later sections, and if
	 * `from` does not exist. If no item begins there, the result is unspecified.
	 */
	readonly offset?: number;
}

/** The bytes behind the last whole item of a section. */
export interface TornTail {
	/** The section's number. */
	readonly section: bigint;
	/** Where the last whole item ends. */
	readonly offset: number;
	/** How many bytes the tail has. */
	readonly bytes: number;
}

/** A section whose turn it is. */
interface Turn {
	readonly cursor: ItemCursor;
	/** Bytes that the section had when the replay came to it. */
	readonly size: number;
	/** The section's list of shrunk sizes. Another list means another section of the same number. */
	readonly shrunkTo: readonly number[];
	readonly shrunkBefore: number;
	/** Whether all of the section is read, as by a walk. */
	readonly isWalk: boolean;
	items: number;
}

/**
 * The items of a journal, in order. It holds one buffer, or one longer item. A torn tail ends its
 * section without an error, and is listed in `torn`; the next append cuts it. Damage is an error,
 * and nothing is ever cut for it.
 */
export class ItemReplay<Item = Uint8Array> extends SectionReplay<
	ReplayedItem<Item>,
	ItemBatch
> {
	readonly #sections: Sections<VariableSection>;
	readonly #form: Form<Item>;
	readonly #buffer: number;
	readonly #torn: TornTail[] = [];
	/** The first item's offset in the current section. */
	#offset: number;
	#turn: Turn | undefined;
	/** Items read together. Those from `index` on are not yet given out. */
	#batch: ItemBatch | undefined;
	#index = 0;

	/** @internal */
	constructor(
		sections: Sections<VariableSection>,
		form: Form<Item>,
		options: ItemReplayOptions,
	) {
		checkOptions(options);
		const { from = 0n, offset = 0, buffer } = options;
		checkWhole("an offset", offset);
		checkWhole("a replay's buffer", buffer ?? 0);
		super(sections, options);
		this.#sections = sections;
		this.#form = form;
		this.#buffer = buffer ?? REPLAY_BUFFER_DEFAULT;
		this.#offset = this.section === sectionNumber(from) ? offset : 0;
	}

	/** The torn tails found so far. */
	get torn(): readonly TornTail[] {
		return this.#torn;
	}

	/** @internal */
	protected override take(section: bigint): ReplayedItem<Item> | undefined {
		if (this.#batch === undefined) {
			this.#batch = this.#taken(section);
			this.#index = 0;
		}
		const batch = this.#batch;
		const index = this.#index;
		if (batch === undefined) {
			return undefined;
		}
		this.#index += 1;
		if (this.#index === batch.length) {
			this.#batch = undefined;
		}
		const offset = batch.offset(index);
		const item = this.#form.read(batch.payload(index), section, offset);
		return { section, offset, size: batch.size(index), item };
	}

	/** @internal */
	protected override takeBatch(section: bigint): ItemBatch | undefined {
		const begun = this.#batch?.from(this.#index);
		this.#batch = undefined;
		return begun ?? this.#taken(section);
	}

	/** @internal */
	protected override readIn(section: bigint): Promise<boolean | undefined> {
		return this.#sections.useIfThere(section, (open) => this.#read(open));
	}

	async #read(open: VariableSection): Promise<boolean> {
		this.#turn ??= this.#begun(open);
		const { cursor, size, shrunkTo, shrunkBefore, isWalk, items } = this.#turn;
		if (shrunkTo !== open.shrunkTo) {
			return false;
		}
		const limit = shrunkTo
			.slice(shrunkBefore)
			.reduce((least, shrunk) => Math.min(least, shrunk), size);
		if (await cursor.fill(open, limit)) {
			return true;
		}
		const { offset, isTorn } = cursor;
		if (isTorn) {
			const { section = 0n } = this;
			this.#torn.push(withJson({ section, offset, bytes: limit - offset }));
		}
		if (isWalk) {
			open.adopt(offset, size, items);
		}
		return false;
	}

	/** @internal */
	protected override reset(): void {
		this.#offset = 0;
		this.#turn = undefined;
		this.#batch = undefined;
	}

	#begun(open: VariableSection): Turn {
		const { end, shrunkTo } = open;
		const offset = this.#offset;
		if (offset > end) {
			throw open.outOfRange(offset);
		}
		return {
			cursor: open.cursor(offset, this.#buffer),
			size: end,
			shrunkTo,
			shrunkBefore: shrunkTo.length,
			isWalk: offset === 0,
			items: 0,
		};
	}

	#taken(section: bigint): ItemBatch | undefined {
		const batch = this.#turn?.cursor.take(section, this.#form);
		if (this.#turn !== undefined) {
			this.#turn.items += batch?.length ?? 0;
		}
		return batch;
	}
}
