/** Turns of the microtask queue before the close of something that is being opened or used. */
export const TURNS = [
	...[0, 1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 31, 40, 50, 60],
];

export async function afterTurns(turns: number): Promise<void> {
	for (let turn = 0; turn < turns; turn += 1) {
		await undefined;
	}
}

/** How many turns of the event loop come while a step runs. */
export async function turnsDuring(step: () => Promise<void>): Promise<number> {
	let turns = 0;
	let isOver = false;
	const count = () => {
		if (!isOver) {
			turns += 1;
			inNextTurn(count);
		}
	};
	inNextTurn(count);
	try {
		await step();
	} finally {
		isOver = true;
		// What the engine has noted of this turn is of the step, too.
		await new Promise<void>(inNextTurn);
	}
	return turns;
}

function inNextTurn(call: () => void): void {
	if (typeof setImmediate === "function") {
		setImmediate(call);
		return;
	}
	const { port1, port2 } = new MessageChannel();
	port1.onmessage = () => {
		port1.close();
		call();
	};
	port2.postMessage(undefined);
}
