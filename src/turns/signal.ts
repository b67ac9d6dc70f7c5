/** Wakes all that wait, each time it is raised. Who wakes looks again at what it waited for. */
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
