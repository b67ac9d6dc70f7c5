import { assert } from "chai";
import { test } from "vitest";
import { partOf } from "./parts.mjs";

const NAMES = Array.from(
	{ length: 400 },
	(_, index) => `test/${index}.test.ts`,
);

test("each file is in one part, and stays in it whatever other files there are", () => {
	assert.deepEqual(
		["test/tidy.test.ts", "test/hosts/node.test.ts"].map((name) => {
			return partOf(name, 8);
		}),
		[3, 6],
	);
});

test("parts take like many files", () => {
	const parts = NAMES.map((name) => partOf(name, 8));
	const counts = [1, 2, 3, 4, 5, 6, 7, 8].map((part) => {
		return parts.filter((own) => own === part).length;
	});
	assert.isAtLeast(Math.min(...counts), 25, String(counts));
	assert.isAtMost(Math.max(...counts), 75, String(counts));
});
