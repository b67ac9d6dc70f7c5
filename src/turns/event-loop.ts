/** Milliseconds that the engine works before it yields. */
const WORK_MAX = 5;

/**
 * Calls back after all tasks that already wait in the event loop. Made at its first use, not by an
 * import.
 */
let callInNextTurn: ((call: () => void) => void) | undefined;

/** When the engine began to work in this turn of the event loop. */
let began: number | undefined;
let nextTurn: Promise<void> | undefined;

/**
 * A synchronous host never yields to other tasks of the event loop, even in a thousand syncs.
 * Returns a promise that resolves in the next turn where the engine has worked long enough in this
 * one; else undefined.
 */
export function yieldIfDue(): Promise<void> | undefined {
	const now = performance.now();
	if (began === undefined) {
		callInNextTurn ??= nextTurnCaller();
		const callLater = callInNextTurn;
		began = now;
		nextTurn = new Promise((resolve) => {
			callLater(() => {
				began = undefined;
				resolve();
			});
		});
	}
	return now - began < WORK_MAX ? undefined : nextTurn;
}

/**
 * Only timers exist everywhere, but browsers delay them by milliseconds, in hidden pages by
 * seconds.
 */
function nextTurnCaller(): (call: () => void) => void {
	if (typeof setImmediate === "function") {
		const immediately = setImmediate;
		return (call) => immediately(call);
	}
	if (typeof MessageChannel !== "function") {
		return (call) => setTimeout(call);
	}
	return (call) => {
		const { port1, port2 } = new MessageChannel();
		port1.onmessage = () => {
			// An open port may keep its process alive.
			port1.close();
			call();
		};
		port2.postMessage(undefined);
	};
}
