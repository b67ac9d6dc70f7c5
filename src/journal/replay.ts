import { checkSignal } from "../checks.ts";
import { Mutex } from "../turns/mutex.ts";
import { type Section, sectionNumber } from "./section.ts";
import type { Sections } from "./section-manager.ts";
import type { OpenSection } from "./section-pool.ts";

export interface ReplayRange {
	/** The first section; the first that there is by default. It need not exist. */
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
 * What a journal holds, in order, each thing verified before it is given out; by single steps, or
 * in batches of what was read together. It asks the host for more only when it is asked for more,
 * keeps no section open between its steps, and writes nothing.
 *
 * The sections are those that exist when it begins; what a section holds is what it holds when the
 * replay comes to it. What is removed before its turn is passed over. A step that fails, as at a
 * damaged page, ends the replay, with the section and the page in the error's place; a new one
 * `from` the section behind goes on.
 */
export abstract class SectionReplay<Step, Batch>
	implements AsyncIterableIterator<Step>
{
	readonly #sections: Sections<OpenSection>;
	/** Until the replay has ended: an end is not undone. */
	#signal: AbortSignal | undefined;
	/** Steps that are asked for before the one before has ended. */
	readonly #turn = new Mutex();
	/** Those that are still to come, the next one last. */
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
	 * The next one, or the end. A step that fails ends the replay.
	 *
	 * @throws {StorageError} ERR_INVALID_CHECKSUM at a damaged page; ERR_ITEM_OUT_OF_RANGE for a
	 * start past the end, ERR_ITEM_CORRUPT, ERR_ITEM_TOO_LARGE for what is no item,
	 * ERR_DECOMPRESSION, ERR_CODEC for what cannot be read as what it should be;
	 * ERR_BLOB_OPEN_FAILED, ERR_READ_FAILED, ERR_MEMORY when a section cannot be read; ERR_CLOSED.
	 * The reason of the signal as it is.
	 */
	next(): Promise<IteratorResult<Step, undefined>> {
		try {
			const value = this.#turn.isFree ? this.#atHand() : undefined;
			return value === undefined
				? this.#turn.run(() => this.#advance((section) => this.take(section)))
				: Promise.resolve({ done: false, value });
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
	 * The rest, in batches: far fewer steps. Each is of one section.
	 *
	 * @throws {StorageError} ERR_INVALID_CHECKSUM at a damaged page; ERR_ITEM_OUT_OF_RANGE for a
	 * start past the end, ERR_ITEM_CORRUPT, ERR_ITEM_TOO_LARGE for what is no item,
	 * ERR_DECOMPRESSION, ERR_CODEC for what cannot be read as what it should be;
	 * ERR_BLOB_OPEN_FAILED, ERR_READ_FAILED, ERR_MEMORY when a section cannot be read; ERR_CLOSED.
	 * The reason of the signal as it is.
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
	 * What comes next, if it was read.
	 *
	 * @internal
	 */
	protected abstract take(section: bigint): Step | undefined;

	/**
	 * All that comes next and was read, if anything was.
	 *
	 * @internal
	 */
	protected abstract takeBatch(section: bigint): Batch | undefined;

	/**
	 * Reads on in the section; false at its end, undefined where there is none.
	 *
	 * @internal
	 */
	protected abstract readIn(section: bigint): Promise<boolean | undefined>;

	/**
	 * Whether what was read of the section may have been cut since this was last asked.
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
	 * Forgets the section: another one's turn has come, or none's.
	 *
	 * @internal
	 */
	protected abstract reset(): void;

	#atHand(): Step | undefined {
		return this.#section === undefined || this.#signal?.aborted === true
			? undefined
			: this.take(this.#section);
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

	/** Goes on to the next section at the end of this one, or where it was removed. */
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
