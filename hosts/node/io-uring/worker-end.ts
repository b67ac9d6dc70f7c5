import { isMainThread } from "node:worker_threads";
import { endingAtOnce } from "../../../src/turns/endings.ts";

/** What this thread has of the process, and Node knows nothing of. */
const ends = new Set<() => void>();

/**
 * Has a call made when the worker that this is ends: by itself, by process.exit, or for an error.
 * When it is terminated none of its code runs. The answer takes the call back. With the main thread
 * all ends that the process has.
 */
export function atWorkerEnd(end: () => void): () => void {
	if (isMainThread) {
		return () => undefined;
	}
	if (ends.size === 0) {
		process.on("exit", endAll);
	}
	ends.add(end);
	return () => {
		ends.delete(end);
		if (ends.size === 0) {
			process.off("exit", endAll);
		}
	};
}

/** Each, whatever comes of the others. */
function endAll(): void {
	const nothing = () => undefined;
	const all = [...ends].reduce<() => void>(
		(others, end) => () => endingAtOnce(others, end),
		nothing,
	);
	all();
}
