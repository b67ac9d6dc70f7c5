import type { Awaitable } from "./awaitable.ts";

/*
 * A cleanup after a failure often fails for the same cause, with an error that says less. So the
 * first failure is thrown, and none prevents the cleanups after it.
 */

/**
 * Runs both, the second even if the first fails. Returns the result of the first; throws the first
 * failure.
 */
export async function endingWith<T>(
	first: () => Awaitable<T>,
	last: () => Awaitable<unknown>,
): Promise<T> {
	const answer = await endingIfFailed(first, last);
	await last();
	return answer;
}

/** Runs a step, and where it fails the end of what had begun before. Throws the step's failure. */
export async function endingIfFailed<T>(
	step: () => Awaitable<T>,
	end: () => Awaitable<unknown>,
): Promise<T> {
	try {
		return await step();
	} catch (error) {
		await endingAll([end]).catch(() => undefined);
		throw error;
	}
}

/** Runs all ends, one after another, even if some fail. Throws the first failure. */
export async function endingAll(
	ends: Iterable<() => Awaitable<unknown>>,
): Promise<void> {
	const failures: unknown[] = [];
	for (const end of ends) {
		try {
			await end();
		} catch (error) {
			failures.push(error);
		}
	}
	if (failures.length > 0) {
		throw failures[0];
	}
}

/** As endingWith, for synchronous steps. */
export function endingAtOnce<T>(first: () => T, last: () => void): T {
	const answer = endingAtOnceIfFailed(first, last);
	last();
	return answer;
}

/** As endingIfFailed, for synchronous steps. */
export function endingAtOnceIfFailed<T>(step: () => T, end: () => void): T {
	try {
		return step();
	} catch (error) {
		try {
			end();
		} catch {
			// The step's failure is thrown.
		}
		throw error;
	}
}

/** Throws the reason of the first rejected result, if there is one. */
export function throwFirst(
	results: readonly PromiseSettledResult<unknown>[],
): void {
	for (const result of results) {
		if (result.status === "rejected") {
			throw result.reason;
		}
	}
}
