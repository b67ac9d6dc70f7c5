import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { afterAll, beforeAll, test } from "vitest";
import { ConsumerProject } from "../support/package/consumer-project.ts";
import {
	nodeOfRelease,
	testedReleases,
} from "../support/package/node-releases.ts";

const MINUTES = 60_000;

let project: ConsumerProject;

beforeAll(async () => {
	project = await ConsumerProject.make();
	project.compileConsumer();
}, 5 * MINUTES);

afterAll(() => project.delete());

test("docs/platforms.md names four releases of Node or more", () => {
	assert.isAtLeast(testedReleases().length, 4);
});

test.each(testedReleases())(
	"the package keeps a record under Node %s",
	(version) => {
		const node = nodeOfRelease(version);
		assert.equal(project.run(node, "--version"), `v${version}\n`);
		assert.equal(project.runConsumer(node), "kept\n");
		assertCompressesLike(version, node);
	},
	5 * MINUTES,
);

/** What it compresses this Node reads, and the other way round; from 22.15 on it needs no library for it. */
function assertCompressesLike(version: string, node: string): void {
	const compressed = join(project.directory, "compressed");
	const library = join(project.directory, "node_modules/@hpcc-js");
	const aside = join(project.directory, "aside");
	const run = (program: string, step: string) =>
		assert.equal(project.run(program, "compressing.mjs", step), "kept\n");
	project.copyProgram("compressing.mjs");
	rmSync(compressed, { recursive: true, force: true });
	const [major = 0] = version.split(".").map(Number);
	if (major >= 22) {
		renameSync(library, aside);
		try {
			run(node, "write");
			run(node, "read");
		} finally {
			renameSync(aside, library);
		}
	} else {
		run(node, "write");
	}
	run(process.execPath, "read");
	run(process.execPath, "write");
	run(node, "read");
}
