import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { afterEach, beforeEach, test } from "vitest";

const DEMO = fileURLToPath(new URL("../../demo/demo.mjs", import.meta.url));
const LINES = 2000;
const LIMIT = 60_000;

interface Ended {
	readonly code: number;
	readonly output: string;
	readonly complaint: string;
}

let directory: string;

beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), "dualslot-"));
});

afterEach(() => rmSync(directory, { recursive: true }));

test(
	"the demo finds the whole file, and before that every acknowledged line after each kill and power cut",
	async () => {
		const demo = await run(someLines(), "--kills", "3", "--images", "40");
		assert.equal(demo.complaint, "");
		assert.match(demo.output, /^ end +2,000 +2,000 .* all there$/m);
		assert.match(demo.output, /^kills, images +3 +40$/m);
		assert.match(demo.output, /^lines lost +0 +0$/m);
		assert.match(demo.output, /^Every line that was acknowledged is there/m);
		assert.equal(demo.code, 0);
		assert.deepEqual(readdirSync(directory), ["lines.txt"]);
	},
	LIMIT,
);

test(
	"the demo fails without syncs, and counts the lines that a power cut took",
	async () => {
		const few = ["--kills", "1", "--images", "40"];
		const demo = await run(someLines(), "--no-sync", ...few);
		assert.match(demo.output, /^lines lost +0 +[1-9][\d,]*$/m);
		assert.match(
			demo.output,
			/^FAILED, as it must without syncs:\s[\d,]+\sof\s[\d,]+\sacknowledged\slines\slost/m,
		);
		assert.equal(demo.code, 1);
	},
	LIMIT,
);

test("the demo makes the same images again from a seed", async () => {
	const again = () =>
		run(someLines(), "--kills", "0", "--images", "30", "--seed", "7");
	const [first, second] = [await again(), await again()];
	assert.include(first.output, "(seed 7)");
	assert.equal(powerCutsOf(second), powerCutsOf(first));
});

test.each([
	["is missing", "nowhere.txt", "there is no such file"],
	["is a directory", ".", "this is a directory"],
	["is empty", "empty.txt", "is empty"],
])("the demo says so when the file %s", async (_, name, reason) => {
	writeFileSync(join(directory, "empty.txt"), "");
	const demo = await run(join(directory, name));
	assert.match(demo.complaint, /^demo: .*\n$/);
	assert.include(demo.complaint, reason);
	assert.equal(demo.output, "");
	assert.equal(demo.code, 2);
});

test("the demo refuses an option that it does not know", async () => {
	const demo = await run("--kill", "3");
	assert.match(demo.complaint, /^demo: .*'--kill'.*--help/);
	assert.equal(demo.code, 2);
});

test("the demo names its options on demand", async () => {
	const demo = await run("--help");
	for (const option of ["--kills", "--images", "--seed", "--no-sync"]) {
		assert.include(demo.output, option);
	}
	assert.equal(demo.code, 0);
});

/** Of many lengths, some empty; the last one has no newline. */
function someLines(): string {
	const lines = Array.from({ length: LINES }, (_, index) =>
		"abcdefgh".repeat(index % 13).concat(String(index ** 2)),
	);
	lines[5] = "";
	const path = join(directory, "lines.txt");
	writeFileSync(path, lines.join("\n"));
	return path;
}

async function run(...options: string[]): Promise<Ended> {
	const demo = spawn(process.execPath, [DEMO, ...options], {
		env: { ...process.env, TMPDIR: directory },
	});
	const [output, complaint, [code]] = await Promise.all([
		text(demo.stdout),
		text(demo.stderr),
		once(demo, "close"),
	]);
	return { code, output, complaint };
}

function powerCutsOf({ output }: Ended): string {
	const start = output.indexOf("kept of what was not synced");
	const end = output.indexOf("kills, images");
	assert.isAbove(start, 0);
	return output.slice(start, end);
}
