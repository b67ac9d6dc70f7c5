import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { commandLine, type Runtime } from "../package/programs.ts";

const LOCK = fileURLToPath(new URL("hold-lock.mjs", import.meta.url));
const STORE = fileURLToPath(new URL("hold-store.mjs", import.meta.url));
const REFUSED = 3;

interface Holding {
	/** The holder's own id, where the started process is only its wrapper. */
	readonly pid: number;
	/** The id of the child that it leaves behind, if asked to. */
	readonly child?: number;
}

/** A process in either runtime that takes something, says so, and keeps it until it is killed. */
export class Holder {
	readonly #process: ChildProcess;
	readonly #exited: Promise<unknown[]>;
	readonly #said: Promise<unknown[]>;

	/** Runs a script whose first parameter is the runtime's name. The script ends with its input. */
	constructor(
		runtime: Runtime,
		script: string,
		...parameters: readonly string[]
	) {
		const [command, ...options] = commandLine(runtime, script);
		const given = [...options, runtime, ...parameters];
		const stdio: ["pipe", "pipe", "inherit"] = ["pipe", "pipe", "inherit"];
		const child = spawn(command, given, { stdio });
		this.#process = child;
		this.#exited = once(child, "exit");
		this.#said = once(child.stdout, "data");
	}

	/** Takes the lock of a directory. Its child, if it is to leave one behind, lives some seconds. */
	static ofLock(
		runtime: Runtime,
		directory: string,
		...childSeconds: readonly string[]
	): Holder {
		return new Holder(runtime, LOCK, directory, ...childSeconds);
	}

	/** Has the store in a directory open. */
	static ofStore(runtime: Runtime, directory: string): Holder {
		return new Holder(runtime, STORE, directory);
	}

	/** Waits until it has what it is to hold. */
	async holding(): Promise<Holding> {
		const [said] = await Promise.race([this.#said, this.#exited]);
		assert.instanceOf(said, Buffer, "it ended before it held anything");
		return JSON.parse(said.toString());
	}

	/** Waits until it ends because another holds the lock. */
	async refused(): Promise<void> {
		const [said] = await Promise.race([this.#said, this.#exited]);
		assert.equal(said, REFUSED);
	}

	/** Kills it; no program can prevent that. */
	async kill(): Promise<void> {
		const { pid } = await this.holding();
		process.kill(pid, "SIGKILL");
		await this.#exited;
	}

	/** Ends it if it has not ended. */
	async end(): Promise<void> {
		this.#process.stdin?.end();
		await this.#exited;
	}
}
