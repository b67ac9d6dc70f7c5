// A vitest that goes on from mutant to mutant, and reads again only what has changed. It is forked in a copy of the tree, runs what
// a message asks for, and answers with what came of it.
import { createVitest, escapeTestName } from "vitest/node";

const vitest = await createVitest("test", {
	watch: false,
	reporters: [{}],
});
process.on("message", async (question) =>
	process.send(await answerTo(question)),
);
process.on("disconnect", () => process.exit());
process.send("ready");

async function answerTo(question) {
	const { files, titles, exclude, changed } = question;
	const { share, isEnough, seconds } = question;
	process.env.DUALSLOT_SHARE = String(share);
	vitest.config.bail = isEnough ? 1 : 0;
	vitest.config.testTimeout = seconds * 1000;
	vitest.setGlobalTestNamePattern(patternOf(titles));
	for (const path of changed) {
		vitest.invalidateFile(path);
	}
	const specifications = await vitest.globTestSpecifications(files);
	const chosen = specifications.filter(
		({ moduleId }) => !exclude.some((path) => moduleId.endsWith(path)),
	);
	const { testModules, unhandledErrors } =
		await vitest.runTestSpecifications(chosen);
	// What was run before is told again.
	const asked = new Set(chosen.map(({ moduleId }) => moduleId));
	const modules = testModules.filter(({ moduleId }) => asked.has(moduleId));
	return outcomeOf(modules, unhandledErrors);
}

/** Of the tests of those titles, in whatever suite of their files; of all tests, where none is given. */
function patternOf(titles) {
	const exact = titles.map((title) => escapeTestName(title, false));
	return exact.length === 0
		? /(?:)/
		: new RegExp(`(?:^| )(?:${exact.join("|")})$`);
}

function outcomeOf(modules, unhandledErrors) {
	const tests = modules.flatMap(({ children }) => [...children.allTests()]);
	const ended = (state) =>
		tests
			.filter((test) => test.result().state === state)
			.map(({ name }) => name);
	const messages = (errors) => errors.map(({ message }) => String(message));
	return {
		passed: ended("passed"),
		failed: ended("failed"),
		unhandled: messages(unhandledErrors),
		broken: messages(modules.flatMap((module) => module.errors())),
	};
}
