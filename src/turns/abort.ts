/** The waiters for one signal. */
interface Waiting {
	readonly calls: Set<() => void>;
	readonly wake: () => void;
}

const WAITING = new WeakMap<AbortSignal, Waiting>();

/**
 * Calls back once when a signal is aborted; the returned function cancels that. All waiters of a
 * signal share one listener: Node warns of a leak at more than ten.
 */
export function onAbort(
	signal: AbortSignal | undefined,
	call: () => void,
): () => void {
	if (signal === undefined) {
		return () => undefined;
	}
	const waiting = WAITING.get(signal) ?? listen(signal);
	// Each waiter has its own function, even if two passed the same.
	const own = () => call();
	waiting.calls.add(own);
	return () => {
		waiting.calls.delete(own);
		if (waiting.calls.size === 0) {
			signal.removeEventListener("abort", waiting.wake);
			WAITING.delete(signal);
		}
	};
}

function listen(signal: AbortSignal): Waiting {
	const calls = new Set<() => void>();
	const wake = () => {
		for (const call of [...calls]) {
			call();
		}
	};
	const waiting = { calls, wake };
	WAITING.set(signal, waiting);
	signal.addEventListener("abort", wake);
	return waiting;
}
