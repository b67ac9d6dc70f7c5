import { relative } from "node:path";
import type { Reporter, TestModule, Vitest } from "vitest/node";
import { IS_DEALT } from "../support/runs/dealt.ts";
import { chosenSeed } from "../support/runs/prng.ts";
import { lostTests } from "./kept-names.ts";

/** Fails a run that has lost a test of the record: one of the files that it ran, or any if it was to run all. */
export default class NamesReporter implements Reporter {
	#vitest: Vitest | undefined;

	onInit(vitest: Vitest): void {
		this.#vitest = vitest;
	}

	async onTestRunEnd(modules: readonly TestModule[]): Promise<void> {
		const vitest = this.#vitest;
		if (vitest === undefined || vitest.config.testNamePattern !== undefined) {
			return;
		}
		const run = modules.flatMap((module) => {
			const path = relative(vitest.config.root, module.moduleId);
			const file = path.replaceAll("\\", "/");
			const tests = [...module.children.allTests()];
			return tests.map(({ fullName }) => ({ file, name: fullName }));
		});
		const ids = new Set(modules.map(({ moduleId }) => moduleId));
		const all = await vitest.globTestSpecifications();
		const isWhole = all.every(({ moduleId }) => ids.has(moduleId));
		if (IS_DEALT) {
			vitest.logger.log(
				`rows were dealt out from DUALSLOT_START=${chosenSeed()}`,
			);
		}
		const lost = lostTests(run, isWhole);
		for (const { file, name } of lost) {
			vitest.logger.error(`lost: ${file} > ${name}`);
		}
		if (lost.length > 0) {
			process.exitCode = 1;
		}
	}
}
