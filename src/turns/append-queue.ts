/**
 * Changes of one blob, in the order in which they are called, one at a time. Where one fails, those
 * that were called before it ended fail with it: nothing is appended behind what is missing. What
 * is called later begins anew.
 */
export class AppendQueue {
	#last: Promise<unknown> | undefined;

	/** Whether nothing is under way or waits. */
	get isFree(): boolean {
		return this.#last === undefined;
	}

	async run<T>(body: () => Promise<T>): Promise<T> {
		const turn = this.#last === undefined ? body() : this.#last.then(body);
		this.#follow(turn);
		return await turn;
	}

	/**
	 * Resolves when all that was called so far has been done; rejects with the failure of any of it.
	 */
	async done(): Promise<void> {
		await this.#last;
	}

	/** Resolves when all that was called so far has ended, however it ends. */
	async ended(): Promise<void> {
		await Promise.allSettled([this.#last]);
	}

	/**
	 * Runs what is no change itself: it waits for those before it however they end, and those behind
	 * it do not fail with it.
	 */
	async between<T>(body: () => Promise<T>): Promise<T> {
		const before = this.#last;
		const turn = before === undefined ? body() : before.then(body, body);
		const passOn = () => before;
		this.#follow(turn.then(passOn, passOn));
		return await turn;
	}

	/** A failure belongs to who called, and to those behind: here it is only waited for. */
	#follow(turn: Promise<unknown>): void {
		this.#last = turn;
		const release = () => {
			if (this.#last === turn) {
				this.#last = undefined;
			}
		};
		turn.then(release, release);
	}
}
