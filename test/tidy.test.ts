import { basename } from "node:path";
import { assert } from "chai";
import { test } from "vitest";
import { MUTANTS } from "./mutants/mutants.mjs";
import { deadAnchors } from "./tidy/anchors.ts";
import { internalsNamed, membersWithoutWord } from "./tidy/declarations.ts";
import {
	codesDocumented,
	deadLinks,
	eventKinds,
	readmeLines,
	stabilitiesDocumented,
} from "./tidy/documents.ts";
import { hiddenFailures } from "./tidy/endings.ts";
import { type Import, imports, reachableFrom } from "./tidy/imports.ts";
import { arrowsUp, circles, ROOMS, roomsOfSrc } from "./tidy/layers.ts";
import {
	longFiles,
	longFunctions,
	shippedFigures,
	wideLines,
} from "./tidy/limits.ts";
import { recursions, spreadsOfLiterals, spreadsOfMany } from "./tidy/many.ts";
import { published } from "./tidy/published.ts";
import { paths, readText, roomOf, sourcesIn } from "./tidy/sources.ts";
import { strayThrows, withoutThrows, wrongExceptions } from "./tidy/throws.ts";
import {
	codesDeclared,
	codesUsed,
	errorsWithoutCode,
	hostChecks,
	impurities,
	leftovers,
	realmChecks,
	strayWebAssembly,
	wallClocks,
} from "./tidy/words.ts";

const ENTRIES = [
	"src/index.ts",
	"src/host/format-stats.ts",
	"src/transfer/index.ts",
	"hosts/node.ts",
	"hosts/deno.ts",
	"hosts/opfs.ts",
	"hosts/opfs-worker.ts",
	"hosts/memory.ts",
];
const CORE_ENTRY = "assembly/index.ts";
/** A folder has the name of the host whose parts lie in it, or of the system that several share. */
const PART_OF_HOST = /^hosts\/(memory|posix|node|opfs)\//;
const SHIPPED = ["assembly", "src", "hosts"];

/** By room: the paths and packages that it may import, besides its own. */
const MAY_IMPORT: Readonly<Record<string, RegExp>> = {
	assembly: /^$/,
	src: /^build\/core-bytes\.ts$|^assembly\/format\.ts$|^@assemblyscript\/loader$|^@hpcc-js\/wasm-zstd$/,
	hosts: /^src\/|^assembly\/format\.ts$|^node:|^koffi$/,
	demo: /^(hosts|src|build)\/|^assembly\/format\.ts$|^node:|^typescript$/,
	bench: /^(hosts|src|build|test\/runtimes)\/|^assembly\/format\.ts$|^[^./]/,
	scripts: /^[^./]/,
	test: /^(hosts|src|build|assembly)\/|^[^./]/,
};

/** Functions that call themselves, and why no user can make many of that. */
const SHALLOW: Readonly<Record<string, string>> = {
	"hosts/opfs/shared-file.ts: use": "from a promise, not from itself",
	"hosts/posix/posix-host.ts: makeWithParents": "a path has few parts",
	"src/codec/varints.ts: uvarintSize64": "a number of 64 bits has three parts",
	"src/errors.ts: causeInJson": "to the levels that it is given",
	"src/journal/section.ts: sectionNumber": "a bigint is none to convert",
	"src/storage/own-files/own-file.ts: isShallow":
		"to the levels that it is given",
};

/** Blocks that run after a failure and wait, and why none of them hides it. */
const TOLD_BOTH: Readonly<Record<string, string>> = {
	"src/turns/endings.ts": "that is what it is for",
	"src/storage/blobs.ts":
		"what lies in a partition's place is why no blob opens in it",
	"src/transfer/import.ts":
		"an import that cannot be emptied rejects with both",
	"src/host/latch.ts": "the undoing poisons, and throws nothing",
	"src/transfer/frozen-files.ts": "only where nothing has failed",
};

/** Errors that are made without a code, and why. */
const WITHOUT_CODE: Readonly<Record<string, string>> = {
	"src/checks.ts": "an assertion, which names itself so",
	"src/host/answers.ts": "it is given a platform's code",
	"src/host/faulty.ts": "it is given a platform's code",
	"hosts/opfs/messages.ts": "it is given back the code that it came with",
};

test("imports run one way, from what is tested or shown to the hosts, the engine, the core", () => {
	const rules = imports.filter(({ from }) => roomOf(from) in MAY_IMPORT);
	assert.isNotEmpty(rules);
	assertNone(rules.filter((found) => !isAllowed(found)).map(arrow));
});

test("src/ has the rooms that are known, imports of it go down, those of types too, and none goes round", () => {
	assert.sameMembers(roomsOfSrc(), ROOMS);
	assertNone(arrowsUp());
	assertNone(circles());
});

test("what users are given names no part of the engine, and has a word for each member", () => {
	assertNone(internalsNamed());
	assertNone(membersWithoutWord());
});

test("what users call says what it throws, and of a StorageError with which codes", () => {
	assertNone(withoutThrows());
	assertNone(strayThrows());
	assertNone(wrongExceptions());
});

test("a host imports no other host", () => {
	const others = imports.filter(
		({ from, to }) =>
			roomOf(from) === "hosts" &&
			roomOf(to) === "hosts" &&
			!PART_OF_HOST.test(to),
	);
	assertNone(others.map(arrow));
});

test("the engine and the core do not ask where they run", () => {
	assertNone(hostChecks());
});

test("WebAssembly is named behind the door to the core, and nowhere else", () => {
	assertNone(strayWebAssembly());
});

test("errors, bytes and streams are told by what they are, and by no class of one realm", () => {
	assertNone(realmChecks());
});

test("no clock is read that can be set back", () => {
	assertNone(wallClocks());
});

test("the core makes no object, throws nothing and holds no string", () => {
	assertNone(impurities());
});

test("a function has 70 lines at most, and a file 500", () => {
	assertNone(longFunctions());
	assertNone(longFiles());
});

test("what is shipped is in small pieces: functions of 7 lines, 25 at most of nineteen in twenty, and files of 320, 450 at most", () => {
	const figures = shippedFigures();
	console.log(figures);
	assert.isAtMost(figures.functionMedian, 7);
	assert.isAtMost(figures.function95, 25);
	assert.isAtMost(figures.file95, 320);
	assert.isAtMost(figures.fileMost, 450);
});

test("code and comments have 100 columns, but for a line that holds one text", () => {
	assertNone(wideLines());
});

test("every kind of event has its row in docs/observing.md", () => {
	const { told, documented } = eventKinds();
	assert.isNotEmpty(told);
	assert.sameMembers(documented, told);
});

test("no failure is hidden by one of what is let go after it", () => {
	const found = hiddenFailures();
	const isKnown = (place: string) =>
		Object.keys(TOLD_BOTH).some((known) => place.startsWith(known));
	assertNone(found.filter((place) => !isKnown(place)));
	assert.lengthOf(found, Object.keys(TOLD_BOTH).length);
});

test("an error has a code of dualslot's or of a platform's, or is an assertion", () => {
	const found = errorsWithoutCode();
	const isKnown = (place: string) =>
		Object.keys(WITHOUT_CODE).some((known) => place.startsWith(known));
	assertNone(found.filter((place) => !isKnown(place)));
	assert.lengthOf(found, Object.keys(WITHOUT_CODE).length);
});

test("no list or object that is written down is spread into another", () => {
	assertNone(spreadsOfLiterals());
});

test("no call is given as many arguments as something has members", () => {
	assertNone(spreadsOfMany());
});

test("no function calls itself, but for those that are known to end soon", () => {
	assert.sameMembers(recursions(), Object.keys(SHALLOW));
});

test("each error code is declared, used, and in the table of docs/errors.md", () => {
	const declared = codesDeclared();
	assert.isNotEmpty(declared);
	assert.sameMembers([...codesUsed().keys()], declared);
	assert.sameOrderedMembers(codesDocumented(), declared);
});

test("docs/stability.md says of each export once whether it stays as it is", () => {
	const { exports } = published();
	assert.isNotEmpty(exports);
	assert.sameMembers(stabilitiesDocumented(), [...exports]);
});

test("the README has 200 lines at most", () => {
	assert.isAtMost(readmeLines(), 200);
});

test("each mutant breaks a text that stands once in its file", () => {
	const lost = MUTANTS.filter(
		({ file, find }) => readText(file).split(find).length !== 2,
	);
	assertNone(lost.map(({ file, breaks }) => `${file}: ${breaks}`));
});

test("nothing is left over from work in progress", () => {
	assertNone(leftovers());
});

test("no generated file is committed", () => {
	const generated =
		/^(build|node_modules)\/|\.(wasm|wat|tgz|map|log)$|\.d\.ts$/;
	assertNone(paths.filter((path) => generated.test(path)));
});

test("every shipped file is needed by an entry point, and the core's by its own", () => {
	const needed = reachableFrom([...ENTRIES, CORE_ENTRY]);
	const shipped = sourcesIn(...SHIPPED).map(({ path }) => path);
	assertNone(shipped.filter((path) => !needed.has(path)));
});

test("every file of the tests is a test, or is used by one", () => {
	const imported = new Set(imports.map(({ to }) => to));
	const texts = sourcesIn("test", "scripts", "").map(({ text }) => text);
	texts.push(readText("package.json"));
	const unused = sourcesIn("test").filter(
		({ path }) =>
			!path.endsWith(".test.ts") &&
			!imported.has(path) &&
			!texts.some((text) => text.includes(basename(path))),
	);
	assertNone(unused.map(({ path }) => path));
});

test("every link and every path in a document leads somewhere", () => {
	assertNone(deadLinks());
});

test("every link to a place in a document finds it there", () => {
	assertNone(deadAnchors());
});

function isAllowed({ from, to, isPackage }: Import): boolean {
	const isOwn = !isPackage && roomOf(to) === roomOf(from);
	return isOwn || MAY_IMPORT[roomOf(from)]?.test(to) === true;
}

function arrow({ from, to }: Import): string {
	return `${from} → ${to}`;
}

function assertNone(found: readonly string[]): void {
	assert.isEmpty(found, `\n${found.join("\n")}\n`);
}
