/** Runs an append unless an earlier one failed. When it fails, later ones fail with it. */
type Guard = <T>(append: () => Promise<T> | T) => Promise<T>;

/** A row of appends to one section: from the first that waits until all have ended. */
interface Run {
	/** Appends end in the order of their calls. */
	last: Promise<unknown> | undefined;
	failure: { readonly error: unknown } | undefined;
}

/**
 * Appends that have not ended, by section. When one fails, so do all that are called before its run
 * has ended: nothing is appended behind a gap.
 */
export class PendingAppends {
	readonly #runs = new Map<bigint, Run>();

	/** Sections with appends under way. */
	get sections(): bigint[] {
		return [...this.#runs.keys()];
	}

	isFree(section: bigint): boolean {
		return this.#runs.size === 0 || !this.#runs.has(section);
	}

	/** Begins an append at once. The append changes the section through the guard. */
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

	/** Resolves when the appends called so far are done; rejects with a failure of theirs. */
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
