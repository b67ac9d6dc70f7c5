import { endingAll, endingIfFailed } from "./endings.ts";

/** Files, locks and memory, in the order in which they were opened and taken. */
export type Held = { close(): Promise<void> }[];

/**
 * Closes all files, releases all locks and gives memory back, the last one first. Throws the first
 * failure.
 */
export async function letGo(held: Held): Promise<void> {
	const last = held.splice(0).reverse();
	await endingAll(last.map(({ close }) => close));
}

/** Runs an open that takes more with each step, and releases all of it where a step fails. */
export async function holding<T>(open: (held: Held) => Promise<T>): Promise<T> {
	const held: Held = [];
	return endingIfFailed(
		() => open(held),
		() => letGo(held),
	);
}
