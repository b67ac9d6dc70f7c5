import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { afterAll, beforeAll, test } from "vitest";
import { ConsumerProject, ROOT } from "../support/consumer-project.ts";

const MINUTES = 60_000;

let project: ConsumerProject;

beforeAll(() => {
	project = new ConsumerProject();
	project.compileConsumer();
}, 5 * MINUTES);

afterAll(() => project.delete());

test("the README names three releases of Node or more", () => {
	assert.isAtLeast(releasesOfReadme().length, 3);
});

// Each is downloaded, and is some 30 MB.
test.each(releasesOfReadme())(
	"the package keeps a record under Node %s",
	(version) => {
		const prefix = join(project.directory, version);
		const options = ["--no-audit", "--no-fund", "--prefix", prefix];
		const release = `node-${process.platform}-${process.arch}`;
		project.run("npm", "install", ...options, `${release}@${version}`);
		const node = join(prefix, "node_modules", release, "bin/node");
		assert.equal(project.run(node, "--version"), `v${version}\n`);
		assert.equal(project.runConsumer(node), "kept\n");
	},
	5 * MINUTES,
);

function releasesOfReadme(): string[] {
	const readme = readFileSync(join(ROOT, "README.md"), "utf8");
	const [row] = readme.match(/^\| Node .*$/m) ?? [""];
	return row.match(/\d+\.\d+\.\d+/g) ?? [];
}
