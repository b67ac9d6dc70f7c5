import { yieldIfDue } from "./event-loop.ts";

/** A look at the clock takes as long as a tenth of the shortest step. */
const STEPS_PER_LOOK = 16;

/**
 * Lets other tasks of the event loop have their turns between many short steps that wait for
 * nothing, as reads of what is in memory.
 */
export class Pace {
	#steps = 0;

	/** As yieldIfDue, behind a step. */
	step(): Promise<void> | undefined {
		this.#steps = (this.#steps + 1) % STEPS_PER_LOOK;
		return this.#steps === 0 ? yieldIfDue() : undefined;
	}

	/** Resolves to a step's answer, at once or where it is due in the next turn. */
	answer<T>(value: T): Promise<T> {
		const turn = this.step();
		return turn === undefined ? Promise.resolve(value) : turn.then(() => value);
	}

	/** The answers of a step for each item. */
	async map<T, R>(
		items: readonly T[],
		step: (item: T, index: number) => R,
	): Promise<R[]> {
		const answers: R[] = [];
		for (const item of items) {
			answers.push(step(item, answers.length));
			const turn = this.step();
			if (turn !== undefined) {
				await turn;
			}
		}
		return answers;
	}
}
