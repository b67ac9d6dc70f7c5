import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Random } from "../support/runs/prng.ts";
import { packedFilesOf } from "./packed-files.ts";
import { PackedScript } from "./packed-script.ts";
import type { PackedWriter } from "./packed-writers.ts";

export interface PackedCrossingOptions {
	/** An empty directory. */
	readonly parent: string;
	/** The one that has the first copy open first, then the other. */
	readonly writers: readonly [PackedWriter, PackedWriter];
	/** What each copy is to hold before it is opened; nothing by default. */
	readonly prepare?: (directory: string) => void;
}

/**
 * A random script, done to two copies of a packed store at once, one by each writer, who change places from session to session:
 * what one wrote, the other opens, reads whole and goes on with, and it comes back. All answers must be the same; after each
 * flush so must all bytes of the log, what the snapshot says, and the length of blobs.dat.
 */
export class PackedCrossing {
	/** What was done, line by line; the first copy's answers where they differ. */
	readonly lines: string[] = [];
	readonly #random: Random;
	readonly #script: PackedScript;
	readonly #directories: readonly [string, string];
	#writers: readonly [PackedWriter, PackedWriter];

	constructor(random: Random, options: PackedCrossingOptions) {
		const { parent, writers, prepare } = options;
		this.#random = random;
		this.#script = new PackedScript(random);
		this.#directories = [join(parent, "first"), join(parent, "second")];
		this.#writers = writers;
		for (const directory of this.#directories) {
			prepare?.(directory);
		}
	}

	async run(): Promise<void> {
		for (let left = this.#random.integer(1, 4); left > 0; left -= 1) {
			await this.#session(this.#random.integer(1, 12));
			const [first, second] = this.#writers;
			this.#writers = [second, first];
		}
		// Each reads what the other wrote last.
		await this.#session(0);
	}

	async #session(operations: number): Promise<void> {
		const [one, other] = this.#directories;
		const [first, second] = this.#writers;
		const opened = await Promise.all([first.open(one), second.open(other)]);
		this.#note(`open, by ${first.name}`, opened);
		this.#compareFiles();
		await this.#compareContents();
		for (let left = operations; left > 0; left -= 1) {
			await this.#operation(this.#script.line());
		}
		await this.#operation("needs_flush");
		await this.#operation(this.#random.chance(0.7) ? "close" : "drop");
	}

	async #operation(line: string): Promise<void> {
		await this.#tell(line);
		if (line === "flush" || line === "close") {
			this.#compareFiles();
		}
	}

	/** Of the script's own GUIDs: what a copy was made to hold names frames that are nowhere. */
	async #compareContents(): Promise<void> {
		const listed = (await this.#tell("list")).split(" ");
		const found = this.#script.guids.filter((guid) => listed.includes(guid));
		await this.#tell(["digest", ...found].join(" "));
	}

	/** Has both writers do the same at once. */
	async #tell(line: string): Promise<string> {
		const asked = this.#writers.map((writer) => writer.ask(line));
		const answers = await Promise.all(asked);
		this.#note(line, answers);
		return answers[0] ?? "";
	}

	#note(line: string, answers: readonly string[]): void {
		const [first = "", second = ""] = answers;
		this.lines.push(`${line} → ${excerpt(first)}`);
		if (first !== second) {
			throw new Error(`the other answers ${excerpt(second)}`);
		}
	}

	#compareFiles(): void {
		const [first, second] = this.#directories.map(packedFilesOf);
		if (!isDeepStrictEqual(first, second)) {
			const [one, other] = [first, second].map((files) =>
				JSON.stringify(files).slice(0, 10_000),
			);
			throw new Error(`the files differ:\n${one}\n\n${other}`);
		}
	}
}

function excerpt(text: string): string {
	return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}
