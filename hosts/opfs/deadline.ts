import { failure } from "../../src/host/answers.ts";

/** For all that one call of the host asks of the browser about names. */
export const NAMES_MILLISECONDS = 15_000;
/** A browser in which the origin's data has been cleared may say of no lock that it has ended. */
export const LOCK_MILLISECONDS = 10_000;
/** For a worker's next answer: it is to tell first of a call that is late for it. */
export const WORKER_MILLISECONDS = 30_000;

/** Milliseconds that count once, however long a context that was frozen slept through them. */
const TICK = 100;

/** Calls back once its context has run for so many milliseconds since it was begun. */
export class Deadline {
	readonly #ticks: number;
	readonly #whenOver: () => void;
	#left = 0;
	#timer: ReturnType<typeof setInterval> | undefined;

	constructor(milliseconds: number, whenOver: () => void) {
		this.#ticks = milliseconds / TICK;
		this.#whenOver = whenOver;
	}

	/** Begins, or begins anew. */
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
 * What a step comes to; it fails once its context has run for so many milliseconds, and the step
 * has not ended. What it does after that is for `whenLate` to take back.
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
