import { defineConfig } from "vitest/config";

/** These need strace, rights that not everybody has, or large downloads. */
const SYSTEM = "test/system/**";

export default defineConfig({
	test: {
		environment: "node",
		include: ["test/**/*.test.ts"],
		exclude: process.env.DUALSLOT_SYSTEM === "1" ? [] : [SYSTEM],
		reporters: ["default", "./test/support/skips-reporter.ts"],
		// A shared machine may be slow; what hangs still fails.
		testTimeout: 60_000,
		hookTimeout: 60_000,
	},
});
