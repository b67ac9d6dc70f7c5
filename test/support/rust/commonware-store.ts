import { type ScriptShape, shapeIn } from "./script-shape.ts";

/** A small store that commonware's crates wrote, with what they read in it. */
export interface CommonwareStore {
	readonly name: string;
	/** Of the crates. */
	readonly release: string;
	/**
	 * What wrote it, as the programs of test/interop read it; the directory is called `store`. Between two sessions `cut` gives a
	 * file another length.
	 */
	readonly script: readonly string[];
	/** What reads all of it. */
	readonly question: string;
	/** How many records it holds, and their digest. */
	readonly answer: string;
	/** In hex, by `partition/name`. */
	readonly files: Readonly<Record<string, string>>;
}

/** The line that opens it as its last session did. */
export function openingOf({ script }: CommonwareStore): string {
	return script.filter((line) => line.startsWith("open ")).at(-1) ?? "";
}

/** What its journal is opened with; undefined for a kind that is not built in. */
export function shapeOf(store: CommonwareStore): ScriptShape | undefined {
	return shapeIn(openingOf(store));
}

/** Whether its last session was closed and nothing was cut off since. */
export function isWhole({ script }: CommonwareStore): boolean {
	return script.at(-1) === "close";
}
