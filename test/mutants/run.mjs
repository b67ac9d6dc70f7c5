// npm run test:mutants [-- part of a name, or --part=2/8, or --share=8] [--jobs=1]: breaks one rule of the engine at a time, in a
// copy of the working tree, and expects the mutant's own test to notice. Ends non-zero when one does not, and says who else did.
import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { partOf } from "../all/parts.mjs";
import { Judge } from "./judge.mjs";
import { MUTANTS } from "./mutants.mjs";

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		part: { type: "string" },
		share: { type: "string" },
		jobs: { type: "string", default: String(availableParallelism()) },
	},
});
refuseNameless();
const chosen = chosenOf(MUTANTS, values, positionals[0] ?? "");
const judges = Array.from(
	{ length: Math.min(Number(values.jobs), chosen.length) },
	() => new Judge(),
);
process.on("exit", () => {
	for (const judge of judges) {
		judge.end();
	}
});
for (const signal of ["SIGINT", "SIGTERM"]) {
	process.on(signal, () => process.exit(1));
}
await judges[0]?.checkTests(chosen);
const waiting = [...chosen];
const verdicts = (await Promise.all(judges.map(judgeThoseThatWait))).flat();
const noticed = verdicts.filter(({ other }) => other !== undefined);
const right = verdicts.filter(({ own }) => own !== undefined);
console.log(`${noticed.length} of ${chosen.length} mutants noticed`);
console.log(`${right.length} of ${chosen.length} by their own tests`);
process.exit(right.length === chosen.length && chosen.length > 0 ? 0 : 1);

function refuseNameless() {
	const nameless = MUTANTS.filter(({ noticedBy }) => !noticedBy?.title);
	if (nameless.length > 0) {
		const rules = nameless.map(({ breaks }) => breaks).join("\n");
		throw new Error(`a mutant names the test that is to notice it:\n${rules}`);
	}
}

/** All, those that a text names, one part of so many, or the part of so many whose turn it is with this commit. */
function chosenOf(mutants, { part, share }, text) {
	if (part === undefined && share === undefined) {
		return mutants.filter(({ breaks }) => breaks.includes(text));
	}
	if (part !== undefined) {
		const [number, of] = part.split("/").map(Number);
		return mutants.filter(({ breaks }) => partOf(breaks, of) === number);
	}
	const of = Number(share);
	const turn = turnOfCommit(of);
	console.log(`the mutants ${turn + 1}, ${turn + 1 + of} and so on`);
	return mutants.filter((_, index) => index % of === turn);
}

function turnOfCommit(of) {
	const commit = execFileSync("git", ["rev-parse", "HEAD"], {
		encoding: "utf8",
	});
	return Number.parseInt(commit.slice(0, 8), 16) % of;
}

async function judgeThoseThatWait(judge) {
	const verdicts = [];
	for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
		const began = performance.now();
		const verdict = await judge.judge(mutant);
		const seconds = ((performance.now() - began) / 1000).toFixed(1);
		const number = MUTANTS.indexOf(mutant) + 1;
		console.log(`${number}. ${mutant.breaks}: ${told(verdict)} (${seconds} s)`);
		verdicts.push(verdict);
	}
	return verdicts;
}

function told({ own, other }) {
	if (own !== undefined) {
		return `noticed by ${own}`;
	}
	return other === undefined
		? "NOT NOTICED"
		: `NOT NOTICED BY ITS TEST, but by ${other}`;
}
