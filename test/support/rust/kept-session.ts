import { StorageError } from "../../../src/errors.ts";
import type { Host } from "../../../src/host/host.ts";
import { MEMORY } from "../runs/suite.ts";
import { CodecSession } from "../stores/codec-session.ts";
import { PackedScript } from "./packed-script.ts";
import { RawSession } from "./raw-session.ts";
import { ScriptSession } from "./script-session.ts";
import { shapeIn } from "./script-shape.ts";

interface Session {
	obey(line: string): Promise<string>;
	drop(): Promise<void>;
}

/**
 * One store of any kind, and its sessions in turn: each begins with `open`, and ends with `close`
 * or `drop`.
 */
export class KeptSession {
	readonly #host: Host;
	#session: Session | undefined;

	constructor(host: Host) {
		this.#host = host;
	}

	/** The answer, or the error's code. */
	async obey(line: string): Promise<string> {
		try {
			return await this.#obey(line);
		} catch (error) {
			if (error instanceof StorageError) {
				return error.code;
			}
			throw error;
		}
	}

	async drop(): Promise<void> {
		await this.#session?.drop();
		this.#session = undefined;
	}

	async #obey(line: string): Promise<string> {
		if (line.startsWith("open ")) {
			this.#session = await opened(this.#host, line);
			return "ok";
		}
		if (line === "drop") {
			await this.drop();
			return "ok";
		}
		if (this.#session === undefined) {
			throw new Error(`${line}: nothing is open`);
		}
		return this.#session.obey(line);
	}
}

function opened(host: Host, line: string): Promise<Session> {
	const [, , kind = "", option] = line.split(" ");
	const shape = shapeIn(line);
	if (shape !== undefined) {
		return ScriptSession.open(host, shape, { memory: MEMORY });
	}
	switch (kind) {
		case "raw":
			return RawSession.open(host, option === "read-only");
		case "codec":
			return CodecSession.open(host);
		case "packed":
			return PackedScript.open(host);
		default:
			throw new Error(`no kind is called ${kind}`);
	}
}
