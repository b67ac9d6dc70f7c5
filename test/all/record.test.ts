import { assert } from "chai";
import { test } from "vitest";
import { type PartResult, recorded } from "./record.mjs";

const EMPTY = "before\n<!-- the last test:all -->\n<!-- its end -->\nafter\n";

function result(part: number, of: number, passed: number): PartResult {
	return {
		...{ part, of, commit: "abc1234", date: "2026-01-02" },
		tests: { passed, failed: 0, skipped: 1, broken: [] },
		counted: { "b.test.ts": {}, "a.test.ts": { images: 105000, cuts: 2 } },
		mutants: { noticed: 3, tried: 3 },
	};
}

test("a part's result is written between the marks, with all that was counted, file by file", () => {
	assert.equal(
		recorded(EMPTY, result(1, 2, 1234)),
		"before\n<!-- the last test:all -->\n\n**Part 1 of 2**, commit abc1234, 2026-01-02: 1,234 tests passed, 0 failed, 1 left out, 3 of 3 mutants noticed.\n\n- `a.test.ts`: 105,000 images, 2 cuts\n\n<!-- its end -->\nafter\n",
	);
});

test("a file that could not be run counts as a failure", () => {
	const { tests, ...others } = result(1, 1, 5);
	const broken = { ...others, tests: { ...tests, broken: ["c.test.ts"] } };
	assert.include(recorded(EMPTY, broken), "5 tests passed, 1 failed");
});

test("parts add up in their order, a part takes the place of its last result, and another division begins anew", () => {
	const parts = (document: string) => document.match(/Part .*?(?= tests)/g);
	const second = recorded(EMPTY, result(2, 2, 20));
	const both = recorded(second, result(1, 2, 10));
	const part = ", commit abc1234, 2026-01-02: ";
	assert.deepEqual(parts(both), [
		`Part 1 of 2**${part}10`,
		`Part 2 of 2**${part}20`,
	]);
	assert.deepEqual(parts(recorded(both, result(2, 2, 21))), [
		`Part 1 of 2**${part}10`,
		`Part 2 of 2**${part}21`,
	]);
	const other = recorded(both, result(1, 3, 30));
	assert.deepEqual(parts(other), [`Part 1 of 3**${part}30`]);
});

test("a document without a place for it is refused", () => {
	assert.throws(() => recorded("", result(1, 1, 1)), "no place");
});
