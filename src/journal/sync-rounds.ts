import type { OpenSection } from "./open-section.ts";

/** Calls for one section that one host sync answers. */
interface Round {
	readonly flush: Promise<void>;
	readonly answer: Promise<void>;
	calls: number;
}

/**
 * The syncs of a journal's sections. Calls that share a host sync share one promise, and so all of
 * the way to it and back: many writers cost little more than one.
 */
export class SyncRounds {
	readonly #rounds = new WeakMap<OpenSection, Round>();
	#answered = 0;

	/** Calls that were answered without a failure. */
	get answered(): number {
		return this.#answered;
	}

	/**
	 * Syncs an open section. `hold` keeps it open, and names it in errors, until the sync has ended.
	 */
	run(
		open: OpenSection,
		hold: (flush: Promise<void>) => Promise<void>,
	): Promise<void> {
		const flush = open.sync();
		const joined = this.#rounds.get(open);
		if (joined?.flush === flush) {
			joined.calls += 1;
			return joined.answer;
		}
		const answer = hold(flush).then(() => {
			this.#answered += round.calls;
		});
		const round = { flush, answer, calls: 1 };
		this.#rounds.set(open, round);
		return answer;
	}
}
