import { throwFirst } from "./settled.ts";

/** Runs both, the second whatever comes of the first. Throws the first failure: the other may have come of it. */
export async function endingWith(
	first: () => Promise<void>,
	last: () => Promise<void>,
): Promise<void> {
	const before = await Promise.allSettled([first()]);
	const after = await Promise.allSettled([last()]);
	throwFirst([...before, ...after]);
}
