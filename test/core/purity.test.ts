import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, expect, test, vi } from "vitest";
import * as format from "../../assembly/format.ts";
import { coreBytes } from "../../build/core-bytes.ts";
import { Core } from "../../src/core/core.ts";
import { CORE_CALLS } from "../../src/core/exports.ts";

const SIZE_LIMIT = 32 * 1024;

const ABI = [
	"checkValue",
	"claimsAll",
	"copyMappings",
	"copySlots",
	"countWholeValues",
	"crc32",
	"crc32c",
	"decodeVarint",
	"encodeDelete",
	"encodeFrameRecord",
	"encodeHeader",
	"encodePlace",
	"encodeSet",
	"encodeSnapshot",
	"encodeStamp",
	"encodeVarint",
	"findMapping",
	"forgetPositions",
	"freeRanges",
	"heapBase",
	"initManifest",
	"isTornPage",
	"isTornRecord",
	"isTruncatedPage",
	"judgeRecords",
	"judgeType",
	"lastAfterSync",
	"lastEntryWithin",
	"lastValidPage",
	"listGuids",
	"loadMappings",
	"manifestSize",
	"markedRanges",
	"memory",
	"moveManifest",
	"nextFittingPageSize",
	"nextSlot",
	"parseHeader",
	"parseSnapshot",
	"parseStamp",
	"planWrite",
	"prefixChecksums",
	"putMapping",
	"removeMapping",
	"replayLog",
	"resultAddress",
	"retiredLength",
	"scanFrames",
	"scanValueRun",
	"sealPages",
	"sealValue",
	"setNextSlot",
	"slotAtRisk",
	"sortMappings",
	"stageShrink",
	"validatePage",
	"validateRun",
];

const module = await WebAssembly.compile(coreBytes());
let debugText = "";

beforeAll(() => {
	execFileSync("node", ["scripts/build.mjs", "--debug"]);
	debugText = readFileSync("build/core.debug.wat", "utf8");
});

test("the core imports nothing from any host", () => {
	expect(WebAssembly.Module.imports(module)).toEqual([]);
});

test("the core exports its ABI and nothing else", () => {
	const names = WebAssembly.Module.exports(module).map(({ name }) => name);
	expect(names.sort()).toEqual(ABI);
});

test("assembly/index.ts has the ABI on one screen, and only that", () => {
	const source = readFileSync("assembly/index.ts", "utf8");
	const names = [...source.matchAll(/export \{([^}]*)\}/g)].flatMap(
		([, list]) => (list ?? "").split(",").map((name) => name.trim()),
	);
	expect([...names.filter((name) => name !== ""), "memory"].sort()).toEqual(
		ABI,
	);
	expect(source.split("\n").length).toBeLessThan(56);
});

test("src/core/exports.ts has the types of what assembly/index.ts exports", () => {
	const made = execFileSync("node", ["scripts/build.mjs", "--exports"]);
	expect(readFileSync("src/core/exports.ts", "utf8")).toBe(made.toString());
	expect([...CORE_CALLS, "memory"].sort()).toEqual(ABI);
});

test("the core is smaller than 32 KiB, and what is inlined is what was built", () => {
	expect(coreBytes().length).toBeLessThan(SIZE_LIMIT);
	expect(Buffer.compare(coreBytes(), readFileSync("build/core.wasm"))).toBe(0);
});

test("the core has no allocator and no runtime of AssemblyScript", () => {
	expect(debugText).toContain("$assembly/page/page/validatePage");
	expect(debugText).not.toContain("~lib/rt");
});

test("the core was compiled with the constants of format.ts", () => {
	const compiled = [
		...debugText.matchAll(
			/\(global \$assembly\/format\/(\w+) i32 \(i32\.const (-?\d+)\)\)/g,
		),
	].map(([, name, value]) => [name, Number(value)]);
	expect(Object.fromEntries(compiled)).toEqual({ ...format });
});

test("assembly/ allocates nothing, throws nothing and has no decorators", () => {
	const sources = readdirSync("assembly");
	for (const name of sources.filter((file) => /^[^.]*\.ts$/.test(file))) {
		const source = readFileSync(`assembly/${name}`, "utf8");
		const code = source
			.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "")
			.replace(/from ".*"/g, "");
		expect(code, name).not.toMatch(/\bnew\b|\bthrow\b|"|'|`|=>|^\s*@/m);
	}
});

test("the core's memory has the size that was asked for, in whole 64 KiB, and its heap lies within", async () => {
	const core = await Core.load(1_000_000);
	expect(core.memoryBytes).toBe(16 * 65536);
	expect(core.heapBase).toBeLessThan(40 * 1024);
	expect((await Core.load(0)).memoryBytes).toBe(65536);
});

test("two cores share nothing", async () => {
	const [one, other] = [await Core.load(65536), await Core.load(65536)];
	one.bytes(one.heapBase, 1).fill(1);
	expect(other.bytes(other.heapBase, 1)[0]).toBe(0);
});

test("a memory that the engine cannot give is ERR_MEMORY", async () => {
	await expect(Core.load(2 ** 32 + 1)).rejects.toMatchObject({
		code: "ERR_MEMORY",
	});
	await expect(Core.load(2 ** 52)).rejects.toMatchObject({
		code: "ERR_MEMORY",
	});
});

test("a memory that the engine cannot give takes no more of it each time that it is asked for", async () => {
	vi.resetModules();
	const { Core: Fresh } = await import("../../src/core/core.ts");
	const grown = vi.spyOn(WebAssembly.Memory.prototype, "grow");
	for (const size of [2 ** 33, 2 ** 34, 2 ** 52]) {
		await expect(Fresh.load(size)).rejects.toMatchObject({
			code: "ERR_MEMORY",
		});
	}
	await Fresh.load(131072);
	expect(new Set(grown.mock.contexts).size).toBe(1);
	grown.mockRestore();
});

test("an engine that refuses the core is ERR_UNSUPPORTED", async () => {
	vi.resetModules();
	const refusal = vi
		.spyOn(WebAssembly, "compile")
		.mockRejectedValue(new WebAssembly.CompileError("no SIMD"));
	const { Core: Fresh } = await import("../../src/core/core.ts");
	await expect(Fresh.load(65536)).rejects.toMatchObject({
		code: "ERR_UNSUPPORTED",
	});
	refusal.mockRestore();
});
