import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { afterAll, test } from "vitest";
import {
	nodeOfRelease,
	testedReleases,
} from "../support/package/node-releases.ts";
import { runVitest, type Told } from "../support/runs/child-run.ts";
import { SHARE } from "../support/runs/share.ts";

const MINUTES = 60_000;
/** The whole counts by ring are counted under one release, in test/hosts/node-ring. */
const SHARE_MAX = 0.1;

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

function suitesUnder(version: string, signal: AbortSignal): Promise<Told> {
	return runVitest({
		command: [nodeOfRelease(version)],
		files: ["test/releases"],
		report: join(directory, `${version}.json`),
		env: {
			DUALSLOT_RELEASE: "1",
			DUALSLOT_SHARE: `${Math.min(SHARE, SHARE_MAX)}`,
		},
		signal,
	});
}
