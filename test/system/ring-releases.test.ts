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
import { SHARE } from "../support/runs/share.ts";

const MINUTES = 60_000;
/** The whole counts by ring are counted under one release, in test/hosts/node-ring. */
const SHARE_MAX = 0.1;
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

for (const version of testedReleases()) {
	test.concurrent(
		`stores, paged blobs, journals and packed stores do through a ring under Node ${version} what they do anywhere`,
		async ({ signal }) => {
			const told = await suitesUnder(version, signal);
			const { numPassedTests, numTotalTests, testResults } = told;
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
}

/** The signal ends the run, which would go on beside other tests. */
async function suitesUnder(
	version: string,
	signal: AbortSignal,
): Promise<Told> {
	const told = join(directory, `${version}.json`);
	const node = nodeOfRelease(version);
	const options = ["--maxWorkers=1", "--reporter=json", "--outputFile", told];
	const run = [VITEST, "run", ...options, "test/releases"];
	const DUALSLOT_SHARE = `${Math.min(SHARE, SHARE_MAX)}`;
	const env = { ...process.env, DUALSLOT_RELEASE: "1", DUALSLOT_SHARE };
	try {
		await promisify(execFile)(node, run, { cwd: ROOT, env, signal });
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
