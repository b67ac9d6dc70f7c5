import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { assert } from "chai";
import { afterAll, describe, test, vi } from "vitest";
import type { Core } from "../../src/core/core.ts";
import { failureOf } from "../support/runs/failure.ts";

const MEMORY = 1024 * 1024;
const PLACE = /\bassembly\/(\w+\/[\w-]+\.ts):(\d+):\d+/;

/** Calls that no caller may make, and the file whose assertion says so. */
const BROKEN: readonly (readonly [string, (core: Core) => unknown])[] = [
	["page/page.ts", ({ pages, heapBase }) => pages.validatePage(heapBase, 0)],
	["page/header.ts", ({ pages, heapBase }) => pages.encodeHeader(heapBase, -1)],
	[
		"record/value.ts",
		({ records, heapBase }) => records.checkValue(heapBase, 3),
	],
	[
		"manifest/manifest-map.ts",
		({ manifest, heapBase }) => manifest.initialize(heapBase, 3),
	],
];

// What is loaded from here on has the debug core in the other's place.
execFileSync("npm", ["run", "build:debug", "--silent"]);
vi.resetModules();
vi.doMock("../../build/core-bytes.ts", () => {
	const bytes = readFileSync("build/core.debug.wasm");
	return { coreBytes: () => new Uint8Array(bytes) };
});
const core = await (await import("../../src/core/core.ts")).Core.load(MEMORY);
const { pagedSuite } = await import("../conformance/paged.ts");
const { inMemory } = await import("../support/runs/suite.ts");

afterAll(() => {
	vi.doUnmock("../../build/core-bytes.ts");
	vi.resetModules();
});

describe("a debug core", () => {
	test.each(BROKEN)(
		"names the line of %s whose assertion fails",
		async (file, call) => {
			const failure = await failureOf(() => call(core));
			assert.propertyVal(failure, "code", "ERR_CORE_TRAP");
			const [, found = "", line = "0"] = PLACE.exec(String(failure)) ?? [];
			assert.equal(found, file);
			const source = readFileSync(`assembly/${file}`, "utf8").split("\n");
			assert.include(source[Number(line) - 1], "assert(");
		},
	);

	test("goes on after that, and answers as the core does", () => {
		core.write(core.heapBase, new TextEncoder().encode("123456789"));
		assert.equal(core.checksums.crc32c(core.heapBase, 9), 0xe3069283);
		assert.equal(core.checksums.crc32(core.heapBase, 9), 0xcbf43926);
	});

	pagedSuite({ test, host: "memory", createHost: inMemory });
});
