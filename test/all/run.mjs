// npm run test:all [-- --part 2/8]: every test with whole counts, those of the system, of interop and of each release of Node, and
// every mutant; or one of so many parts of them. Writes what they counted into docs/testing.md, and ends non-zero if one failed.
import { execFileSync, spawn, spawnSync } from "node:child_process";
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
import { partOf } from "./parts.mjs";
import { recorded } from "./record.mjs";

const DOCUMENT = "docs/testing.md";

/** Commands without which the tests of a folder fail, after hours perhaps. */
const NEEDED = {
	"test/system/": ["strace", "unshare", "fincore", "mkfifo", "cc"],
	"test/interop/": ["cargo", "cc"],
};

process.chdir(fileURLToPath(new URL("../..", import.meta.url)));
const { part, of } = partAsked();
const files = testFiles().filter((path) => partOf(path, of) === part);
if (files.length === 0) {
	throw new RangeError("no file of tests is in this part");
}
refuseWithout(neededBy(files));
const directory = mkdtempSync(join(tmpdir(), "dualslot-all-"));
try {
	await runPart();
} finally {
	rmSync(directory, { recursive: true });
}

function partAsked() {
	const { values } = parseArgs({
		options: { part: { type: "string", default: "1/1" } },
	});
	const [part = 0, of = 0] = values.part.split("/").map(Number);
	if (!(Number.isInteger(part) && 1 <= part && part <= of)) {
		throw new RangeError(`--part is as 2/8, not ${values.part}`);
	}
	return { part, of };
}

function neededBy(files) {
	const folders = Object.keys(NEEDED).filter((folder) =>
		files.some((path) => path.startsWith(folder)),
	);
	return folders.flatMap((folder) => NEEDED[folder]);
}

function refuseWithout(commands) {
	const missing = commands.filter(
		(command) => spawnSync("which", [command]).status !== 0,
	);
	if (missing.length > 0) {
		throw new Error(
			`this part needs ${missing.join(", ")}: .ci/run installs what it can`,
		);
	}
}

/** What is written is written at the end: a part that was killed leaves the record as it was. */
async function runPart() {
	const commit = commitNow();
	const began = performance.now();
	const { counted, ...tests } = await runTests();
	const mutants = await runMutants();
	const result = {
		...{ part, of, tests, counted, mutants },
		commit: commitNow() === commit ? commit : `${commit}, changed meanwhile`,
		date: new Date().toISOString().slice(0, 10),
		minutes: Math.ceil((performance.now() - began) / 60_000),
	};
	writeFileSync(DOCUMENT, recorded(readFileSync(DOCUMENT, "utf8"), result));
	if (tests.failed.length > 0 || !mutants.isRight) {
		process.exitCode = 1;
	}
}

async function runTests() {
	const path = join(directory, "counts.json");
	const { status } = await run("npx", ["vitest", "run", ...files], {
		DUALSLOT_SHARE: "1",
		DUALSLOT_SYSTEM: "1",
		DUALSLOT_INTEROP: "1",
		DUALSLOT_COUNTS: path,
	});
	if (!existsSync(path)) {
		throw new Error(`vitest told nothing, and ended with ${status}`);
	}
	const counts = JSON.parse(readFileSync(path, "utf8"));
	const isUntold = status !== 0 && counts.failed.length === 0;
	return isUntold
		? { ...counts, failed: [`no test: vitest ended with ${status}`] }
		: counts;
}

async function runMutants() {
	const { status, output } = await run("node", [
		"test/mutants/run.mjs",
		`--part=${part}/${of}`,
	]);
	const [, noticed, tried] =
		/^(\d+) of (\d+) mutants noticed$/m.exec(output) ?? [];
	if (tried === undefined) {
		throw new Error("the mutants' run has not come to its end");
	}
	const isRight = status === 0;
	return { noticed: Number(noticed), tried: Number(tried), isRight };
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

/** The record is no change: the parts that were run before have written it. */
function commitNow() {
	const git = (...words) =>
		execFileSync("git", words, { encoding: "utf8" }).trim();
	const changes = ["status", "--porcelain", "--untracked-files=no"];
	const changed = git(...changes, "--", ".", `:!${DOCUMENT}`) !== "";
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
