// A store whose process is killed while it appends, again and again.
import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const APPENDING = fileURLToPath(new URL("appending.mjs", import.meta.url));
/** Milliseconds that a process goes on appending, at most. */
const LIFE = 100;

export class KilledStore {
	#program;
	#durable = 0;

	/** Of `bytes`, once it has been opened for the first time. */
	constructor({ name, kind, directory, bytes }) {
		this.#program = [name, kind, directory, String(bytes)];
	}

	/**
	 * Opens in a new process what the last one has left, lets it append, and kills it. Resolves to what that process said of
	 * opening; throws when it did not find all that the last one knew to be durable.
	 */
	async open() {
		const child = fork(APPENDING, this.#program);
		const exited = once(child, "exit");
		const durable = this.#durable;
		let opened;
		const filled = new Promise((resolve) => {
			child.on("message", (message) => {
				opened ??= message;
				this.#durable = message.length;
				if (message.isFilled) {
					resolve();
				}
			});
		});
		await Promise.race([filled, exited]);
		await setTimeout(Math.random() * LIFE);
		child.kill("SIGKILL");
		const [, signal] = await exited;
		if (signal !== "SIGKILL" || opened.length < durable) {
			const found = `${opened?.length} found of ${durable}`;
			throw new Error(`${this.#program}: ${signal}, ${found}`);
		}
		return opened;
	}
}
