import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { afterAll, describe, test } from "vitest";
import { commandLine, type Runtime } from "../support/package/programs.ts";
import { expandCalls, parseTrace } from "./system-calls.ts";

const CALLER = fileURLToPath(new URL("traced-calls.mjs", import.meta.url));
const DOCUMENT = fileURLToPath(
	new URL("../../docs/durability.md", import.meta.url),
);
/** With a question mark: not every processor has every one of them. */
const TRACED = [
	..."access faccessat faccessat2 openat mkdir mkdirat pwrite64 pwritev pwritev2".split(
		" ",
	),
	..."write writev ftruncate fdatasync fsync sync_file_range flock".split(" "),
	..."rename renameat renameat2 link linkat unlink unlinkat rmdir".split(" "),
].map((name) => `?${name}`);

/** The system calls of each call of the table. */
type Trace = ReadonlyMap<string, readonly string[]>;

const documented = documentedCalls();
const directory = mkdtempSync(join(tmpdir(), "dualslot-"));
const traces = new Map<Runtime, Trace>();

afterAll(() => rmSync(directory, { recursive: true }));

describe.each(["node", "deno"] as const)("under %s", (runtime) => {
	test("the table of system calls has a row for each call that is traced, and no other", () => {
		assert.sameMembers([...documented.keys()], [...traceOf(runtime).keys()]);
	});

	test.each([...documented])(
		"%s makes the system calls of the table, in their order",
		(call, calls) => {
			assert.deepEqual(traceOf(runtime).get(call), expandCalls(calls));
		},
	);
});

/** One trace serves all tests of a runtime; without strace each of them fails and says so. */
function traceOf(runtime: Runtime): Trace {
	const traced = traces.get(runtime) ?? trace(runtime);
	traces.set(runtime, traced);
	return traced;
}

function trace(runtime: Runtime): Trace {
	requireStrace();
	const store = join(directory, runtime);
	const output = join(directory, `${runtime}.trace`);
	const options = ["-f", "-y", "-s", "0", "-e", `trace=${TRACED.join(",")}`];
	execFileSync("strace", [
		...[...options, "-o", output],
		...[...commandLine(runtime, CALLER), runtime, store],
	]);
	return parseTrace(readFileSync(output, "utf8"), store);
}

function requireStrace(): void {
	const { error } = spawnSync("strace", ["--version"]);
	if (error !== undefined) {
		throw new Error(
			"strace is missing, without which no test sees the system calls: apt-get install strace, or run .ci/run, which does",
			{ cause: error },
		);
	}
}

/** The rows of the document's table whose second column is code, by the text of the first. */
function documentedCalls(): Map<string, string[]> {
	const text = readFileSync(DOCUMENT, "utf8");
	const section = text.split(/^## /m).find((part) => part.startsWith("Each"));
	const rows = (section ?? "").matchAll(/^\| (.+?) +\| (.+?) +\|$/gm);
	return new Map(
		[...rows].slice(2).map(([, call = "", calls = ""]) => {
			const found = [...calls.matchAll(/`([^`]+)`/g)];
			return [call.replaceAll("`", ""), found.map(([, code = ""]) => code)];
		}),
	);
}
