/** What is left to be done of an item once the next one is under way. */
export type Rest = () => void;

export const NOTHING: Rest = () => undefined;

/**
 * Runs a step for each item, `depth` of them at once, and what a step has left once the one that
 * takes its place is under way: while the disk is busy with the next, so is the processor with the
 * last. Throws the first failure in their order, when all have ended.
 */
export async function fanOut<T>(
	items: readonly T[],
	depth: number,
	step: (item: T) => Promise<Rest>,
): Promise<void> {
	const failures = await fanOutSettling(items, depth, step);
	const [first, ...others] = failures.keys();
	if (first !== undefined) {
		const least = others.reduce((one, other) => Math.min(one, other), first);
		throw failures.get(least);
	}
}

/** As fanOut, and answers what failed, by where in their order it stands. */
export async function fanOutSettling<T>(
	items: readonly T[],
	depth: number,
	step: (item: T) => Promise<Rest>,
): Promise<ReadonlyMap<number, unknown>> {
	const failures = new Map<number, unknown>();
	const begin = async (index: number, item: T): Promise<Rest> => {
		try {
			const rest = await step(item);
			return () => finish(index, rest);
		} catch (error) {
			failures.set(index, error);
			return NOTHING;
		}
	};
	const finish = (index: number, rest: Rest) => {
		try {
			rest();
		} catch (error) {
			failures.set(index, error);
		}
	};
	const left = items.entries();
	const worker = async () => {
		let rest = NOTHING;
		for (const [index, item] of left) {
			const begun = begin(index, item);
			// Only then has a host that is handed a turn's calls together been handed this one.
			await undefined;
			rest();
			rest = await begun;
		}
		rest();
	};
	const count = Math.min(depth, items.length);
	await Promise.all(Array.from({ length: count }, worker));
	return failures;
}
