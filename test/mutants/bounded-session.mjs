import { fork, spawnSync } from "node:child_process";
import { join } from "node:path";

/** A vitest in a copy of the tree. One that has not answered in time is ended, and the next question begins another. */
export class BoundedSession {
	#directory;
	#child;

	constructor(directory) {
		this.#directory = directory;
	}

	/** What came of the tests, or `stopped`: why nothing did, within so many seconds. */
	async ask(question, seconds) {
		if (this.#child === undefined) {
			await this.#begin(seconds);
		}
		this.#child.send(question);
		return await this.#message(seconds);
	}

	/** With all the workers that it has: they are a group. A browser has one of its own, and is known by where it lies. */
	end() {
		if (this.#child?.exitCode === null) {
			process.kill(-this.#child.pid, "SIGKILL");
			spawnSync("pkill", ["-KILL", "-f", this.#directory]);
		}
		this.#child = undefined;
	}

	/** Every run draws the same: what differs between two is the mutant. */
	async #begin(seconds) {
		this.#child = fork(join(this.#directory, "test/mutants/session.mjs"), {
			cwd: this.#directory,
			detached: true,
			stdio: ["ignore", "ignore", "inherit", "ipc"],
			env: { ...process.env, DUALSLOT_START: "1", DUALSLOT_SEED: undefined },
		});
		const { stopped } = await this.#message(seconds);
		if (stopped !== undefined) {
			throw new Error(`vitest does not start: ${stopped}`);
		}
	}

	#message(seconds) {
		const child = this.#child;
		return new Promise((resolve) => {
			const settle = (answer) => {
				clearTimeout(bound);
				child.removeAllListeners();
				if (answer.stopped !== undefined) {
					this.end();
				}
				resolve(answer);
			};
			const bound = setTimeout(settle, seconds * 1000, { stopped: "hung" });
			child.once("message", settle);
			child.once("exit", () => settle({ stopped: "ended its process" }));
		});
	}
}
