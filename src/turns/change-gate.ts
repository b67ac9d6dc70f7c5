import { deferred } from "./deferred.ts";
import { Mutex } from "./mutex.ts";
import { Signal } from "./signal.ts";

/**
 * Has calls run side by side, and changes alone: a change begins when the calls at work have ended,
 * and before those that come meanwhile begin.
 */
export class ChangeGate {
	readonly #changes = new Mutex();
	/** Calls at work, and who waits for them to end. */
	#calls = 0;
	readonly #ended = new Signal();
	/** While a change runs, or waits for the calls at work to end. */
	#changing: Promise<void> | undefined;
	/**
	 * While calls that waited for a change go on, in the order in which they came: what comes
	 * meanwhile waits behind them.
	 */
	#entering: Promise<void> | undefined;

	/** Whether a call can begin at once. */
	get isOpen(): boolean {
		return this.#changing === undefined && this.#entering === undefined;
	}

	/** Begins a call at once, or behind the change that runs and those who wait for it already. */
	enter<T>(begin: () => Promise<T>): Promise<T> {
		return this.isOpen ? begin() : this.#enterLater(begin);
	}

	/** A call is at work from now on: changes wait for it. */
	begin(): void {
		this.#calls += 1;
	}

	/** A call that began has ended. */
	end(): void {
		this.#calls -= 1;
		this.#ended.raise();
	}

	/**
	 * Runs a change when the calls at work have ended; those that come meanwhile wait. `refuse` may
	 * throw when the change's turn has come.
	 */
	alone<T>(refuse: () => void, change: () => Promise<T>): Promise<T> {
		return this.#changes.run(async () => {
			refuse();
			const { promise, resolve } = deferred();
			this.#changing = promise;
			try {
				await this.callsEnded();
				return await change();
			} finally {
				this.#changing = undefined;
				resolve();
			}
		});
	}

	/** Waits for the calls at work, those of a change included. */
	async callsEnded(): Promise<void> {
		while (this.#calls > 0) {
			await this.#ended.wait();
		}
	}

	async #enterLater<T>(begin: () => Promise<T>): Promise<T> {
		const before = this.#entering;
		const { promise, resolve } = deferred();
		this.#entering = promise;
		await before;
		while (this.#changing !== undefined) {
			await this.#changing;
		}
		if (this.#entering === promise) {
			this.#entering = undefined;
		}
		resolve();
		return begin();
	}
}
