import { deferred } from "./deferred.ts";
import { Mutex } from "./mutex.ts";
import { Signal } from "./signal.ts";

/**
 * Runs calls side by side, and changes alone. A change begins after the calls under way, and before
 * the calls that come meanwhile.
 */
export class ChangeGate {
	readonly #changes = new Mutex();
	/** Calls under way, and the waiters for their end. */
	#calls = 0;
	readonly #ended = new Signal();
	/** Set while a change runs, or waits for the calls under way. */
	#changing: Promise<void> | undefined;
	/**
	 * Set while calls that waited for a change begin, in their order: calls that come meanwhile wait
	 * behind them.
	 */
	#entering: Promise<void> | undefined;

	/** Whether a call can begin at once. */
	get isOpen(): boolean {
		return this.#changing === undefined && this.#entering === undefined;
	}

	/** Begins a call at once, or after the running change and the calls that wait for it already. */
	enter<T>(begin: () => Promise<T>): Promise<T> {
		return this.isOpen ? begin() : this.#enterLater(begin);
	}

	/** A call is under way from now on: changes wait for it. */
	begin(): void {
		this.#calls += 1;
	}

	/** A call that began has ended. */
	end(): void {
		this.#calls -= 1;
		this.#ended.raise();
	}

	/**
	 * Runs a change after the calls under way; calls that come meanwhile wait. `refuse` may throw
	 * when the change's turn has come.
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

	/** Waits for the calls under way, including a change's own. */
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
