import { failure } from "../../src/host-answers.ts";

/** Milliseconds that count once, however long a context that was frozen slept through them. */
const TICK = 100;

/** What a step comes to; it fails once its context has run for so many milliseconds, and the step has not ended. */
export async function within<T>(
	milliseconds: number,
	what: string,
	step: Promise<T>,
): Promise<T> {
	let timer: ReturnType<typeof setInterval> | undefined;
	let left = milliseconds / TICK;
	const late = new Promise<never>((_, reject) => {
		timer = setInterval(() => {
			left -= 1;
			if (left <= 0) {
				reject(failure("ETIMEDOUT", what));
			}
		}, TICK);
	});
	try {
		return await Promise.race([step, late]);
	} finally {
		clearInterval(timer);
	}
}
