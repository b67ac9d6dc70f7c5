import { spawnSync } from "node:child_process";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { afterAll, beforeAll, test } from "vitest";
import { ConsumerProject, ROOT } from "../support/package/consumer-project.ts";

const PROGRAM = "store-in-realm.mjs";
const MODULES = "--experimental-vm-modules";
/** The one name that every runner takes for a test's. */
const TEST_FILE = "realm.test.js";
/** Of jsdom's window, as Jest makes it, whose classes are missing in each such project. */
const SETUP = `import { TextDecoder, TextEncoder } from "node:util";
Object.assign(globalThis, { TextDecoder, TextEncoder });
`;
const IN_CONTEXT = fileURLToPath(new URL("in-context.mjs", import.meta.url));
const JEST = [MODULES, inRoot("jest/bin/jest.js"), TEST_FILE, "--rootDir=."];
const VITEST = [inRoot("vitest/vitest.mjs"), "run", "--globals", "--root=."];
const JSDOM = `--env=${inRoot("jest-environment-jsdom")}`;

const RUNNERS: Readonly<Record<string, readonly string[]>> = {
	"a context of node:vm": [MODULES, IN_CONTEXT, TEST_FILE],
	Jest: JEST,
	"Jest with jsdom": [...JEST, JSDOM, "--setupFiles=./setup.js"],
	"Vitest in vmThreads": [...VITEST, "--pool=vmThreads"],
	"Vitest in vmForks": [...VITEST, "--pool=vmForks"],
	"Vitest in vmThreads with jsdom": [
		...[...VITEST, "--pool=vmThreads", "--environment=jsdom"],
	],
	"Vitest with jsdom": [...VITEST, "--environment=jsdom"],
};

let project: ConsumerProject;

beforeAll(async () => {
	project = await ConsumerProject.make();
	project.copyProgram(PROGRAM);
	copyFileSync(
		join(project.directory, PROGRAM),
		join(project.directory, TEST_FILE),
	);
	writeFileSync(join(project.directory, "setup.js"), SETUP);
}, 300_000);

afterAll(() => project.delete());

test.each(Object.entries(RUNNERS))(
	"the installed package keeps what it is given, and says by code what it refuses, in %s",
	(_, command) => {
		const { status, stdout, stderr } = spawnSync(process.execPath, command, {
			cwd: project.directory,
			encoding: "utf8",
			env: { PATH: process.env.PATH, NO_COLOR: "1" },
		});
		assert.equal(status, 0, `${stdout}${stderr}`);
		assert.match(`${stdout}${stderr}`, /\b6 passed\b/);
	},
	120_000,
);

function inRoot(path: string): string {
	return join(ROOT, "node_modules", path);
}
