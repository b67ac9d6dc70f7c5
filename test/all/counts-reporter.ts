import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import type { UserConsoleLog } from "vitest";
import type { Reporter, TestModule, Vitest } from "vitest/node";

const COUNTED = /^counted (\d+) (.+)$/gm;

/** Where `npm run test:all` asks for what a run has counted. */
const PATH = process.env.DUALSLOT_COUNTS;

/** What one file's tests have said that they counted, and how the tests of all files ended. */
export interface RunCounts {
	readonly passed: number;
	readonly failed: number;
	readonly skipped: number;
	/** Files that could not be run. */
	readonly broken: readonly string[];
	readonly counted: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Adds up what tests print by tellCount, file by file. */
export default class CountsReporter implements Reporter {
	#vitest: Vitest | undefined;
	readonly #counted: Record<string, Record<string, number>> = {};

	onInit(vitest: Vitest): void {
		this.#vitest = vitest;
	}

	onUserConsoleLog({ content, taskId }: UserConsoleLog): void {
		const state = this.#vitest?.state;
		const path = state?.idMap.get(taskId ?? "")?.file.name ?? "";
		const ofFile = { ...this.#counted[path] };
		for (const [, count, what = ""] of content.matchAll(COUNTED)) {
			ofFile[what] = (ofFile[what] ?? 0) + Number(count);
		}
		this.#counted[path] = ofFile;
	}

	onTestRunEnd(modules: readonly TestModule[]): void {
		if (PATH === undefined) {
			return;
		}
		const tests = modules.flatMap((module) => [...module.children.allTests()]);
		const ended = (state: string) =>
			tests.filter((test) => test.result().state === state).length;
		const broken = modules.filter((module) => module.errors().length > 0);
		const counts: RunCounts = {
			passed: ended("passed"),
			failed: ended("failed"),
			skipped: ended("skipped"),
			broken: broken.map(({ moduleId }) => relative("", moduleId)),
			counted: this.#counted,
		};
		writeFileSync(PATH, JSON.stringify(counts));
	}
}
