import { isMainThread } from "node:worker_threads";
import { endingAtOnce } from "../../../src/turns/endings.ts";

/** Releases this thread's resources that Node does not know of. */
const ends = new Set<() => void>();

/**
 * Calls `end` when this worker ends: by itself, by process.exit, or for an error. A terminated
 * worker runs no code. The returned function cancels that. In the main thread nothing is called:
 * the process ends with it.
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

/** Calls each, even if others fail. */
function endAll(): void {
	const nothing = () => undefined;
	const all = [...ends].reduce<() => void>(
		(others, end) => () => endingAtOnce(others, end),
		nothing,
	);
	all();
}
