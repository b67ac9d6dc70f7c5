/** Milliseconds that the engine works on while others wait. */
const WORK_MAX = 5;

/**
 * Calls back when all that waits in the event loop by then has had its turn. Made when it is first
 * needed, and not by an import.
 */
let callInNextTurn: ((call: () => void) => void) | undefined;

/** When the engine began to work in this turn of the event loop. */
let began: number | undefined;
let nextTurn: Promise<void> | undefined;

/**
 * A host that answers at once leaves no turn to what else waits in the event loop, be there a
 * thousand syncs. Answers a promise that resolves in the next turn where the engine has worked for
 * long enough in this one; undefined else.
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
 * Timers alone are everywhere, and browsers hold them back by milliseconds, or seconds where nobody
 * looks.
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
			// One that is open may keep its process alive.
			port1.close();
			call();
		};
		port2.postMessage(undefined);
	};
}
