import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { afterAll, test } from "vitest";

const SCRIPT = fileURLToPath(new URL("late-calls.mjs", import.meta.url));

const directory = mkdtempSync(join(tmpdir(), "dualslot-"));

afterAll(() => rmSync(directory, { recursive: true }));

test.each(["ring", "calls"])(
	"a process that asks closed files by %s, closes them again, and exits while calls are under way, ends by itself",
	(io) => {
		const path = join(directory, io);
		const arguments_ = [SCRIPT, path, io];
		const { stdout, stderr, status, signal } = spawnSync(
			process.execPath,
			arguments_,
			{ encoding: "utf8" },
		);
		assert.deepEqual([status, signal], [0, null], stderr);
		assert.deepEqual(JSON.parse(stdout), {
			codes: new Array(6).fill("EBADF"),
			found: new Array(8).fill(2),
		});
	},
);
