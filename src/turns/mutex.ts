/** Runs bodies one at a time, in the order in which they came. */
export class Mutex {
	#last: Promise<unknown> | undefined;

	get isFree(): boolean {
		return this.#last === undefined;
	}

	async run<T>(body: () => Promise<T>): Promise<T> {
		const turn = this.#last === undefined ? body() : this.#last.then(body);
		// Those behind wait for this turn to end, even in failure; only its caller gets the failure.
		const ended = turn.then(
			() => undefined,
			() => undefined,
		);
		this.#last = ended;
		try {
			return await turn;
		} finally {
			if (this.#last === ended) {
				this.#last = undefined;
			}
		}
	}
}
