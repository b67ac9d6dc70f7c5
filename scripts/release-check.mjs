// node scripts/release-check.mjs    exits with 1, and lists what keeps this directory from being published
import { execSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** What only the publisher knows, or answers for. */
const FIELDS = ["repository", "homepage", "bugs", "keywords", "author"];

const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const faults = [
	...missingFields(),
	...uncommitted(),
	...undatedVersion(),
	...stale("build", "build"),
	...stale("docs/api", "docs:api"),
	...staleReadme(),
];
for (const fault of faults) {
	console.error(`not ready: ${fault}`);
}
if (faults.length === 0) {
	console.log(`ready: ${manifest.name} ${manifest.version}`);
}
process.exitCode = faults.length === 0 ? 0 : 1;

function missingFields() {
	return FIELDS.filter((field) => !isGiven(manifest[field])).map(
		(field) => `package.json has no ${field}: the publisher fills it in`,
	);
}

function isGiven(value) {
	return typeof value === "object"
		? Object.values(value ?? {}).some(isGiven)
		: typeof value === "string" && value.trim() !== "";
}

function uncommitted() {
	return run("git status --porcelain")
		.split("\n")
		.filter(Boolean)
		.map((line) => `not committed: ${line.slice(3)}`);
}

function undatedVersion() {
	const { version } = manifest;
	const heads = readFileSync("CHANGELOG.md", "utf8").split("\n");
	const dated = /^## \[(.+)\] - \d{4}-\d\d-\d\d$/;
	return heads.some((line) => dated.exec(line)?.[1] === version)
		? []
		: [`CHANGELOG.md has no "## [${version}] - " with a date`];
}

// It is made once more: what was there was tested, or read, and is published only if it is the same.
function stale(directory, script) {
	const before = digests(directory);
	run(manifest.scripts[script]);
	const after = digests(directory);
	return [...new Set([...before.keys(), ...after.keys()])]
		.filter((path) => before.get(path) !== after.get(path))
		.map((path) => `${path} was stale: look at what it is now`);
}

function staleReadme() {
	return readFileSync("README.md", "utf8").includes("not on npm yet")
		? ['README.md says "not on npm yet"']
		: [];
}

/** Of the files below a directory, by path. */
function digests(directory) {
	const names = existsSync(directory)
		? readdirSync(directory, { recursive: true }).sort()
		: [];
	const files = names
		.map((name) => join(directory, name))
		.filter((path) => statSync(path).isFile());
	return new Map(files.map((path) => [path, digest(readFileSync(path))]));
}

function digest(bytes) {
	return createHash("sha256").update(bytes).digest("hex");
}

function run(command) {
	return execSync(command, {
		encoding: "utf8",
		stdio: ["ignore", "pipe", "inherit"],
	});
}
