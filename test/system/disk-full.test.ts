import { execFileSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { afterEach, beforeEach, test } from "vitest";
import type { ErrorPlace } from "../../src/errors.ts";
import { commandLine, type Runtime } from "../support/package/programs.ts";

const FILLER = fileURLToPath(new URL("disk-full.mjs", import.meta.url));

let disk: string;

beforeEach(() => {
	disk = mkdtempSync(join(tmpdir(), "dualslot-"));
});

afterEach(() => rmdirSync(disk));

test.each([
	["in small steps", "node", 1000, 512],
	["in large steps", "node", 100_000, 4096],
	["in small steps", "deno", 1000, 512],
	["in large steps", "deno", 100_000, 4096],
] as const)(
	"a disk that fills up %s under %s fails clearly, loses nothing, and serves the same handle when there is room again",
	(_, runtime, recordSize, pageSize) => {
		const report = fillDisk(runtime, recordSize, pageSize);
		const cause = "ENOSPC";
		const { failure, creation, second } = report;
		for (const { code, ...said } of [failure, creation, second]) {
			assert.equal(code, "ERR_NO_SPACE");
			assert.deepInclude(said, { cause });
		}
		assert.deepInclude(failure.place, { partition: "records", blob: "6c6f67" });
		assert.isAtLeast(report.acknowledged, 5);
		assert.isAtLeast(report.kept, report.acknowledged);
		assert.isUndefined(report.again);
		assert.isAbove(report.found, report.kept);
	},
);

interface Failure {
	readonly code: string;
	readonly place: ErrorPlace;
	readonly cause: string;
}

interface FullDiskReport {
	readonly acknowledged: number;
	readonly kept: number;
	readonly found: number;
	readonly failure: Failure;
	readonly creation: Failure;
	readonly second: Failure;
	readonly again?: Failure;
}

/** On a small disk of its own, which the kernel takes away with the process that mounted it. */
function fillDisk(
	runtime: Runtime,
	recordSize: number,
	pageSize: number,
): FullDiskReport {
	const script = [
		'mount -t tmpfs -o size=2m none "$0"',
		'head -c 1000000 /dev/zero > "$0/filler"',
		'exec "$@"',
	].join(" && ");
	const output = execFileSync("unshare", [
		...["--map-root-user", "--mount", "sh", "-c", script, disk],
		...[...commandLine(runtime, FILLER), runtime],
		...[join(disk, "store"), join(disk, "filler")],
		...[String(recordSize), String(pageSize)],
	]);
	return JSON.parse(output.toString());
}
