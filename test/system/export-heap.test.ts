import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { test } from "vitest";
import { SCRATCH } from "../support/disks/scratch.ts";

const PROGRAM = fileURLToPath(new URL("export-heap.mjs", import.meta.url));
/** Of 384 MiB that are exported beside: two bytes for each KiB. */
const LEFT_AT_MOST = 768 * 1024;

test("exports leave no heap behind, however much they copy", () => {
	const scratch = mkdtempSync(join(SCRATCH, "dualslot-"));
	try {
		const said = execFileSync(
			process.execPath,
			["--expose-gc", PROGRAM, join(scratch, "store")],
			{ encoding: "utf8" },
		);
		const [first = 0, ...later] = JSON.parse(said) as number[];
		assert.lengthOf(later, 3);
		assert.isBelow((later.at(-1) ?? 0) - first, LEFT_AT_MOST);
	} finally {
		rmSync(scratch, { recursive: true });
	}
});
