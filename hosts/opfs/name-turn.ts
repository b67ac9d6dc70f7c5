import type { Awaitable } from "../../src/turns/awaitable.ts";
import { Mutex } from "../../src/turns/mutex.ts";
import { NAMES_MILLISECONDS, within } from "./deadline.ts";

/**
 * Names change one at a time, and no file is opened meanwhile. A step that does not end in time
 * fails. Until it has ended, every later step fails too: so its late effects change no name for a
 * later caller.
 */
export class NameTurn {
	readonly #mutex = new Mutex();
	/** The error of the late step that is still under way. */
	#late: Error | undefined;

	/** `giveBack` gets the result of a step that had failed by then. */
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
