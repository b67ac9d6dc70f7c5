import { readFileSync } from "node:fs";
import { IS_DEALT } from "../support/runs/dealt.ts";
import { nameToday, RENAMED } from "./renamed.ts";

/** A test by its file, with '/' between its parts, and its name behind those of the suites around it. */
export interface NamedTest {
	readonly file: string;
	readonly name: string;
}

const RECORD = new URL("kept-names.txt", import.meta.url);
const BETWEEN = " > ";
/** What a test that is left out on a host is registered with, behind its name. */
const LEFT_OUT = / \(not on [^)]*\)$/;

/** Every test that the record names, in each of its files and suites. */
export function keptTests(record = readFileSync(RECORD, "utf8")): NamedTest[] {
	const [, ...blocks] = record.split("\n\n");
	return blocks.flatMap((block) => {
		const lines = block.split("\n").filter((line) => line !== "");
		const places = lines.filter((line) => line.startsWith("@ "));
		const names = lines.slice(places.length);
		return places.flatMap((place) => names.map((name) => testIn(place, name)));
	});
}

function testIn(place: string, name: string): NamedTest {
	const [file = "", ...suites] = place.slice("@ ".length).split(BETWEEN);
	return { file, name: [...suites, name].join(BETWEEN) };
}

/**
 * The tests of the record that a run did not have. A run of some files is asked for theirs alone, and `isWhole` for the tests of
 * every file. Where rows are dealt out, each must be in one of the hosts that would have it.
 */
export function lostTests(
	run: readonly NamedTest[],
	isWhole: boolean,
	kept: readonly NamedTest[] = keptTests(),
	renamed: Readonly<Record<string, string>> = RENAMED,
	isDealt = IS_DEALT,
): NamedTest[] {
	const files = new Set(run.map(({ file }) => file));
	const found = new Set(run.map(keyOf));
	const now = ({ file, name }: NamedTest) => {
		const suites = name.split(BETWEEN);
		const own = suites.pop() ?? "";
		return { file, name: [...suites, nameToday(own, renamed)].join(BETWEEN) };
	};
	const dealt = new Set(isDealt ? run.flatMap(rowOf) : []);
	return kept.filter(
		(test) =>
			(isWhole || files.has(test.file)) &&
			!found.has(keyOf(test)) &&
			!found.has(keyOf(now(test))) &&
			!rowOf(now(test)).some((row) => dealt.has(row)),
	);
}

/** The name of a test of a host's suites, which other hosts have too. */
function rowOf({ file, name }: NamedTest): string[] {
	const own = name.split(BETWEEN).at(-1) ?? "";
	return file.startsWith("test/hosts/") ? [own.replace(LEFT_OUT, "")] : [];
}

function keyOf({ file, name }: NamedTest): string {
	return `${file}${BETWEEN}${name.replace(LEFT_OUT, "")}`;
}
