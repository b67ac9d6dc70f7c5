import { execFileSync } from "node:child_process";
import {
	cpSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { afterAll, beforeAll, test } from "vitest";
import { reachableFrom } from "../tidy/imports.ts";

const BUNDLES = [
	"deno",
	"index",
	"memory",
	"metrics",
	"node",
	"opfs",
	"opfs-worker",
	"transfer",
];
const SOURCES = [
	"src/index.ts",
	"src/host/format-stats.ts",
	"src/transfer/index.ts",
	"hosts/deno.ts",
	"hosts/memory.ts",
	"hosts/node.ts",
	"hosts/opfs.ts",
	"hosts/opfs-worker.ts",
];
const DOCUMENTS = [
	"CHANGELOG.md",
	"LICENSE",
	"README.md",
	"SECURITY.md",
	"docs/architecture.md",
	"docs/durability.md",
	"docs/errors.md",
	"docs/format.md",
	"docs/journals.md",
	"docs/observing.md",
	"docs/packed.md",
	"docs/platforms.md",
	"docs/releasing.md",
	"docs/speed.md",
	"docs/stability.md",
	"docs/testing.md",
	"package.json",
];
/** What esbuild puts into files of their own, by its content. */
const SHARED = /^build\/([a-z]+-[A-Z0-9]{8}\.js)$/;

/** A copy of the package, in whose directories lies what is no part of it. */
let directory: string;
let published: string[];

beforeAll(() => {
	directory = mkdtempSync(join(tmpdir(), "dualslot-"));
	for (const path of ["build", "docs", ...DOCUMENTS]) {
		cpSync(path, join(directory, path), { recursive: true });
	}
	for (const path of ["core.debug.wasm", "core.debug.wat", "notes.txt"]) {
		writeFileSync(join(directory, "build", path), "not to be published");
	}
	writeFileSync(join(directory, "docs/draft.txt"), "not to be published");
	writeFileSync(join(directory, ".env"), "not to be published");
	published = publishedPaths();
});

afterAll(() => rmSync(directory, { recursive: true }));

test("the package is its bundles, the declarations of what they are made of, and its documents, whatever lies beside them", () => {
	const types = published.filter((path) => path.startsWith("build/types/"));
	const sources = [...reachableFrom(SOURCES)];
	const declared = sources.map((path) => path.replace(/\.ts$/, ".d.ts"));
	assert.sameMembers(
		types,
		declared.map((path) => `build/types/${path}`),
	);
	const shared = published.filter((path) => SHARED.test(path));
	const bundles = BUNDLES.map((name) => `build/${name}.js`);
	assert.sameMembers(published, [
		...[...bundles, ...shared, ...types],
		...DOCUMENTS,
	]);
});

test("of the files that bundles share, each is imported by another", () => {
	const scripts = published.filter((path) => path.endsWith(".js"));
	const texts = scripts.map((path) =>
		readFileSync(join(directory, path), "utf8"),
	);
	for (const path of scripts) {
		const [, name] = SHARED.exec(path) ?? [];
		assert.isTrue(
			name === undefined || texts.some((text) => text.includes(`"./${name}"`)),
			path,
		);
	}
});

function publishedPaths(): string[] {
	const options = ["--ignore-scripts", "--json", "--dry-run"];
	const said = execFileSync("npm", ["pack", ...options, directory], {
		encoding: "utf8",
		stdio: ["ignore", "pipe", "pipe"],
	});
	const packed: Readonly<
		Record<string, { readonly files: readonly { readonly path: string }[] }>
	> = JSON.parse(said);
	const [first] = Object.values(packed);
	return first?.files.map(({ path }) => path) ?? [];
}
