import { assert } from "chai";
import { test } from "vitest";
import { type PartResult, recorded } from "./record.mjs";

const EMPTY = "before\n<!-- the last test:all -->\n<!-- its end -->\nafter\n";

function result(
	part: number,
	of: number,
	passed: number,
	commit = "abc1234",
): PartResult {
	return {
		...{ part, of, commit, date: "2026-01-02", minutes: 9 },
		tests: { passed, failed: [], skipped: 1 },
		counted: { "b.test.ts": {}, "a.test.ts": { images: 105000, cuts: 2 } },
		mutants: { noticed: 3, tried: 3 },
	};
}

/** The record's lines that begin so. */
function lines(document: string, begin: string): string[] {
	return document.split("\n").filter((line) => line.startsWith(begin));
}

test("a part's result is written between the marks, with all that was counted, file by file", () => {
	assert.equal(
		recorded(EMPTY, result(1, 2, 1234)),
		`before
<!-- the last test:all -->

1 of 2 parts were run: 1,234 tests passed, 0 failed, 1 were left out, and 3 of 3 mutants were noticed. Not yet run: 2.

| part | commit | date | minutes | tests passed | failed | left out | mutants noticed |
| ---- | ------ | ---- | ------: | -----------: | -----: | -------: | --------------: |
| 1/2 | abc1234 | 2026-01-02 | 9 | 1,234 | 0 | 1 | 3 of 3 |

Part 1/2 counted
- \`a.test.ts\`: 105,000 images, 2 cuts

<!-- its end -->
after
`,
	);
});

test("a file that could not be run counts as a failure", () => {
	const { tests, ...others } = result(1, 1, 5);
	const failed = ["`c.test.ts`: a test", "`d.test.ts`"];
	const record = recorded(EMPTY, { ...others, tests: { ...tests, failed } });
	assert.include(record, "5 tests passed, 2 failed");
	assert.include(
		record,
		"Part 1/1 failed in\n- `c.test.ts`: a test\n- `d.test.ts`\n",
	);
});

test("parts add up in their order, a part takes the place of its last result, and another division begins anew", () => {
	const second = recorded(EMPTY, result(2, 2, 2000));
	const both = recorded(second, result(1, 2, 1000));
	assert.deepEqual(lines(both, "2 of 2"), [
		"2 of 2 parts were run: 3,000 tests passed, 0 failed, 2 were left out, and 6 of 6 mutants were noticed.",
	]);
	assert.deepEqual(lines(both, "Part "), [
		"Part 1/2 counted",
		"Part 2/2 counted",
	]);
	const again = recorded(both, result(2, 2, 2001));
	assert.deepEqual(lines(again, "| 1/2").length, 1);
	assert.deepEqual(lines(again, "| 2/2"), [
		"| 2/2 | abc1234 | 2026-01-02 | 9 | 2,001 | 0 | 1 | 3 of 3 |",
	]);
	assert.deepEqual(lines(again, "- `a.test.ts`").length, 2);
});

test("parts that are missing are named, in runs", () => {
	const document = recorded(recorded(EMPTY, result(3, 7, 1)), result(7, 7, 1));
	assert.match(
		lines(document, "2 of 7").join(),
		/Not yet run: 1 to 2, 4 to 6\.$/,
	);
});

test("parts of another commit than the last are said to be such", () => {
	const first = recorded(EMPTY, result(1, 2, 1));
	const both = recorded(first, result(2, 2, 2, "def5678, changed"));
	assert.match(
		lines(both, "2 of 2").join(),
		/Of another commit than def5678, changed: 1\/2\.$/,
	);
});

test("parts of another division are said to be such, add nothing, and go when there is a whole one", () => {
	const third = recorded(EMPTY, result(3, 3, 30));
	const first = recorded(third, result(1, 2, 10));
	assert.match(
		lines(first, "1 of 2").join(),
		/: 10 tests .* Not yet run: 2\. Of another division: 3\/3\.$/,
	);
	assert.lengthOf(lines(first, "| 3/3"), 1);
	const whole = recorded(first, result(2, 2, 20));
	assert.match(lines(whole, "2 of 2").join(), /: 30 tests .* noticed\.$/);
	assert.notInclude(whole, "3/3");
});

test("a document without a place for it is refused", () => {
	assert.throws(() => recorded("", result(1, 1, 1)), "no place");
});
