/** The rest of an item's work, run once the next item is under way. */
export type Rest = () => void;

export const NOTHING: Rest = () => undefined;

/**
 * Runs a step for each item, `depth` of them at once, and a step's rest once its successor is under
 * way: so the processor works on one item while the disk works on the next. When all have ended,
 * throws the first failure in item order.
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

/** As fanOut, but returns the failures by the index of their item. */
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
			// Only now has a host that submits all calls of a turn together submitted this one.
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
