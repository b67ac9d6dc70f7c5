import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../package/consumer-project.ts";

const VITEST = join(ROOT, "node_modules/vitest/vitest.mjs");

/** What vitest tells of a run. */
export interface Told {
	readonly numTotalTests: number;
	readonly numPassedTests: number;
	readonly testResults: readonly {
		readonly message: string;
		readonly assertionResults: readonly {
			readonly title: string;
			readonly status: string;
			readonly failureMessages: readonly string[];
		}[];
	}[];
}

/** A run of test files by a vitest of its own, in a process that its command makes. */
export interface ChildRun {
	/** A program and its first arguments; vitest and its own follow. This Node if it is empty. */
	readonly command: readonly string[];
	readonly files: readonly string[];
	/** The path of a file that it makes. */
	readonly report: string;
	readonly env?: Readonly<Record<string, string>>;
	/** Ends the run, which would go on beside other tests. */
	readonly signal: AbortSignal;
}

/** Throws an Error with the failures of the rows. Needs no right to write in the clone. */
export async function runVitest(run: ChildRun): Promise<Told> {
	const { command, files, report, signal } = run;
	const [program = process.execPath, ...given] = command;
	const options = ["--maxWorkers=1", "--reporter=json", "--outputFile", report];
	const vitest = [VITEST, "run", "--configLoader=runner", ...options];
	const env = { ...process.env, ...run.env };
	try {
		await promisify(execFile)(program, [...given, ...vitest, ...files], {
			...{ cwd: ROOT, env, signal },
		});
	} catch (cause) {
		throw new Error(failuresOf(readTold(report)).join("\n"), { cause });
	}
	return readTold(report);
}

function readTold(path: string): Told {
	return existsSync(path)
		? JSON.parse(readFileSync(path, "utf8"))
		: { numTotalTests: 0, numPassedTests: 0, testResults: [] };
}

function failuresOf({ testResults }: Told): string[] {
	return testResults.flatMap(({ message, assertionResults }) => [
		message,
		...assertionResults
			.filter(({ status }) => status === "failed")
			.flatMap(({ title, failureMessages }) => [title, ...failureMessages]),
	]);
}
