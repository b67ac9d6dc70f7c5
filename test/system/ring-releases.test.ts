import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { assert } from "chai";
import { afterAll, test } from "vitest";
import { ROOT } from "../support/package/consumer-project.ts";
import {
	nodeOfRelease,
	testedReleases,
} from "../support/package/node-releases.ts";

const MINUTES = 60_000;
const VITEST = join(ROOT, "node_modules/vitest/vitest.mjs");

/** What vitest tells of a run. */
interface Told {
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

const directory = mkdtempSync(join(tmpdir(), "dualslot-"));

afterAll(() => rmSync(directory, { recursive: true }));

test.concurrent.each(testedReleases())(
	"stores, paged blobs, journals and packed stores do through a ring under Node %s what they do anywhere",
	async (version) => {
		const { numPassedTests, numTotalTests, testResults } =
			await suitesUnder(version);
		const rows = testResults.flatMap((file) => file.assertionResults);
		assert.include(
			rows.map(({ title }) => title),
			`the kernel gives Node v${version} a ring`,
		);
		assert.equal(numPassedTests, numTotalTests);
		console.log(`Node ${version}, by ring: ${numPassedTests} rows passed`);
	},
	15 * MINUTES,
);

async function suitesUnder(version: string): Promise<Told> {
	const told = join(directory, `${version}.json`);
	const node = nodeOfRelease(version);
	const options = ["--maxWorkers=1", "--reporter=json", "--outputFile", told];
	const run = [VITEST, "run", ...options, "test/releases"];
	const env = { ...process.env, DUALSLOT_RELEASE: "1" };
	try {
		await promisify(execFile)(node, run, { cwd: ROOT, env });
	} catch (cause) {
		throw new Error(failuresOf(readTold(told)).join("\n"), { cause });
	}
	return readTold(told);
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
