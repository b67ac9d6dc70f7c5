/** Wakes all waiters each time it is raised. A woken waiter checks its condition again. */
export class Signal {
	#waiting: (() => void)[] = [];

	wait(): Promise<void> {
		return new Promise((resolve) => this.#waiting.push(resolve));
	}

	raise(): void {
		if (this.#waiting.length > 0) {
			const woken = this.#waiting;
			this.#waiting = [];
			for (const wake of woken) {
				wake();
			}
		}
	}
}
