import { rmSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { afterAll, beforeAll, test } from "vitest";
import { ConsumerProject } from "../support/package/consumer-project.ts";
import { DENO, denoCommandLine } from "../support/package/programs.ts";

let project: ConsumerProject;

beforeAll(async () => {
	project = await ConsumerProject.make();
	project.writeConsumer("deno");
	project.writeExample("deno");
	// Only Node's host may load it.
	rmSync(join(project.directory, "node_modules/koffi"), { recursive: true });
}, 300_000);

afterAll(() => project.delete());

test("Deno's own compiler finds the package's types", () => {
	project.run(DENO, "check", "--no-lock", "consumer.ts", "example.ts");
});

test("a program with the rights to read its own directory and to write the store's keeps a record", () => {
	const rights = ["--allow-read=.", "--allow-write=store"];
	assert.equal(run("consumer.ts", rights), "kept\n");
});

test("the README's example finds at its second run, with rights to the store alone, what the first one left", () => {
	const first = run("example.ts", ["--allow-read=.", "--allow-write=data"]);
	assert.match(first, /}\na line\n\n$/);
	const second = run("example.ts", ["--allow-read=data", "--allow-write=data"]);
	assert.match(second, /}\na line\na line\n\n$/);
});

function run(program: string, rights: readonly string[]): string {
	return project.run(...denoCommandLine(program, ["--cached-only", ...rights]));
}
