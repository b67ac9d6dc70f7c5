import { type ScriptShape, shapeIn } from "./script-shape.ts";

/** A small store that commonware's crates wrote, with what they read in it. */
export interface CommonwareStore {
	readonly name: string;
	/** The crates'. */
	readonly release: string;
	/**
	 * The script that wrote it, as test/interop's programs read it; the directory is called `store`.
	 * Between two sessions `cut` gives a file another length.
	 */
	readonly script: readonly string[];
	/** The line that reads all. */
	readonly question: string;
	/** The number of its records, and their digest. */
	readonly answer: string;
	/** In hex, by `partition/name`. */
	readonly files: Readonly<Record<string, string>>;
}

/** The line that opens it as its last session did. */
export function openingOf({ script }: CommonwareStore): string {
	return script.filter((line) => line.startsWith("open ")).at(-1) ?? "";
}

/** The parameters of its journal; undefined for a kind that is not built in. */
export function shapeOf(store: CommonwareStore): ScriptShape | undefined {
	return shapeIn(openingOf(store));
}

/** Whether its last session was closed, and nothing was cut off since. */
export function isWhole({ script }: CommonwareStore): boolean {
	return script.at(-1) === "close";
}
