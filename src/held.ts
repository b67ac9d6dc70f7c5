/** Files, locks and memory, in the order in which they were opened and taken. */
export type Held = { close(): Promise<void> }[];

/** Closes files, releases locks and gives memory back, the last one first, all of them. Throws the first failure. */
export async function letGo(held: Held): Promise<void> {
	const failures: unknown[] = [];
	for (const { close } of held.splice(0).reverse()) {
		await close().catch((error: unknown) => failures.push(error));
	}
	if (failures.length > 0) {
		throw failures[0];
	}
}

/** Opens something that holds more with each step, and lets go of all of it where a step fails. */
export async function holding<T>(open: (held: Held) => Promise<T>): Promise<T> {
	const held: Held = [];
	try {
		return await open(held);
	} catch (error) {
		// What the open failed with says more than what letting go does.
		await letGo(held).catch(() => undefined);
		throw error;
	}
}
