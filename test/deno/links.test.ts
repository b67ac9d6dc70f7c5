import { execFileSync } from "node:child_process";
import {
	linkSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { afterEach, beforeEach, test } from "vitest";
import { commandLine } from "../support/package/programs.ts";
import { bytesOf, toHex } from "../support/runs/bytes.ts";

const LINKS = fileURLToPath(new URL("links.mjs", import.meta.url));

let parent: string;
let store: string;

beforeEach(() => {
	parent = mkdtempSync(join(tmpdir(), "dualslot-"));
	store = join(parent, "store");
	mkdirSync(store);
});

afterEach(() => rmSync(parent, { recursive: true }));

test("Deno refuses a partition that is a link, and where it follows them the second name of a directory", () => {
	const elsewhere = join(parent, "elsewhere");
	mkdirSync(elsewhere);
	symlinkSync(elsewhere, join(store, "linked"));
	symlinkSync(elsewhere, join(store, "again"));
	const { refused, followed } = sayLinks();
	assert.deepEqual(refused, new Array(4).fill("ERR_PARTITION_CORRUPT"));
	assert.deepEqual(followed, ["done", "ERR_IN_USE", "done"]);
	assert.deepEqual(readdirSync(elsewhere), [toHex(bytesOf("name"))]);
});

test("Deno makes a file anew, and writes to none that its name leads to or that has another name", () => {
	const outside = join(parent, "outside");
	writeFileSync(outside, "kept");
	for (const link of [symlinkSync, linkSync]) {
		link(outside, join(store, "dualslot.tmp"));
		sayLinks();
		assert.equal(readFileSync(outside, "utf8"), "kept");
	}
});

interface Said {
	readonly refused: readonly string[];
	readonly followed: readonly string[];
}

function sayLinks(): Said {
	const [command, ...options] = commandLine("deno", LINKS);
	return JSON.parse(execFileSync(command, [...options, store]).toString());
}
