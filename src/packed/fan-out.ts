/** Runs a step for each item, `depth` of them at once. Throws the first failure in their order, when all have ended. */
export async function fanOut<T>(
	items: readonly T[],
	depth: number,
	step: (item: T) => Promise<void>,
): Promise<void> {
	const failures = new Map<number, unknown>();
	let next = 0;
	const worker = async () => {
		for (let index = next++; index < items.length; index = next++) {
			const item = items[index];
			try {
				await (item === undefined ? undefined : step(item));
			} catch (error) {
				failures.set(index, error);
			}
		}
	};
	const count = Math.min(depth, items.length);
	await Promise.all(Array.from({ length: count }, worker));
	if (failures.size > 0) {
		throw failures.get(Math.min(...failures.keys()));
	}
}
