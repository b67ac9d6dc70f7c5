import { openPackedStore } from "../../hosts/node.ts";
import type { PackedStoreOptions } from "../../src/packed/options.ts";
import {
	HoltProgram,
	type HoltRelease,
	type HoltTransfers,
} from "./holt-programs.ts";
import { PackedSession, wordFor } from "./packed-session.ts";

/** Who has a packed store open, from a line that is answered with `ok` to `close` or `drop`, and does what lines say. */
export interface PackedWriter {
	readonly name: string;
	/** Whether it obeys `vacuum`: frames move to lower slots, a snapshot says so, and blobs.dat ends behind the last of them. */
	readonly canVacuum: boolean;
	open(directory: string): Promise<string>;
	ask(line: string): Promise<string>;
	/** Lets go of all, whatever a failed script has left open. */
	end(): Promise<void>;
}

export class HoltWriter implements PackedWriter {
	readonly name: string;
	readonly canVacuum: boolean;
	readonly #program: HoltProgram;

	constructor(release: HoltRelease, transfers: HoltTransfers = "calls") {
		this.name = `holt ${release}`;
		this.canVacuum = release !== "0.7.1";
		this.#program = new HoltProgram(release, transfers, "scripts");
	}

	open(directory: string): Promise<string> {
		return this.#program.ask(`open ${directory}`);
	}

	ask(line: string): Promise<string> {
		return this.#program.ask(line);
	}

	async end(): Promise<void> {
		await this.#program.kill();
	}
}

export class DualslotPackedWriter implements PackedWriter {
	readonly name: string;
	readonly canVacuum = false;
	readonly #options: PackedStoreOptions;
	#session: PackedSession | undefined;

	constructor(options: PackedStoreOptions) {
		this.name = `dualslot ${options.rewrite ?? "shadow"}`;
		this.#options = options;
	}

	/**
	 * The one that takes the place of holt's release: the same slots, and the same verdicts. What is overwritten in place and then not
	 * flushed would not have its checksum.
	 */
	static like(release: HoltRelease): DualslotPackedWriter {
		const verdicts = "holt-0.7.1";
		return new DualslotPackedWriter(
			release === "0.7.1"
				? { verdicts, rewrite: "in-place", checksums: false }
				: { verdicts, rewrite: "shadow" },
		);
	}

	async open(directory: string): Promise<string> {
		try {
			const store = await openPackedStore(directory, this.#options);
			this.#session = new PackedSession(store);
			return "ok";
		} catch (error) {
			return wordFor(error);
		}
	}

	async ask(line: string): Promise<string> {
		if (this.#session === undefined) {
			throw new Error("no store is open");
		}
		return this.#session.obey(line);
	}

	async end(): Promise<void> {
		await this.#session?.drop();
	}
}
