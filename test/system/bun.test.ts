import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { test } from "vitest";
import { installed } from "../support/package/node-releases.ts";

const PROGRAM = fileURLToPath(new URL("append-and-count.mjs", import.meta.url));
/** Some 90 MB. */
const BUN = `@oven/bun-linux-${process.arch === "arm64" ? "aarch64" : "x64"}`;
const RELEASE = "1.4.5";
const MINUTES = 60_000;

test(
	"Bun finds in a store what it and Node wrote before, section by section",
	() => {
		const directory = mkdtempSync(join(tmpdir(), "dualslot-"));
		const runtimes = [
			join(installed(BUN, RELEASE), "bin/bun"),
			process.execPath,
		];
		const found: [number, number][] = [];
		for (let turn = 0; turn < 6; turn += 1) {
			const runtime = runtimes[turn % 2] ?? "";
			const store = join(directory, "store");
			const output = execFileSync(runtime, [PROGRAM, store]).toString();
			assert.deepEqual(JSON.parse(output), { found, blobs: turn + 1 });
			found.push([turn, turn]);
		}
		rmSync(directory, { recursive: true });
	},
	5 * MINUTES,
);
