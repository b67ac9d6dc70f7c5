import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { afterEach, beforeEach, test } from "vitest";

const CHECK = fileURLToPath(
	new URL("../../scripts/release-check.mjs", import.meta.url),
);
const FIELDS = {
	repository: { type: "git", url: "git+https://forge.invalid/sample.git" },
	homepage: "https://forge.invalid/sample",
	bugs: { url: "https://forge.invalid/sample/issues" },
	keywords: ["sample"],
	author: "A Publisher",
};
const MANIFEST = {
	name: "sample",
	version: "1.2.3",
	scripts: {
		build: "cp source.txt build/made.txt",
		"docs:api": "cp source.txt docs/api/made.txt",
	},
};
const READY: Readonly<Record<string, string>> = {
	".gitignore": "build/\n",
	"CHANGELOG.md": "# Changelog\n\n## [1.2.3] - 2026-12-31\n",
	"README.md": "npm install sample\n",
	"package.json": JSON.stringify({ ...MANIFEST, ...FIELDS }),
	"source.txt": "the source\n",
	"build/made.txt": "the source\n",
	"docs/api/made.txt": "the source\n",
};

/** A repository of a package that could be published. */
let directory: string;

beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), "dualslot-release-"));
	mkdirSync(join(directory, "build"));
	mkdirSync(join(directory, "docs/api"), { recursive: true });
	git("init", "--quiet");
	git("config", "user.name", "a test");
	git("config", "user.email", "test@forge.invalid");
	git("config", "commit.gpgsign", "false");
	commit(READY);
});

afterEach(() => rmSync(directory, { recursive: true }));

test("a package that has all that a publisher is to fill in, and is committed and built, is ready", () => {
	assert.deepEqual(check(), { status: 0, said: "ready: sample 1.2.3\n" });
});

test("a package without repository, homepage, bugs, keywords and author is not ready, and each is named", () => {
	commit({ "package.json": JSON.stringify(MANIFEST) });
	assertRefused(
		...Object.keys(FIELDS).map(
			(field) => `package.json has no ${field}: the publisher fills it in`,
		),
	);
});

test("fields that hold nothing are not filled in", () => {
	const empty = { repository: { url: "" }, keywords: [], author: " " };
	const manifest = { ...MANIFEST, ...FIELDS, ...empty };
	commit({ "package.json": JSON.stringify(manifest) });
	assertRefused(
		...Object.keys(empty).map(
			(field) => `package.json has no ${field}: the publisher fills it in`,
		),
	);
});

test("a package with changes that are not committed is not ready", () => {
	write({ "README.md": "npm install sample --save\n" });
	assertRefused("not committed: README.md");
});

test("a version that the changelog lacks, or has without a date, is not ready", () => {
	for (const head of ["## [1.2.2] - 2026-12-31", "## [1.2.3] - Unreleased"]) {
		commit({ "CHANGELOG.md": `# Changelog\n\n${head}\n` });
		assertRefused('CHANGELOG.md has no "## [1.2.3] - " with a date');
	}
});

test("a build and a reference that are not what the sources make are not ready, and are so once they were made anew and committed", () => {
	commit({ "source.txt": "another source\n" });
	assertRefused(
		"build/made.txt was stale: look at what it is now",
		"docs/api/made.txt was stale: look at what it is now",
	);
	commit({});
	assert.equal(check().status, 0);
});

test("a README that says that the package is not on npm is not ready", () => {
	commit({ "README.md": "npm install sample # not on npm yet\n" });
	assertRefused('README.md says "not on npm yet"');
});

function assertRefused(...faults: readonly string[]): void {
	const said = faults.map((fault) => `not ready: ${fault}\n`).join("");
	assert.deepEqual(check(), { status: 1, said });
}

function check(): { readonly status: number | null; readonly said: string } {
	const { status, stdout, stderr } = spawnSync(process.execPath, [CHECK], {
		cwd: directory,
		encoding: "utf8",
	});
	return { status, said: stdout + stderr };
}

function commit(files: Readonly<Record<string, string>>): void {
	write(files);
	git("add", "--all");
	git("commit", "--quiet", "--message", "a change");
}

function write(files: Readonly<Record<string, string>>): void {
	for (const [path, text] of Object.entries(files)) {
		writeFileSync(join(directory, path), text);
	}
}

function git(...words: readonly string[]): void {
	execFileSync("git", words, { cwd: directory, stdio: "pipe" });
}
