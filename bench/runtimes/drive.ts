// The rows of the bench that need no peer, in Node, in Deno and in Chromium: one run, in turns, on one disk.
import process from "node:process";
import { driveBrowser } from "../../test/runtimes/browser.ts";
import type { Driven } from "../../test/runtimes/driven.ts";
import { driveDeno, driveNode } from "../../test/runtimes/process.ts";
import { bundled } from "./bundles.ts";
import type { Figures } from "./measures.ts";
import type { Hello } from "./stores.ts";

type Measured = Driven<Hello, Figures>;
/** For each row, one sample a round of each runtime, in their order. */
type Samples = Map<string, number[][]>;

const ROUNDS = process.argv.includes("--quick") ? 2 : 5;
const IN_BROWSER = "bench/runtimes/in-browser.ts";
/** A page that shares no process with other origins is given a clock of 5 µs; others get one of 100. */
const ISOLATED = {
	"cross-origin-opener-policy": "same-origin",
	"cross-origin-embedder-policy": "require-corp",
};

const runtimes: readonly Measured[] = [
	await driveNode<Hello, Figures>(await bundled("in-node")),
	await driveDeno<Hello, Figures>(await bundled("in-deno")),
	await driveBrowser<Hello, Figures>("worker", IN_BROWSER, ISOLATED),
	await driveBrowser<Hello, Figures>("window", IN_BROWSER, ISOLATED),
];
try {
	await measure(1);
	print(await measure(ROUNDS));
} finally {
	await Promise.all(runtimes.map((runtime) => runtime.close()));
}

async function measure(rounds: number): Promise<Samples> {
	const samples: Samples = new Map();
	const measures = runtimes[0]?.hello.measures ?? [];
	for (let round = 0; round < rounds; round += 1) {
		for (const number of measures.keys()) {
			for (const [turn] of runtimes.entries()) {
				const index = (round + turn) % runtimes.length;
				const figures = await runtimes[index]?.ask(number);
				for (const [row, figure] of Object.entries(figures ?? {})) {
					const found = samples.get(row) ?? runtimes.map(() => []);
					found[index]?.push(figure);
					samples.set(row, found);
				}
			}
		}
	}
	return samples;
}

function print(samples: Samples): void {
	console.log("\nthe same rows elsewhere: medians, and how many times Node's");
	for (const { version } of runtimes) {
		console.log(`  ${version}`);
	}
	const lines = [...samples].map(([row, found]) => {
		const medians = found.map(median);
		const cells = medians.map((figure) =>
			`${time(figure)} (${(figure / (medians[0] ?? figure)).toFixed(2)})`.padStart(
				18,
			),
		);
		return `  ${row.padEnd(48)}${cells.join("")}`;
	});
	const heads = ["Node", "Deno", "Chromium, worker", "Chromium, window"];
	console.log(
		`  ${"".padEnd(48)}${heads.map((head) => head.padStart(18)).join("")}`,
	);
	console.log(lines.join("\n"));
}

function median(samples: readonly number[]): number {
	const sorted = [...samples].sort((left, right) => left - right);
	return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function time(nanoseconds: number): string {
	const [scale, unit] =
		nanoseconds < 1e3
			? [1, "ns"]
			: nanoseconds < 1e6
				? [1e3, "µs"]
				: [1e6, "ms"];
	return `${(nanoseconds / scale).toPrecision(3)} ${unit}`;
}
