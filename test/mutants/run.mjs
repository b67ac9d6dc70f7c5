// npm run test:mutants [part of a name, or --part=2/6, or --share=24]: breaks one rule of the engine at a time, in a copy of the
// working tree, and expects the power cuts or the suites to notice. Ends non-zero when one goes unnoticed.
import { execFileSync, spawnSync } from "node:child_process";
import {
	cpSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { MUTANTS } from "./mutants.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const copy = mkdtempSync(join(tmpdir(), "dualslot-mutants-"));
/** The quick ones first: most mutants go no further. */
const TESTS = [
	[
		...["test/core", "test/hosts/memory"],
		...["test/node/ring.test.ts", "test/node/ring-file.test.ts"],
		"test/node/platform-counts.test.ts",
	],
	["test/crash"],
];
/** A mutant may wait for ever; the power cuts bring a bound of their own. */
const OPTIONS = [
	// Half a million appends for each hash, and as many mutations of frames, say nothing that the suites do not say sooner.
	"--exclude",
	"**/published-hashes.test.ts",
	"--exclude",
	"**/compression-mutations.test.ts",
	"--bail",
	"1",
	"--reporter",
	"default",
	"--testTimeout",
	"60000",
];

process.on("exit", () => rmSync(copy, { recursive: true, force: true }));

copyTree();
for (const { breaks, file, find } of MUTANTS) {
	const source = readFileSync(join(copy, file), "utf8");
	if (source.split(find).length !== 2) {
		throw new Error(`${file} does not hold the text of "${breaks}" just once`);
	}
}
const unbroken = runTests();
if (unbroken.status !== 0) {
	console.error(
		`the tests fail before anything is broken:\n${unbroken.output}`,
	);
	process.exit(1);
}
const chosen = chosenOf(MUTANTS, process.argv[2] ?? "");
const survivors = chosen.filter((mutant) => !isNoticed(mutant));
const noticed = chosen.length - survivors.length;
console.log(`${noticed} of ${chosen.length} mutants noticed`);
process.exit(survivors.length === 0 && chosen.length > 0 ? 0 : 1);

/** All, those that a text names, one part of so many, or the part of so many whose turn it is with this commit. */
function chosenOf(mutants, which) {
	const [, part, parts] = /^--part=(\d+)\/(\d+)$/.exec(which) ?? [];
	const [, share] = /^--share=(\d+)$/.exec(which) ?? [];
	if (part === undefined && share === undefined) {
		return mutants.filter(({ breaks }) => breaks.includes(which));
	}
	const of = Number(parts ?? share);
	const turn = part === undefined ? turnOfCommit(of) : Number(part) - 1;
	console.log(`the mutants ${turn + 1}, ${turn + 1 + of} and so on`);
	return mutants.filter((_, index) => index % of === turn);
}

function turnOfCommit(of) {
	const commit = execFileSync("git", ["rev-parse", "HEAD"], {
		cwd: root,
		encoding: "utf8",
	});
	return Number.parseInt(commit.slice(0, 8), 16) % of;
}

function copyTree() {
	const listed = execFileSync(
		"git",
		["ls-files", "--cached", "--others", "--exclude-standard", "-z"],
		{ cwd: root, encoding: "utf8" },
	);
	for (const path of listed.split("\0").filter(Boolean)) {
		mkdirSync(join(copy, dirname(path)), { recursive: true });
		cpSync(join(root, path), join(copy, path));
	}
	symlinkSync(resolve(root, "node_modules"), join(copy, "node_modules"));
}

function isNoticed(mutant) {
	const { breaks, file, find, replace } = mutant;
	const path = join(copy, file);
	const source = readFileSync(path, "utf8");
	writeFileSync(
		path,
		source.replace(find, () => replace),
	);
	const { status, output } = runTests();
	writeFileSync(path, source);
	const by = /(?:FAIL|×)\s+(.*)/.exec(output)?.[1] ?? "the build";
	const verdict = status === 0 ? "NOT NOTICED" : `noticed by ${by.trim()}`;
	console.log(`${MUTANTS.indexOf(mutant) + 1}. ${breaks}: ${verdict}`);
	return status !== 0;
}

/** With a share of the images: enough for hundreds of each class. */
function runTests() {
	const built = spawnSync("node", ["scripts/build.mjs"], {
		cwd: copy,
		encoding: "utf8",
	});
	if (built.status !== 0) {
		throw new Error(`a mutant must build:\n${built.stdout}${built.stderr}`);
	}
	let result = { status: 0, output: "" };
	for (const folders of TESTS) {
		if (result.status === 0) {
			result = vitest(folders);
		}
	}
	return result;
}

function vitest(folders) {
	const { status, stdout, stderr } = spawnSync(
		"npx",
		["vitest", "run", ...folders, ...OPTIONS],
		{
			cwd: copy,
			encoding: "utf8",
			env: { ...process.env, NO_COLOR: "1", DUALSLOT_SHARE: "0.2" },
		},
	);
	return { status, output: `${stdout}${stderr}` };
}
