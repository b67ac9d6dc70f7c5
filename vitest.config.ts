import { defineConfig } from "vitest/config";

export default defineConfig({
	test: {
		environment: "node",
		include: ["test/**/*.test.ts"],
		reporters: ["default", "./test/support/skips-reporter.ts"],
		// A shared machine may be slow; what hangs still fails.
		testTimeout: 60_000,
		hookTimeout: 60_000,
	},
});
