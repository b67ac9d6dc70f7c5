import { assert } from "chai";
import { test } from "vitest";
import { keptTests, lostTests } from "./kept-names.ts";

const RECORD = `# what it is

@ a.test.ts
@ b.test.ts > in a suite
one
two

@ b.test.ts
three
`;
const KEPT = keptTests(RECORD);

test("the record names each test of the run that it was made of, in each of its files and suites", () => {
	assert.lengthOf(keptTests(), 7616);
	assert.deepEqual(KEPT, [
		{ file: "a.test.ts", name: "one" },
		{ file: "a.test.ts", name: "two" },
		{ file: "b.test.ts", name: "in a suite > one" },
		{ file: "b.test.ts", name: "in a suite > two" },
		{ file: "b.test.ts", name: "three" },
	]);
});

test("a test of the record that a run lacks is lost, whatever else it has", () => {
	const [one, ...others] = KEPT;
	const run = [...others, { file: "a.test.ts", name: "four" }];
	assert.deepEqual(lostTests(run, true, KEPT, {}), [one]);
	assert.deepEqual(lostTests([...run, ...KEPT], true, KEPT, {}), []);
});

test("a run of some files loses nothing of the others, and a whole run does", () => {
	const ofOne = KEPT.filter(({ file }) => file === "a.test.ts");
	assert.deepEqual(lostTests(ofOne, false, KEPT, {}), []);
	assert.lengthOf(lostTests(ofOne, true, KEPT, {}), 3);
});

test("a test is not lost under its new name, nor where its host leaves it out and says why", () => {
	const run = KEPT.map(({ file, name }) => ({
		file,
		name: name.replace("one", "first").replace("two", "two (not on it: no)"),
	}));
	assert.deepEqual(lostTests(run, true, KEPT, { one: "first" }), []);
	assert.lengthOf(lostTests(run, true, KEPT, {}), 2);
});

test("a row of the hosts that was dealt to another of them is not lost, and one that none of them has is", () => {
	const kept = ["memory", "deno"].flatMap((host) =>
		["one", "two"].map((name) => ({
			file: `test/hosts/${host}.test.ts`,
			name: `by ring > ${name}`,
		})),
	);
	const [one, two, ...ofDeno] = kept;
	const run = [{ file: "test/hosts/memory.test.ts", name: "one" }, ...ofDeno];
	assert.deepEqual(lostTests(run, true, kept, {}, true), []);
	assert.deepEqual(lostTests(run, true, kept, {}, false), [one, two]);
	assert.deepEqual(lostTests(run.slice(0, 2), true, kept, {}, true), [
		two,
		ofDeno[1],
	]);
});
