import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { afterEach, beforeEach, test } from "vitest";
import { denoCommandLine } from "../support/package/programs.ts";

const OPENER = fileURLToPath(new URL("open-blob.mjs", import.meta.url));

let parent: string;
let store: string;

beforeEach(() => {
	parent = mkdtempSync(join(tmpdir(), "dualslot-"));
	store = join(parent, "store");
});

afterEach(() => rmSync(parent, { recursive: true }));

test("a store is refused without the right to write it, and is not made", () => {
	for (const rights of [[], [`--allow-read=${parent}`]]) {
		assertDenied(open(rights), "write", store);
		assert.isFalse(existsSync(store));
	}
});

test("a new store is refused without the right to read the directory that is to hold its name", () => {
	const rights = [`--allow-read=${store}`, `--allow-write=${store}`];
	assertDenied(open(rights), "read", parent);
	assertDenied(open(rights), "read", parent);
	assert.deepEqual(readdirSync(parent), ["store"]);
	assert.deepEqual(readdirSync(store), []);
});

test("a new store opens with the rights to read the directory above and to write its own", () => {
	assert.deepEqual(
		open([`--allow-read=${parent}`, `--allow-write=${store}`]),
		{},
	);
});

test("a store that is there opens with the rights to its own directory", () => {
	makeStore();
	const rights = [`--allow-read=${store}`, `--allow-write=${store}`];
	assert.deepEqual(open(rights), {});
});

test("a store is read with the right to read its directory, and refused without", () => {
	makeStore();
	assert.deepEqual(open([`--allow-read=${store}`], "readOnly"), {});
	assertDenied(open([], "readOnly"), "read", store);
});

interface Failure {
	readonly kind?: string;
	readonly code?: string;
	readonly message?: string;
	readonly cause?: string;
}

function makeStore(): void {
	assert.deepEqual(open(["--allow-all"]), {});
}

function open(rights: readonly string[], mode = ""): Failure {
	const [command, ...options] = denoCommandLine(OPENER, rights);
	const parameters = [...options, store, "partition", "blob", mode];
	return JSON.parse(execFileSync(command, parameters).toString());
}

function assertDenied(failure: Failure, right: string, path: string): void {
	const { kind, code, cause, message } = failure;
	assert.equal(kind, "StorageError");
	assert.equal(code, "ERR_IO");
	assert.equal(cause, "NotCapable");
	assert.include(message, `Requires ${right} access to "${path}"`);
	assert.include(message, `--allow-${right}`);
}
