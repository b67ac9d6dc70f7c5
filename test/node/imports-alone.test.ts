import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { describe, test } from "vitest";
import { commandLine } from "../support/package/programs.ts";

const SCRIPT = fileURLToPath(
	new URL("../support/package/imports-alone.mjs", import.meta.url),
);

describe.each(["node", "deno"] as const)("a program in %s", (runtime) => {
	test("that only imports dualslot has nothing made for it, and ends", () => {
		assert.equal(run("import"), "0\n");
	});

	test("that has kept the engine busy ends, and leaves no message channel open", () => {
		assert.match(run("work"), /^[1-9]/);
	});

	function run(what: string): string {
		const [command, ...parameters] = commandLine(runtime, SCRIPT);
		const { stdout, stderr, signal } = spawnSync(
			command,
			[...parameters, runtime, what],
			{ encoding: "utf8", timeout: 50_000 },
		);
		assert.isNull(signal, "it did not end");
		assert.equal(stderr, "");
		return stdout;
	}
});
