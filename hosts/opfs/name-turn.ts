import type { Awaitable } from "../../src/turns/awaitable.ts";
import { Mutex } from "../../src/turns/mutex.ts";
import { NAMES_MILLISECONDS, within } from "./deadline.ts";

/**
 * Names change one at a time, and no file is opened meanwhile. A step that does not end in its time
 * fails, and so does each one that comes before it has ended after all: what it then does to a name
 * it does to nobody's who was told that it failed.
 */
export class NameTurn {
	readonly #mutex = new Mutex();
	/** What the step failed with that is still under way. */
	#late: Error | undefined;

	/** `giveBack` is called with what a step comes to that has failed by then. */
	run<T>(
		what: string,
		step: () => Promise<T>,
		giveBack: (answer: T) => Awaitable<void> = () => undefined,
	): Promise<T> {
		return this.#mutex.run(async () => {
			if (this.#late !== undefined) {
				throw this.#late;
			}
			const work = step();
			const whenLate = (error: Error) => {
				this.#late = error;
				const over = () => {
					this.#late = undefined;
				};
				work.then(giveBack).then(over, over);
			};
			const late = `the browser did not answer: ${what}`;
			return within(NAMES_MILLISECONDS, late, work, whenLate);
		});
	}
}
