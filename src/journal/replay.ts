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
export abstract class SectionReplay<Open extends OpenSection, Step, Batch>
	implements AsyncIterableIterator<Step>
{
	readonly #sections: Sections<Open>;
	/** Until the replay has ended: an end is not undone. */
	#signal: AbortSignal | undefined;
	/** Steps that are asked for before the one before has ended. */
	readonly #turn = new Mutex();
	/** Those that are still to come, the next one last. */
	readonly #later: bigint[];
	#section: bigint | undefined;
	#generation = 0;

	protected constructor(
		sections: Sections<Open>,
		{ from = 0n, signal }: ReplayRange,
	) {
		const first = sectionNumber(from);
		this.#sections = sections;
		this.#signal = signal;
		this.#later = sections.numbers.filter((section) => section >= first);
		this.#later.reverse();
		this.#section = this.#later.pop();
	}

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

	async return(): Promise<IteratorResult<Step, undefined>> {
		this.#end();
		return DONE;
	}

	[Symbol.asyncIterator](): this {
		return this;
	}

	/** The rest, in batches: far fewer steps. Each is of one section. */
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

	/** The section whose turn it is. */
	protected get section(): bigint | undefined {
		return this.#section;
	}

	/** What comes next, if it was read. */
	protected abstract take(section: bigint): Step | undefined;

	/** All that comes next and was read, if anything was. */
	protected abstract takeBatch(section: bigint): Batch | undefined;

	/**
	 * Reads on in the section; false at its end. `hasChanged` where what was read of it may have been
	 * cut since.
	 */
	protected abstract read(open: Open, hasChanged: boolean): Promise<boolean>;

	/** Forgets the section: another one's turn has come, or none's. */
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
		const isMore = await this.#sections.useIfThere(section, (open) => {
			const { generation } = this.#sections;
			const hasChanged = generation !== this.#generation;
			this.#generation = generation;
			return this.read(open, hasChanged);
		});
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
