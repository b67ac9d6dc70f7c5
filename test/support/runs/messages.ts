import { assert } from "chai";

/** More than any host does before the engine yields. */
const STEPS_MAX = 30_000;

/** Repeats a step until a message arrives that was sent before the first. */
export async function untilMessage(
	step: (number: number) => Promise<unknown>,
	most = STEPS_MAX,
): Promise<void> {
	const message = new Message();
	message.send();
	for (let count = 0; !message.hasCome && count < most; count += 1) {
		await step(count);
	}
	message.check();
}

/** Waits in the event loop from the time it is sent. */
export class Message {
	readonly #channel = new MessageChannel();
	hasCome = false;

	constructor() {
		this.#channel.port1.onmessage = () => {
			this.hasCome = true;
		};
	}

	send(): void {
		this.#channel.port2.postMessage("waits");
	}

	/** Fails unless it has arrived. */
	check(): void {
		this.#channel.port1.close();
		assert.isTrue(this.hasCome);
	}
}

/** The engine may know what the clock said before: it goes on from there. */
let time = 0;

/** The clock moves on by 10 milliseconds at each look. */
export async function whileTimeFlies(body: () => Promise<void>): Promise<void> {
	time = Math.max(time, performance.now());
	performance.now = () => {
		time += 10;
		return time;
	};
	try {
		await body();
	} finally {
		Reflect.deleteProperty(performance, "now");
	}
}
