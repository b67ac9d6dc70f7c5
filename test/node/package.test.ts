import { readdirSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { afterAll, beforeAll, test } from "vitest";
import { ConsumerProject } from "../support/consumer-project.ts";

let project: ConsumerProject;

beforeAll(() => {
	project = new ConsumerProject();
}, 300_000);

afterAll(() => project.delete());

test("the package holds its entry points, its documents, and neither sources nor tests", () => {
	const paths = project.tarball.files.map(({ path }) => path);
	for (const path of ["index", "node", "deno", "memory"]) {
		assert.include(paths, `build/${path}.js`);
	}
	assert.includeMembers(paths, ["README.md", "LICENSE", "docs/format.md"]);
	const published = /^(build|docs)\/|^(README\.md|LICENSE|package\.json)$/;
	assert.isEmpty(paths.filter((path) => !published.test(path)));
	const kilobytes = (size: number) => `${Math.round(size / 1000)} kB`;
	console.log(
		`the package: ${kilobytes(project.tarball.size)}, unpacked ${kilobytes(project.tarball.unpackedSize)}, ${paths.length} files`,
	);
});

test("the package brings along koffi with its binary, and nothing else", () => {
	const installed = readdirSync(join(project.directory, "node_modules"));
	const visible = installed.filter((name) => !name.startsWith("."));
	assert.sameMembers(visible, ["@koromix", "dualslot", "koffi"]);
});

test("a strict TypeScript program finds the package's types, and its entry points keep a record", () => {
	project.compileConsumer();
	assert.equal(project.runConsumer(process.execPath), "kept\n");
});

test("the README's example compiles, and finds at its second run what the first one left", () => {
	project.writeExample("node");
	project.compile("example.ts");
	assert.match(project.run(process.execPath, "example.js"), /}\na line\n\n$/);
	assert.match(
		project.run(process.execPath, "example.js"),
		/}\na line\na line\n\n$/,
	);
});
