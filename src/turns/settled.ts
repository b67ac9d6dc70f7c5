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
