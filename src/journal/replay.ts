import { checkSignal } from "../checks.ts";
import { Mutex } from "../turns/mutex.ts";
import { Pace } from "../turns/pace.ts";
import type { OpenSection } from "./open-section.ts";
import { type Section, sectionNumber } from "./section.ts";
import type { Sections } from "./section-manager.ts";

export interface ReplayRange {
	/** The first section; by default the oldest one. It need not exist. */
	readonly from?: Section;
	/** Ends the replay: the next step rejects with the signal's reason. */
	readonly signal?: AbortSignal;
	/**
	 * Bytes read at a time, rounded down to whole pages, one at least; 128 KiB by default, 1 MiB at
	 * most.
	 */
	readonly buffer?: number;
}

export const REPLAY_BUFFER_DEFAULT = 128 * 1024;

const DONE = { done: true, value: undefined } as const;

/**
 * The entries or items of a journal, in order, each verified before it is given out: in single
 * steps, or in batches that were read together. It reads from the host only when the caller asks
 * for more, keeps no section open between steps, and writes nothing.
 *
 * It covers the sections that exist when it begins, each with the content that it has when its turn
 * comes. Content removed before its turn is skipped. A failed step, such as at a damaged page, ends
 * the replay; the error's place names section and page. A new replay `from` the next section can go
 * on.
 */
export abstract class SectionReplay<Step, Batch>
	implements AsyncIterableIterator<Step>
{
	readonly #sections: Sections<OpenSection>;
	/** Cleared at the end: an abort then changes nothing. */
	#signal: AbortSignal | undefined;
	/** Queues steps asked for before the last one has ended. */
	readonly #turn = new Mutex();
	readonly #pace = new Pace();
	/** Sections still to come, the next one last. */
	readonly #later: bigint[];
	#section: bigint | undefined;
	#generation = 0;

	/** @internal */
	protected constructor(
		sections: Sections<OpenSection>,
		{ from = 0n, signal }: ReplayRange,
	) {
		checkSignal(signal);
		const first = sectionNumber(from);
		this.#sections = sections;
		this.#signal = signal;
		this.#later = sections.numbers.filter((section) => section >= first);
		this.#later.reverse();
		this.#section = this.#later.pop();
	}

	/**
	 * The next step, or the end. A failed step ends the replay.
	 *
	 * @throws {StorageError} ERR_INVALID_CHECKSUM at a damaged page; ERR_ITEM_OUT_OF_RANGE for a
	 * start past the end, ERR_ITEM_CORRUPT, ERR_ITEM_TOO_LARGE for bytes that are no item,
	 * ERR_DECOMPRESSION, ERR_CODEC for content that cannot be decoded; ERR_BLOB_OPEN_FAILED,
	 * ERR_READ_FAILED, ERR_MEMORY when a section cannot be read; ERR_CLOSED. The signal's reason,
	 * unchanged.
	 */
	next(): Promise<IteratorResult<Step, undefined>> {
		try {
			const value = this.#turn.isFree ? this.#atHand() : undefined;
			return value === undefined
				? this.#turn.run(() => this.#advance((section) => this.take(section)))
				: this.#given(value);
		} catch (error) {
			this.#end();
			return Promise.reject(error);
		}
	}

	/** Ends the replay. */
	async return(): Promise<IteratorResult<Step, undefined>> {
		this.#end();
		return DONE;
	}

	[Symbol.asyncIterator](): this {
		return this;
	}

	/**
	 * The rest in batches, each of one section: far fewer steps.
	 *
	 * @throws {StorageError} ERR_INVALID_CHECKSUM at a damaged page; ERR_ITEM_OUT_OF_RANGE for a
	 * start past the end, ERR_ITEM_CORRUPT, ERR_ITEM_TOO_LARGE for bytes that are no item,
	 * ERR_DECOMPRESSION, ERR_CODEC for content that cannot be decoded; ERR_BLOB_OPEN_FAILED,
	 * ERR_READ_FAILED, ERR_MEMORY when a section cannot be read; ERR_CLOSED. The signal's reason,
	 * unchanged.
	 */
	async *batches(): AsyncGenerator<Batch, void, undefined> {
		for (;;) {
			const { done, value } = await this.#turn.run(() =>
				this.#advance((section) => this.takeBatch(section)),
			);
			if (done) {
				return;
			}
			yield value;
		}
	}

	/**
	 * The section whose turn it is.
	 *
	 * @internal
	 */
	protected get section(): bigint | undefined {
		return this.#section;
	}

	/**
	 * The next step, if it was read.
	 *
	 * @internal
	 */
	protected abstract take(section: bigint): Step | undefined;

	/**
	 * All that was read and not yet given out, if any.
	 *
	 * @internal
	 */
	protected abstract takeBatch(section: bigint): Batch | undefined;

	/**
	 * Reads on in the section; false at its end, undefined if it is missing.
	 *
	 * @internal
	 */
	protected abstract readIn(section: bigint): Promise<boolean | undefined>;

	/**
	 * Whether bytes read from the section may have been cut since the last call.
	 *
	 * @internal
	 */
	protected hasChanged(): boolean {
		const { generation } = this.#sections;
		const hasChanged = generation !== this.#generation;
		this.#generation = generation;
		return hasChanged;
	}

	/**
	 * Forgets the section: the replay has moved on or ended.
	 *
	 * @internal
	 */
	protected abstract reset(): void;

	#atHand(): Step | undefined {
		return this.#section === undefined || this.#signal?.aborted === true
			? undefined
			: this.take(this.#section);
	}

	/** Steps that were read may be many, and wait for nothing: others have their turns between. */
	#given(value: Step): Promise<IteratorResult<Step, undefined>> {
		const step = { done: false, value } as const;
		const turn = this.#pace.step();
		return turn === undefined
			? Promise.resolve(step)
			: this.#givenAfter(turn, step);
	}

	/** Apart: a step that waits for nothing takes less time where it makes no function. */
	#givenAfter<T>(turn: Promise<void>, step: T): Promise<T> {
		return this.#turn.run(() => turn.then(() => step));
	}

	async #advance<T>(
		take: (section: bigint) => T | undefined,
	): Promise<IteratorResult<T, undefined>> {
		try {
			for (;;) {
				this.#signal?.throwIfAborted();
				if (this.#section === undefined) {
					this.#end();
					return DONE;
				}
				const value = take(this.#section);
				if (value !== undefined) {
					return { done: false, value };
				}
				await this.#readOn(this.#section);
			}
		} catch (error) {
			this.#end();
			throw error;
		}
	}

	/** Moves on to the next section when this one ends or was removed. */
	async #readOn(section: bigint): Promise<void> {
		const isMore = await this.readIn(section);
		const wasEnded = this.#section !== section;
		if (wasEnded || isMore !== true) {
			this.reset();
		}
		if (!wasEnded && isMore !== true) {
			this.#section = this.#later.pop();
		}
	}

	#end(): void {
		this.#later.length = 0;
		this.#section = undefined;
		this.#signal = undefined;
		this.reset();
	}
}
