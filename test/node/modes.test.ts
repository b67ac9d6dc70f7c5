import { execFileSync } from "node:child_process";
import {
	chmodSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	rmSync,
	statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { afterEach, beforeEach, describe, test } from "vitest";
import { nodeHost, openStorage } from "../../hosts/node.ts";
import { DUALSLOT_STORES } from "../fixtures/dualslot-stores.ts";
import { commandLine, type Runtime } from "../support/package/programs.ts";
import { failureOf } from "../support/runs/failure.ts";
import { assertDialogue, layDown } from "../support/stores/dualslot-store.ts";

const MAKER = fileURLToPath(new URL("make-store.mjs", import.meta.url));
const UMASKS = ["000", "022", "077"];
const RIGHTS = 0o777;

let parent: string;
let store: string;

beforeEach(() => {
	parent = mkdtempSync(join(tmpdir(), "dualslot-"));
	store = join(parent, "above", "store");
});

afterEach(() => rmSync(parent, { recursive: true }));

describe.each(["node", "deno"] as const)("under %s", (runtime) => {
	test.each(UMASKS)(
		"a store whose directory is made is its owner's alone, under umask %s",
		(umask) => {
			make(runtime, umask);
			assert.equal(modeOf(join(parent, "above")), 0o700);
			assertModes(0o700, 0o600);
		},
	);

	test.each(UMASKS)(
		"a packed store whose directory is made is its owner's alone, under umask %s",
		(umask) => {
			make(runtime, umask, {}, "packed");
			assertModes(0o700, 0o600);
		},
	);

	test.each(UMASKS)(
		"a new store has the mode that was asked for, under umask %s",
		(umask) => {
			make(runtime, umask, { mode: 0o640 });
			assertModes(0o750, 0o640);
		},
	);

	test.each(UMASKS)(
		"a directory that was there stays as it is, and what is made in it has its mode, under umask %s",
		(umask) => {
			mkdirSync(store, { recursive: true });
			chmodSync(store, 0o2775);
			make(runtime, umask, { mode: 0o600 });
			assert.equal(statSync(store).mode & 0o7777, 0o2775);
			assertModes(0o775, 0o664);
		},
	);

	test("what replaces a file keeps its mode, and no other file's is changed", () => {
		make(runtime, "022", { mode: 0o644 });
		const config = join(store, "dualslot.json");
		const blob = join(store, "p", "626c6f62");
		chmodSync(config, 0o640);
		chmodSync(blob, 0o600);
		chmodSync(join(store, "p"), 0o711);
		make(runtime, "022", {}, "replace");
		assert.equal(modeOf(config), 0o640);
		assert.equal(modeOf(blob), 0o600);
		assert.equal(modeOf(join(store, "p")), 0o711);
	});
});

test.each(Object.values(DUALSLOT_STORES).flat())(
	"a store of an earlier version opens with its modes, which stay; copies of what is cut are its owner's alone: $name",
	async (kept) => {
		const host = nodeHost(store);
		await layDown(host, kept);
		const paths = ["", ...pathsIn(store)];
		for (const path of paths) {
			chmodSync(join(store, path), isDirectory(path) ? 0o755 : 0o644);
		}
		await assertDialogue(host, kept);
		for (const path of ["", ...pathsIn(store)]) {
			const isCopy = path.startsWith("dualslot.cut/") && !paths.includes(path);
			const ofFile = isCopy ? 0o600 : 0o644;
			const expected = isDirectory(path) ? 0o755 : ofFile;
			assert.equal(modeOf(join(store, path)), expected, path);
		}
	},
);

test.each([0o400, 0o700, 0o1600, -1, 0.5, "0600", null])(
	"%j is no mode of a store's files",
	async (mode) => {
		const failure = await failureOf(() =>
			Reflect.apply(openStorage, undefined, [store, { mode }]),
		);
		assert.instanceOf(failure, RangeError);
		assert.deepEqual(readdirSync(parent), []);
	},
);

function make(
	runtime: Runtime,
	umask: string,
	options: { readonly mode?: number } = {},
	kind = "",
): void {
	const [command, ...before] = commandLine(runtime, MAKER);
	const given = [runtime, store, umask, JSON.stringify(options), kind];
	execFileSync(command, [...before, ...given]);
}

/** Of the store's directory and all that lies in it. */
function assertModes(directoryMode: number, fileMode: number): void {
	assert.equal(modeOf(store), directoryMode);
	const paths = pathsIn(store);
	assert.isNotEmpty(paths);
	for (const path of paths) {
		const expected = isDirectory(path) ? directoryMode : fileMode;
		assert.equal(modeOf(join(store, path)), expected, path);
	}
}

function pathsIn(directory: string): string[] {
	return readdirSync(directory, { encoding: "utf8", recursive: true });
}

function isDirectory(path: string): boolean {
	return statSync(join(store, path)).isDirectory();
}

function modeOf(path: string): number {
	return statSync(path).mode & RIGHTS;
}
