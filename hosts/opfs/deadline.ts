import { failure } from "../../src/host/answers.ts";

/** For all the browser's work on names in one call of the host. */
export const NAMES_MILLISECONDS = 15_000;
/** After the origin's data was cleared, a browser may report no lock as ended. */
export const LOCK_MILLISECONDS = 10_000;
/** For a worker's next answer: the worker reports its own late calls sooner. */
export const WORKER_MILLISECONDS = 30_000;

/** Milliseconds of a tick. A tick counts once, however long its context was frozen meanwhile. */
const TICK = 100;

/** Calls back once its context has run for so many milliseconds since the begin. */
export class Deadline {
	readonly #ticks: number;
	readonly #whenOver: () => void;
	#left = 0;
	#timer: ReturnType<typeof setInterval> | undefined;

	constructor(milliseconds: number, whenOver: () => void) {
		this.#ticks = milliseconds / TICK;
		this.#whenOver = whenOver;
	}

	/** Begins, or begins again. */
	begin(): void {
		this.#left = this.#ticks;
		this.#timer ??= setInterval(() => this.#tick(), TICK);
	}

	end(): void {
		clearInterval(this.#timer);
		this.#timer = undefined;
	}

	#tick(): void {
		this.#left -= 1;
		if (this.#left <= 0) {
			this.end();
			this.#whenOver();
		}
	}
}

/**
 * Resolves as the step does. Rejects once its context has run for so many milliseconds and the step
 * has not ended. `whenLate` must then undo later effects.
 */
export async function within<T>(
	milliseconds: number,
	what: string,
	step: Promise<T>,
	whenLate: (error: Error) => void = () => undefined,
): Promise<T> {
	const error = failure("ETIMEDOUT", what);
	let deadline: Deadline | undefined;
	const late = new Promise<never>((_, reject) => {
		deadline = new Deadline(milliseconds, () => {
			whenLate(error);
			reject(error);
		});
		deadline.begin();
	});
	try {
		return await Promise.race([step, late]);
	} finally {
		deadline?.end();
	}
}
