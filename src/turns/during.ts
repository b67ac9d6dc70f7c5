import { isPromise } from "../checks.ts";
import type { Awaitable } from "./awaitable.ts";

/**
 * Runs a step, and then its end, whether the step fails or not: both at once where the step does
 * not wait. An end throws nothing.
 */
export function during<T>(
	step: () => Awaitable<T>,
	end: () => void,
): Awaitable<T> {
	let answer: Awaitable<T>;
	try {
		answer = step();
	} catch (error) {
		end();
		throw error;
	}
	if (isPromise(answer)) {
		return answer.finally(end);
	}
	end();
	return answer;
}
