/** Runs an append unless one before it has failed, and has those behind it fail with it. */
type Guard = <T>(append: () => Promise<T> | T) => Promise<T>;

/** Appends to one section, from one that waits on, as long as there are any that have not ended. */
interface Run {
	/** They end in the order in which they were called. */
	last: Promise<unknown> | undefined;
	failure: { readonly error: unknown } | undefined;
}

/**
 * Appends that were called and have not ended, by section. Where one fails, all that are called
 * before it and those behind it have ended fail with it: nothing is appended behind what is
 * missing.
 */
export class PendingAppends {
	readonly #runs = new Map<bigint, Run>();

	/** Those with appends that have not ended. */
	get sections(): bigint[] {
		return [...this.#runs.keys()];
	}

	isFree(section: bigint): boolean {
		return this.#runs.size === 0 || !this.#runs.has(section);
	}

	/** Begins an append at once; it runs what changes the section through the guard. */
	async run<T>(
		section: bigint,
		begin: (guard: Guard) => Promise<T>,
	): Promise<T> {
		const run = this.#runs.get(section) ?? {
			last: undefined,
			failure: undefined,
		};
		this.#runs.set(section, run);
		const append = guarded(run, () =>
			begin((append) => guarded(run, async () => append())),
		);
		run.last = append;
		try {
			return await append;
		} finally {
			if (run.last === append) {
				this.#runs.delete(section);
			}
		}
	}

	/** Resolves when those called so far are done; rejects with what one of them failed with. */
	async done(section: bigint): Promise<void> {
		await this.#runs.get(section)?.last;
	}
}

async function guarded<T>(run: Run, append: () => Promise<T>): Promise<T> {
	if (run.failure !== undefined) {
		throw run.failure.error;
	}
	try {
		return await append();
	} catch (error) {
		run.failure ??= { error };
		throw error;
	}
}
