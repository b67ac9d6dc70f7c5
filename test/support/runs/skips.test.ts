import { assert } from "chai";
import { test } from "vitest";
import {
	type ImpossibleRow,
	NO_RING_HERE,
	nameWithReason,
} from "../../conformance/not-on-this-host.ts";
import { unexplainedSkips } from "./skips.ts";

const FILE = "test/hosts/node.test.ts";
const ROW: ImpossibleRow = { row: "a fact", host: "node", reason: "no way" };
const LEFT_OUT = { file: FILE, name: nameWithReason(ROW), isSkipped: true };

test("a test of the closed list may be left out", () => {
	const run = { file: FILE, name: "another fact", isSkipped: false };
	assert.deepEqual(unexplainedSkips([LEFT_OUT, run], [ROW]), []);
});

test("a test that is about a ring may be left out where there is none, and says so", () => {
	const name = nameWithReason({ row: "a fact of a ring", ...NO_RING_HERE });
	const run = { file: FILE, name, isSkipped: true };
	assert.deepEqual(unexplainedSkips([run], []), []);
});

test("any other test that is left out is told", () => {
	const other = { file: FILE, name: "another fact", isSkipped: true };
	assert.deepEqual(unexplainedSkips([LEFT_OUT, other], [ROW]), [
		`skipped for no reason: ${FILE} > another fact`,
	]);
	const elsewhere = { ...LEFT_OUT, file: "test/hosts/memory.test.ts" };
	assert.lengthOf(unexplainedSkips([LEFT_OUT, elsewhere], [ROW]), 1);
});

test("a row of the closed list that names no test of its host is told", () => {
	const run = { file: FILE, name: "another fact", isSkipped: false };
	assert.deepEqual(unexplainedSkips([run], [ROW]), [
		"names no test of node: a fact",
	]);
	const ofAnotherHost = { ...run, file: "test/hosts/memory.test.ts" };
	assert.deepEqual(unexplainedSkips([ofAnotherHost], [ROW]), []);
});
