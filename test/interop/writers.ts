import { nodeHost } from "../../hosts/node.ts";
import type { StorageOptions } from "../../src/storage/options.ts";
import { ScriptSession } from "../support/rust/script-session.ts";
import { openLine, type ScriptShape } from "../support/rust/script-shape.ts";
import type { CommonwareProgram } from "./programs.ts";

/** Who has a store open, and does what the lines of a script say. */
export interface Writer {
	open(directory: string, shape: ScriptShape): Promise<string>;
	ask(line: string): Promise<string>;
}

export class CommonwareWriter implements Writer {
	readonly #program: CommonwareProgram;

	constructor(program: CommonwareProgram) {
		this.#program = program;
	}

	open(directory: string, shape: ScriptShape): Promise<string> {
		return this.#program.ask(openLine(directory, shape));
	}

	ask(line: string): Promise<string> {
		return this.#program.ask(line);
	}
}

export class DualslotWriter implements Writer {
	readonly #options: StorageOptions;
	#session: ScriptSession | undefined;

	constructor(options: StorageOptions) {
		this.#options = options;
	}

	async open(directory: string, shape: ScriptShape): Promise<string> {
		const host = nodeHost(directory);
		this.#session = await ScriptSession.open(host, shape, this.#options);
		return "ok";
	}

	async ask(line: string): Promise<string> {
		if (this.#session === undefined) {
			throw new Error("no store is open");
		}
		return this.#session.obey(line);
	}

	/** Lets go of what a failed script has left open. */
	async drop(): Promise<void> {
		await this.#session?.drop();
	}
}
