import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { afterEach, beforeEach, test } from "vitest";

const PLATFORMS = pathOf("../../docs/platforms.md");
const WITHOUT_SIMD = ["--no-enable-ssse3", "--no-enable-sse4-1"];
const AS_WINDOWS = ["--import", pathOf("as-windows.mjs")];

let directory: string;

beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), "dualslot-"));
});

afterEach(() => rmSync(directory, { recursive: true }));

test("a store opens where the platform has all that it needs", () => {
	assert.deepEqual(openUnder([]), {});
});

// Only V8's x64 compiler has flags for a processor without SIMD: elsewhere there is no such engine to start.
if (process.arch === "x64") {
	test("an engine without SIMD is refused, in the words of docs/platforms.md", () => {
		const reason = /WebAssembly with SIMD: CompileError: /;
		assertRefused(openUnder(WITHOUT_SIMD), reason);
		assertRefused(openUnder(WITHOUT_SIMD, "readOnly"), reason);
	});
}

test("Windows is refused where it would have to lock, in the words of docs/platforms.md", () => {
	openUnder([]);
	assertRefused(openUnder(AS_WINDOWS), /^Windows has no flock/);
	assert.deepEqual(openUnder(AS_WINDOWS, "readOnly"), {});
});

interface Failure {
	readonly code?: string;
	readonly message?: string;
}

function openUnder(flags: readonly string[], mode = ""): Failure {
	const program = [pathOf("open-blob.mjs"), join(directory, "store")];
	const output = execFileSync(process.execPath, [
		...flags,
		...[...program, "partition", "blob", mode],
	]);
	return JSON.parse(output.toString());
}

function assertRefused({ code, message = "" }: Failure, reason: RegExp): void {
	assert.equal(code, "ERR_UNSUPPORTED");
	assert.match(message, reason);
	// The engine's own words follow, and change with it.
	const [words = ""] = message.split(": CompileError");
	assert.include(readFileSync(PLATFORMS, "utf8"), words);
}

function pathOf(name: string): string {
	return fileURLToPath(new URL(name, import.meta.url));
}
