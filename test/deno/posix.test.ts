import { execFileSync } from "node:child_process";
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { afterAll, beforeAll, describe, test } from "vitest";
import { commandLine } from "../support/package/programs.ts";

const FACTS = fileURLToPath(new URL("posix-facts.mjs", import.meta.url));

interface Facts {
	readonly entries: readonly {
		readonly name?: string;
		readonly kind: string;
	}[];
	readonly pipeFailures: readonly string[];
	readonly descriptors: readonly [before: number, after: number];
	readonly removed: readonly boolean[];
	readonly isGone: boolean;
}

let parent: string;
let facts: Facts;

describe.runIf(process.platform === "linux")("on Linux", () => {
	beforeAll(() => {
		parent = mkdtempSync(join(tmpdir(), "dualslot-"));
		const store = join(parent, "store");
		mkdirSync(join(parent, "target"));
		mkdirSync(join(store, "\ufeffname"), { recursive: true });
		mkdirSync(join(store, "name\ufffd"));
		symlinkSync(join(parent, "target"), join(store, "a.link"));
		execFileSync("mkfifo", [join(store, "pipe")]);
		const name = Buffer.from([0x66, 0xff]);
		writeFileSync(Buffer.concat([Buffer.from(`${store}/`), name]), "");
		const [command, ...options] = commandLine("deno", FACTS);
		facts = JSON.parse(execFileSync(command, [...options, store]).toString());
	});

	afterAll(() => rmSync(parent, { recursive: true }));

	test("Deno lists every name: those that are no UTF-8 without it, and no other", () => {
		assert.sameDeepMembers(
			[...facts.entries],
			[
				{ kind: "file" },
				{ name: "\ufeffname", kind: "directory" },
				{ name: "name\ufffd", kind: "directory" },
				{ name: "a.link", kind: "other" },
				{ name: "pipe", kind: "other" },
			],
		);
	});

	test("Deno refuses a named pipe instead of waiting for its other end", () => {
		assert.deepEqual(facts.pipeFailures, ["EINVAL", "EINVAL", "EINVAL"]);
	});

	test("Deno removes a link without what it leads to, and a store with all its names", () => {
		assert.deepEqual(facts.removed, [true, true]);
		assert.isTrue(facts.isGone);
		assert.isTrue(existsSync(join(parent, "target")));
	});

	test("Deno keeps no descriptor of what was refused or closed", () => {
		const [before, after] = facts.descriptors;
		// Deno itself may open some on a busy machine; what a turn kept would be there twenty times.
		assert.isBelow(after, before + 20);
	});
});
