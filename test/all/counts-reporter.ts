import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import type { UserConsoleLog } from "vitest";
import type {
	Reporter,
	SerializedError,
	TestModule,
	TestRunEndReason,
	Vitest,
} from "vitest/node";

const COUNTED = /^counted (\d+) (.+)$/gm;

/** Where `npm run test:all` asks for what a run has counted. */
const PATH = process.env.DUALSLOT_COUNTS;

/** What each file's tests have said that they counted, and how the tests of all files ended. */
export interface RunCounts {
	readonly passed: number;
	/** The tests that failed or did not come to their end, and the files that could not be run. */
	readonly failed: readonly string[];
	readonly skipped: number;
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

	/** A run that was interrupted has counted nothing. */
	onTestRunEnd(
		modules: readonly TestModule[],
		errors: readonly SerializedError[],
		reason: TestRunEndReason,
	): void {
		if (PATH === undefined || reason === "interrupted") {
			return;
		}
		const tests = modules.flatMap((module) => [...module.children.allTests()]);
		const ended = (...states: readonly string[]) =>
			tests.filter((test) => states.includes(test.result().state));
		const broken = modules.filter((module) => module.errors().length > 0);
		const counts: RunCounts = {
			passed: ended("passed").length,
			failed: [
				...broken.map((module) => `\`${pathOf(module)}\``),
				...ended("failed", "pending").map(
					(test) => `\`${pathOf(test.module)}\`: ${test.fullName}`,
				),
				...errors.map(({ message }) => `no test: ${message.split("\n")[0]}`),
			],
			skipped: ended("skipped").length,
			counted: this.#counted,
		};
		writeFileSync(PATH, JSON.stringify(counts));
	}
}

function pathOf({ moduleId }: TestModule): string {
	return relative("", moduleId);
}
