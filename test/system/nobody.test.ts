import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { afterAll, test } from "vitest";
import { runVitest } from "../support/runs/child-run.ts";
import { SHARE } from "../support/runs/share.ts";

const MINUTES = 60_000;
const NOBODY = 65_534;
/** The whole counts are counted as the user of the tests, in test/hosts/node-host. */
const SHARE_MAX = 0.1;
/** The rights of a file matter here, and those of a directory. */
const FILES = [
	...["test/node/links", "test/node/modes", "test/node/lock.test.ts"],
	...["test/node/moved-directory", "test/node/moved-partition"],
	...["test/node/urls", "test/hosts/node-host"],
];

const directory = mkdtempSync(join(tmpdir(), "dualslot-"));

afterAll(() => rmSync(directory, { recursive: true }));

test(
	"links, modes, locks, moves and every row of the Node host come to the same for a user without root's rights",
	async ({ signal }) => {
		const { numPassedTests, numTotalTests, testResults } = await runVitest({
			command: [...asNobody(), process.execPath],
			files: FILES,
			report: join(directory, "report.json"),
			env: { HOME: directory, DUALSLOT_SHARE: `${Math.min(SHARE, SHARE_MAX)}` },
			signal,
		});
		assert.lengthOf(testResults, FILES.length);
		assert.equal(numPassedTests, numTotalTests);
		console.log(`as a user without rights: ${numPassedTests} rows passed`);
	},
	10 * MINUTES,
);

/** Nothing where this is such a user already. */
function asNobody(): string[] {
	if (process.getuid?.() !== 0) {
		return [];
	}
	chownSync(directory, NOBODY, NOBODY);
	return [
		"setpriv",
		`--reuid=${NOBODY}`,
		`--regid=${NOBODY}`,
		"--clear-groups",
	];
}
