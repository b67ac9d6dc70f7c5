import { spawnSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { afterAll, test } from "vitest";

const SCRIPT = fileURLToPath(new URL("ended-workers.mjs", import.meta.url));

interface State {
	/** Of rings, into the process. */
	readonly mappings: number;
	readonly rings: number;
	/** Descriptors of what is written down about rings. */
	readonly records: number;
	/** Descriptors of the store's files. */
	readonly files: number;
}

const directory = realpathSync(mkdtempSync(join(tmpdir(), "dualslot-")));

afterAll(() => rmSync(directory, { recursive: true }));

test.each([
	["is terminated", "ring", "terminate"],
	["exits", "ring", "exit"],
	["throws", "ring", "throw"],
	["is terminated", "calls", "terminate"],
	["exits", "calls", "exit"],
])(
	"a worker that %s with a store open, by %s, leaves the store free, no file, and a ring to the next opener at most",
	(_, io, end) => {
		const path = join(directory, `${io}-${end}`);
		const { stdout, stderr } = spawnSync(
			process.execPath,
			[SCRIPT, path, io, end],
			{ encoding: "utf8" },
		);
		assert.notEqual(stdout, "", stderr);
		const [before, after, closed]: State[] = JSON.parse(stdout);
		assert.equal(after?.files, 0);
		assert.isAtMost(after?.rings ?? 0, (before?.rings ?? 0) + 1);
		assert.isAtMost(after?.mappings ?? 0, (before?.mappings ?? 0) + 2);
		assert.isAtMost(after?.records ?? 0, 1);
		assert.deepEqual(closed, before);
	},
);
