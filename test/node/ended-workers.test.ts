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
		const [before, after, closed] = statesOf(io, end);
		assert.equal(after?.files, 0);
		assert.isAtMost(after?.rings ?? 0, (before?.rings ?? 0) + 1);
		assert.isAtMost(after?.mappings ?? 0, (before?.mappings ?? 0) + 2);
		assert.isAtMost(after?.records ?? 0, 1);
		assert.deepEqual(closed, before);
	},
);

test.each([
	["exits", "exit", ""],
	["throws", "throw", ""],
	["comes to its end", "return", ""],
	["is terminated where its parent has had a ring", "terminate", "opened"],
])(
	"a worker that %s with a store open gives its ring back, with what is mapped, at its end",
	(_, end, parent) => {
		const [before, after] = statesOf("ring", end, parent);
		assert.deepEqual(after, before);
	},
);

function statesOf(io: string, end: string, parent = ""): State[] {
	const path = join(directory, `${io}-${end}-${parent}`);
	const { stdout, stderr } = spawnSync(
		process.execPath,
		[SCRIPT, path, io, end, parent],
		{ encoding: "utf8" },
	);
	assert.notEqual(stdout, "", stderr);
	return JSON.parse(stdout);
}
