import type { Awaitable } from "./awaitable.ts";

/*
 * What ends because something failed often fails of the same cause, and says less of it: the first
 * failure is the one that is thrown, and none keeps what comes after it from being let go.
 */

/**
 * Runs both, the second whatever comes of the first. Answers what the first does; throws the first
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

/**
 * Runs a step, and where it fails the end of what had begun before. Throws what the step failed
 * with.
 */
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

/**
 * Runs all ends, one after another, each whatever comes of those before it. Throws the first
 * failure.
 */
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

/** As endingWith, of what answers at once. */
export function endingAtOnce<T>(first: () => T, last: () => void): T {
	const answer = endingAtOnceIfFailed(first, last);
	last();
	return answer;
}

/** As endingIfFailed, of what answers at once. */
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

/** Throws what the first of some that have ended was rejected with, if any was. */
export function throwFirst(
	results: readonly PromiseSettledResult<unknown>[],
): void {
	for (const result of results) {
		if (result.status === "rejected") {
			throw result.reason;
		}
	}
}
