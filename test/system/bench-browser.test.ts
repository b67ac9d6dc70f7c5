import { execFileSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { assert } from "chai";
import { test } from "vitest";
import { ROOT } from "../support/package/consumer-project.ts";

const BENCH = join(ROOT, "bench/browser.mjs");
const ROWS = [
	"first durable append to a new store",
	"one durable append of 256 bytes",
	"8192 entries of 256 bytes, durable once at the end",
	"replay of all entries",
	"from a cache of 1 MiB",
	"past that cache",
];

test("the bench of browsers has every peer in every row, in a worker and in a window", () => {
	const options = [BENCH, "--quick"];
	const said = execFileSync(process.execPath, options, { encoding: "utf8" });
	for (const scope of ["worker", "window"]) {
		const [, inScope = ""] = said.split(`in a ${scope}`);
		for (const row of ROWS) {
			assert.include(inScope, row, scope);
		}
	}
	assert.notInclude(said, "does not run here");
});
