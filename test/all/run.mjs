// npm run test:all [-- --part 2/6]: every test with whole counts, those of the system, of interop and of each release of Node, and
// every mutant; or one of so many parts of them. Writes what they counted into docs/testing.md, and ends non-zero if one failed.
import { execFileSync, spawn } from "node:child_process";
import {
	existsSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { recorded } from "./record.mjs";

const DOCUMENT = "docs/testing.md";

process.chdir(fileURLToPath(new URL("../..", import.meta.url)));
const { values } = parseArgs({
	options: { part: { type: "string", default: "1/1" } },
});
const [part = 0, of = 0] = values.part.split("/").map(Number);
if (!(Number.isInteger(part) && 1 <= part && part <= of)) {
	throw new RangeError(`--part is as 2/6, not ${values.part}`);
}
const directory = mkdtempSync(join(tmpdir(), "dualslot-all-"));
try {
	await runPart();
} finally {
	rmSync(directory, { recursive: true });
}

async function runPart() {
	const commit = commitNow();
	const date = new Date().toISOString().slice(0, 10);
	const { counted, ...tests } = await runTests();
	const mutants = await runMutants();
	const result = { part, of, commit, date, tests, counted, mutants };
	writeFileSync(DOCUMENT, recorded(readFileSync(DOCUMENT, "utf8"), result));
	const isRight =
		tests.failed + tests.broken.length === 0 &&
		mutants.noticed === mutants.tried;
	process.exitCode = isRight ? process.exitCode : 1;
}

/** Of the files in their order every so-manieth: neighbours take equally long. */
async function runTests() {
	const files = testFiles().filter((_, index) => index % of === part - 1);
	const path = join(directory, "counts.json");
	const { status } = await run("npx", ["vitest", "run", ...files], {
		DUALSLOT_SHARE: "1",
		DUALSLOT_SYSTEM: "1",
		DUALSLOT_INTEROP: "1",
		DUALSLOT_COUNTS: path,
	});
	if (status !== 0) {
		process.exitCode = 1;
	}
	if (!existsSync(path)) {
		throw new Error(`vitest told nothing, and ended with ${status}`);
	}
	return JSON.parse(readFileSync(path, "utf8"));
}

async function runMutants() {
	const { output } = await run("node", [
		"test/mutants/run.mjs",
		`--part=${part}/${of}`,
	]);
	const [, noticed, tried] =
		/^(\d+) of (\d+) mutants noticed$/m.exec(output) ?? [];
	if (tried === undefined) {
		throw new Error("the mutants' run has not come to its end");
	}
	return { noticed: Number(noticed), tried: Number(tried) };
}

/** Those of test/releases are run by one of test/system. */
function testFiles() {
	const listed = execFileSync("git", ["ls-files", "test/**.test.ts"], {
		encoding: "utf8",
	});
	return listed
		.split("\n")
		.filter((path) => path !== "" && !path.startsWith("test/releases/"))
		.sort();
}

function commitNow() {
	const git = (...words) =>
		execFileSync("git", words, { encoding: "utf8" }).trim();
	const changed = git("status", "--porcelain", "--untracked-files=no") !== "";
	return `${git("rev-parse", "--short", "HEAD")}${changed ? ", changed" : ""}`;
}

/** Shows what a command says, and keeps it. */
function run(command, parameters, environment = {}) {
	const env = { ...process.env, ...environment };
	const stdio = ["ignore", "pipe", "inherit"];
	const child = spawn(command, parameters, { env, stdio });
	let output = "";
	child.stdout.setEncoding("utf8").on("data", (text) => {
		process.stdout.write(text);
		output += text;
	});
	return new Promise((resolve, reject) => {
		child.on("error", reject);
		child.on("close", (status) => resolve({ status, output }));
	});
}
