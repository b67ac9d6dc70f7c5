import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** These need what not everybody has: strace, rights, large downloads; cargo; another Node. Each is run when its variable says so. */
const APART = {
	DUALSLOT_SYSTEM: "test/system/**",
	DUALSLOT_INTEROP: "test/interop/**",
	DUALSLOT_RELEASE: "test/releases/**",
};

/**
 * What takes minutes, longest first: begun last, it would run alone. Of a fresh clone nothing else tells how long a file
 * takes, and vitest would begin with the largest.
 */
const LONGEST = [
	"test/hosts/opfs-",
	"test/hosts/node-ring",
	"test/hosts/",
	"test/node/ring-model",
	"test/node/realms",
	"test/node/package",
	"test/browser/tabs",
	"test/crash/",
	"test/core/",
	// Builds commonware's crates.
	"test/interop/kept-stores",
	"test/system/ring-releases",
];

class LongestFirst extends BaseSequencer {
	override async sort(
		files: TestSpecification[],
	): Promise<TestSpecification[]> {
		const sorted = await super.sort(files);
		return sorted.sort((one, other) => rankOf(one) - rankOf(other));
	}
}

function rankOf({ moduleId }: TestSpecification): number {
	const rank = LONGEST.findIndex((part) => moduleId.includes(part));
	return rank < 0 ? LONGEST.length : rank;
}

/**
 * Each needs a process of its own: the first counts the cores of its process, the others have modules loaded anew, or in another's
 * place. Nothing that any other file changes outlives it, so one process runs many of them, and loads dualslot once.
 */
const ALONE = [
	"test/core/idle-cores.test.ts",
	"test/hosts/node-host.test.ts",
	"test/node/lock.test.ts",
	"test/node/platform-counts.test.ts",
	"test/node/ring-refused.test.ts",
];

// All files of a run deal from one seed.
if (process.env.DUALSLOT_ROWS === "dealt") {
	process.env.DUALSLOT_START ??= `${Math.floor(Math.random() * 2 ** 32)}`;
}

/** A shared machine may be slow, and whole counts take as long as they take; a test that hangs still fails. */
const TIMEOUT =
	60_000 * Math.max(1, 60 * Number(process.env.DUALSLOT_SHARE ?? 0));

const excluded = Object.entries(APART)
	.filter(([variable]) => process.env[variable] !== "1")
	.map(([, paths]) => paths);

/** In this process alone: what runs in Deno, in browsers and from a package has the core that is shipped. */
const ALIASES = process.env.DUALSLOT_CORE === "debug" ? [debugCore()] : [];

function debugCore() {
	execFileSync("npm", ["run", "build:debug", "--silent"]);
	const bytes = new URL("build/core-debug-bytes.ts", import.meta.url);
	return {
		find: /^.*\/build\/core-bytes\.ts$/,
		replacement: fileURLToPath(bytes),
	};
}

export default defineConfig({
	resolve: { alias: ALIASES },
	test: {
		environment: "node",
		projects: [
			{
				extends: true,
				test: {
					name: "alone",
					include: ALONE,
					exclude: excluded,
				},
			},
			{
				extends: true,
				test: {
					name: "together",
					include: ["test/**/*.test.ts"],
					exclude: [...excluded, ...ALONE],
					isolate: false,
				},
			},
		],
		// One more than there are cores: what waits for the browser or a disk leaves its own to the others.
		maxWorkers: availableParallelism() + 1,
		// Beside as many workers as there are cores, threads that collect garbage take more than they give. Every release of Node that
		// tests are run by has to know these.
		execArgv: ["--single-threaded-gc", "--max-semi-space-size=64"],
		globalSetup: [
			"test/runtimes/one-chromium.ts",
			"test/support/package/one-installation.ts",
		],
		sequence: { sequencer: LongestFirst },
		// Of those in one file that say that they may run beside each other.
		maxConcurrency: 2,
		reporters: [
			"default",
			"./test/support/runs/skips-reporter.ts",
			"./test/names/names-reporter.ts",
			"./test/all/counts-reporter.ts",
		],
		testTimeout: TIMEOUT,
		hookTimeout: 60_000,
	},
});
