/** Work under way that an end waits for. */
export class UnderWay {
	readonly #all = new Set<Promise<unknown>>();

	async run<T>(body: () => Promise<T>): Promise<T> {
		const work = body();
		this.#all.add(work);
		try {
			return await work;
		} finally {
			this.#all.delete(work);
		}
	}

	/** Waits for all of it, even if it fails, and for work that begins meanwhile. */
	async settle(): Promise<void> {
		while (this.#all.size > 0) {
			await Promise.allSettled(this.#all);
		}
	}
}
