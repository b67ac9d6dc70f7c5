/**
 * Runs changes of one blob one at a time, in the order of their calls. Where one fails, those
 * called before its end fail with it: nothing is appended behind a gap. Later calls begin anew.
 */
export class AppendQueue {
	#last: Promise<unknown> | undefined;

	/** Whether no change runs or waits. */
	get isFree(): boolean {
		return this.#last === undefined;
	}

	async run<T>(body: () => Promise<T>): Promise<T> {
		const turn = this.#last === undefined ? body() : this.#last.then(body);
		this.#follow(turn);
		return await turn;
	}

	/** Resolves when all changes called so far are done; rejects with the failure of any. */
	async done(): Promise<void> {
		await this.#last;
	}

	/** Resolves when all changes called so far have ended, even in failure. */
	async ended(): Promise<void> {
		await Promise.allSettled([this.#last]);
	}

	/**
	 * Runs a step that is no change: it waits for the changes before it, even if they fail, and those
	 * behind do not fail with it.
	 */
	async between<T>(body: () => Promise<T>): Promise<T> {
		const before = this.#last;
		const turn = before === undefined ? body() : before.then(body, body);
		const passOn = () => before;
		this.#follow(turn.then(passOn, passOn));
		return await turn;
	}

	/** The caller and those behind get a failure; this only waits for the end. */
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
