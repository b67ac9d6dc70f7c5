import type { Reporter, TestCase, TestModule, Vitest } from "vitest/node";
import { type KnownTest, unexplainedSkips } from "./skips.ts";

/**
 * Fails a run that skips a test outside the closed list, and prints why the listed ones are
 * skipped.
 */
export default class SkipsReporter implements Reporter {
	#vitest: Vitest | undefined;

	onInit(vitest: Vitest): void {
		this.#vitest = vitest;
	}

	onTestRunEnd(modules: readonly TestModule[]): void {
		const vitest = this.#vitest;
		if (vitest === undefined || vitest.config.testNamePattern !== undefined) {
			// A run of some tests by name skips the others on purpose.
			return;
		}
		const tests = modules.flatMap((module) =>
			[...module.children.allTests()].map((test) => knownTest(module, test)),
		);
		for (const { isSkipped, name } of tests) {
			if (isSkipped) {
				vitest.logger.log(`left out: ${name}`);
			}
		}
		for (const complaint of unexplainedSkips(tests)) {
			vitest.logger.error(complaint);
			process.exitCode = 1;
		}
	}
}

function knownTest(module: TestModule, test: TestCase): KnownTest {
	return {
		file: module.moduleId.replaceAll("\\", "/"),
		name: test.name,
		isSkipped: test.result().state === "skipped",
	};
}
