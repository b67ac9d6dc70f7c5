/** Milliseconds that the engine works before it yields. */
const WORK_MAX = 5;

/** Milliseconds after which an unused channel is closed, or later. */
const IDLE = 100;

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
	return messageCaller();
}

/**
 * One channel is kept while it is used: to make one for each turn takes longer than a message. An
 * open port may keep its process alive, so an idle one is closed.
 */
function messageCaller(): (call: () => void) => void {
	let channel: MessageChannel | undefined;
	let isUsed = false;
	const closeIfIdle = () => {
		if (isUsed) {
			isUsed = false;
			setTimeout(closeIfIdle, IDLE);
		} else {
			channel?.port1.close();
			channel = undefined;
		}
	};
	return (call) => {
		isUsed = true;
		if (channel === undefined) {
			channel = new MessageChannel();
			setTimeout(closeIfIdle, IDLE);
		}
		// One turn is awaited at a time.
		channel.port1.onmessage = call;
		channel.port2.postMessage(undefined);
	};
}
