import { BoundedSession } from "./bounded-session.mjs";
import { BrokenCopy } from "./broken-copy.mjs";

/** Bounds in seconds: a mutant may wait for ever, and a machine may be slow. */
const ONE_TEST = 300;
const EVERY_OWN_TEST = 1800;
const A_FOLDER = 3600;

/** Where the test of a mutant lies that names no file. */
const SUITE = "test/hosts/memory.test.ts";

/** What is run where a mutant's own test does not notice it, the quick ones first. A share of the images is enough. */
const BROAD = [
	["test/core/", "test/hosts/memory", "test/node/ring", "test/node/platform-"],
	["test/crash/"],
].map((files) => ({
	...{ files, titles: [], share: 0.2, seconds: 60, isEnough: true },
	// Half a million appends for each hash, and as many mutations of frames, say nothing that the suites do not say sooner.
	exclude: ["published-hashes.test.ts", "compression-mutations.test.ts"],
}));

/** Breaks one rule at a time in a copy of its own, and says who noticed. */
export class Judge {
	#copy = new BrokenCopy();
	#session = new BoundedSession(this.#copy.directory);
	/** What the session has not been told of. */
	#changed = [];

	/** Each mutant's own test is there, and passes while nothing is broken: whatever fails it is the mutant. */
	async checkTests(mutants) {
		const { passed = [], ...others } = await this.#ask(
			ownTests(mutants),
			EVERY_OWN_TEST,
		);
		const unfit = mutants.filter(
			({ noticedBy }) => !passed.includes(noticedBy.title),
		);
		if (unfit.length > 0 || noticer(others) !== undefined) {
			const lines = unfit.map(
				({ breaks, noticedBy }) => `${breaks}: ${noticedBy.title}`,
			);
			throw new Error(
				`before anything is broken: ${noticer(others)}\nthese tests do not pass, or are not there:\n${lines.join("\n")}`,
			);
		}
	}

	/** `own` is what failed in the mutant's own test, `other` what failed elsewhere; undefined is that nothing did. */
	async judge(mutant) {
		this.#changed.push(...this.#copy.break(mutant));
		try {
			const own = noticer(await this.#ask(ownTests([mutant]), ONE_TEST));
			return { own, other: own ?? (await this.#broadly()) };
		} finally {
			this.#changed.push(...this.#copy.mend());
		}
	}

	end() {
		this.#session.end();
		this.#copy.remove();
	}

	async #broadly() {
		for (const tests of BROAD) {
			const found = noticer(await this.#ask(tests, A_FOLDER));
			if (found !== undefined) {
				return found;
			}
		}
		return undefined;
	}

	async #ask(tests, seconds) {
		const changed = this.#changed.splice(0);
		return await this.#session.ask({ ...tests, changed }, seconds);
	}
}

function ownTests(mutants) {
	const tests = mutants.map(({ noticedBy }) => noticedBy);
	return {
		files: [...new Set(tests.map(({ file = SUITE }) => file))],
		titles: tests.map(({ title }) => title),
		...{ share: 0.01, seconds: 30, isEnough: false, exclude: [] },
	};
}

function noticer({ stopped, broken = [], failed = [], unhandled = [] }) {
	if (stopped !== undefined && stopped !== "hung") {
		throw new Error(`vitest has told nothing: it ${stopped}`);
	}
	if (broken.length > 0) {
		throw new Error(`a mutant must load:\n${broken.join("\n")}`);
	}
	return (
		stopped ??
		[...failed, ...unhandled.map((message) => `unhandled: ${message}`)][0]
	);
}
