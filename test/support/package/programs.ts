import { resolve } from "node:path";

/**
 * The runtime of a script. A script that takes a runtime's name opens its stores through that
 * runtime's host.
 */
export type Runtime = "node" | "deno";

/** The Deno that npm installed. */
export const DENO = resolve("node_modules/.bin/deno");

export type CommandLine = readonly [command: string, ...parameters: string[]];

/** How to run a script in a runtime with all rights, before the script's own parameters. */
export function commandLine(runtime: Runtime, script: string): CommandLine {
	return runtime === "deno"
		? denoCommandLine(script, ["--allow-all"])
		: [process.execPath, script];
}

/** Deno asks nobody for missing rights, loads nothing from the network, and writes no lock file. */
export function denoCommandLine(
	script: string,
	options: readonly string[],
): CommandLine {
	const alone = ["--quiet", "--no-prompt", "--no-remote", "--no-lock"];
	return [DENO, "run", ...alone, ...options, script];
}
