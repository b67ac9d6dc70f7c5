import { defineConfig } from "vitest/config";

/** These need what not everybody has: strace, rights, large downloads; cargo. Each is run when its variable says so. */
const APART = {
	DUALSLOT_SYSTEM: "test/system/**",
	DUALSLOT_INTEROP: "test/interop/**",
};

export default defineConfig({
	test: {
		environment: "node",
		include: ["test/**/*.test.ts"],
		exclude: Object.entries(APART)
			.filter(([variable]) => process.env[variable] !== "1")
			.map(([, paths]) => paths),
		// One fewer is the default, which on two cores takes twice as long.
		maxWorkers: "100%",
		reporters: ["default", "./test/support/skips-reporter.ts"],
		// A shared machine may be slow; what hangs still fails.
		testTimeout: 60_000,
		hookTimeout: 60_000,
	},
});
