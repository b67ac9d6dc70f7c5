import { spawnSync } from "node:child_process";
import { readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import zlib from "node:zlib";
import { assert } from "chai";
import { afterAll, beforeAll, test } from "vitest";
import { ConsumerProject } from "../support/package/consumer-project.ts";

let project: ConsumerProject;

beforeAll(async () => {
	project = await ConsumerProject.make();
	project.writeConsumer("node");
	project.writeExample("node");
	project.compile("consumer.ts", "example.ts");
}, 300_000);

afterAll(() => project.delete());

test("the package holds its entry points, its documents, and neither sources nor tests", () => {
	const paths = project.tarball.files.map(({ path }) => path);
	for (const path of ["index", "node", "deno", "memory"]) {
		assert.include(paths, `build/${path}.js`);
	}
	assert.includeMembers(paths, ["README.md", "LICENSE", "docs/format.md"]);
	const published =
		/^(build|docs)\/|^(README\.md|CHANGELOG\.md|SECURITY\.md|LICENSE|package\.json)$/;
	assert.isEmpty(paths.filter((path) => !published.test(path)));
	const kilobytes = (size: number) => `${Math.round(size / 1000)} kB`;
	console.log(
		`the package: ${kilobytes(project.tarball.size)}, unpacked ${kilobytes(project.tarball.unpackedSize)}, ${paths.length} files`,
	);
});

test("the package brings along koffi with its binary and zstd's library, and nothing else", () => {
	const installed = readdirSync(join(project.directory, "node_modules"));
	const visible = installed.filter((name) => !name.startsWith("."));
	assert.sameMembers(visible, ["@hpcc-js", "@koromix", "dualslot", "koffi"]);
});

test("a strict TypeScript program finds the package's types, and its entry points keep a record", () => {
	assert.equal(project.runConsumer(process.execPath), "kept\n");
});

test("what is compressed is found again by the installed package", () => {
	project.copyProgram("compressing.mjs");
	for (const step of ["write", "read", "write", "read"]) {
		const said = project.run(process.execPath, "compressing.mjs", step);
		assert.equal(said, "kept\n");
	}
});

test("compression that neither Node nor the library has is an error that names what to install", () => {
	const library = join(project.directory, "node_modules/@hpcc-js");
	const aside = join(project.directory, "aside");
	renameSync(library, aside);
	try {
		const hasOwn = "zstdCompressSync" in zlib;
		const { status, stderr } = spawnSync(
			process.execPath,
			["compressing.mjs", "read"],
			{ cwd: project.directory, encoding: "utf8" },
		);
		assert.equal(status, hasOwn ? 0 : 1);
		assert.equal(stderr.includes("ERR_ZSTD_MISSING"), !hasOwn);
		assert.equal(stderr.includes("install @hpcc-js/wasm-zstd"), !hasOwn);
	} finally {
		renameSync(aside, library);
	}
});

test("the README's example compiles, and finds at its second run what the first one left", () => {
	assert.match(project.run(process.execPath, "example.js"), /}\na line\n\n$/);
	assert.match(
		project.run(process.execPath, "example.js"),
		/}\na line\na line\n\n$/,
	);
});
