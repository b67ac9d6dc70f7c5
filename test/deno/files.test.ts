import { execFileSync } from "node:child_process";
import {
	closeSync,
	cpSync,
	mkdtempSync,
	openSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	truncateSync,
	writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { afterAll, beforeAll, describe, test } from "vitest";
import { HEADER_SIZE, RECORD_SIZE } from "../../assembly/format.ts";
import type { RecoveryReport } from "../../src/paged/recovery-report.ts";
import type { StorageRecovery } from "../../src/storage/recovery.ts";
import { Holder } from "../support/hosts/holder.ts";
import { commandLine, type Runtime } from "../support/package/programs.ts";
import { bytesOf, toHex } from "../support/runs/bytes.ts";

const RECORDS = fileURLToPath(new URL("records.mjs", import.meta.url));
const RUNTIMES = ["node", "deno"] as const;
/** As records.mjs keeps them. */
const PAGE = 128 + RECORD_SIZE;
const SYNCED = 100 * 17;
const FIRST = join("records", toHex(bytesOf("first")));

let parent: string;
let copies = 0;

beforeAll(async () => {
	parent = mkdtempSync(join(tmpdir(), "dualslot-"));
	for (const writer of RUNTIMES) {
		const holder = new Holder(writer, RECORDS, join(parent, writer), "write");
		await holder.kill();
	}
});

afterAll(() => rmSync(parent, { recursive: true }));

test("the same calls leave the same files in Node and in Deno", () => {
	const files = filesOf(join(parent, "node"));
	assert.containsAllKeys(files, [FIRST, "dualslot.open", "dualslot.json"]);
	assert.deepEqual(filesOf(join(parent, "deno")), files);
});

describe.each(RUNTIMES)("after a writer in %s was killed", (writer) => {
	test.each([
		["whole", "none", () => undefined],
		["cut within a page", "torn-tail", cutWithinPage],
		["lacking a page", "hole", zeroPage],
	] as const)(
		"its files, %s, recover to the same report and the same bytes in both",
		(_, cut, damage) => {
			const image = copyOf(join(parent, writer));
			damage(join(image, FIRST));
			const [inNode, inDeno] = [copyOf(image), copyOf(image)];
			const found = recover("node", inNode);
			const [{ foundCrash }, { recovery }] = found;
			assert.isTrue(foundCrash);
			assert.equal(recovery.cut, cut);
			assert.isAtLeast(recovery.size, SYNCED);
			assert.deepEqual(recover("deno", inDeno), found);
			assert.deepEqual(filesOf(inDeno), filesOf(inNode));
			assert.deepEqual(recover("deno", inNode), recover("node", inDeno));
			assert.deepEqual(filesOf(inDeno), filesOf(inNode));
		},
	);
});

interface RecoveredBlob {
	readonly recovery: RecoveryReport;
	readonly digest: string;
}

type Recovered = readonly [StorageRecovery, RecoveredBlob, RecoveredBlob];

function recover(runtime: Runtime, directory: string): Recovered {
	const [command, ...options] = commandLine(runtime, RECORDS);
	const given = [...options, runtime, directory, "recover"];
	return JSON.parse(execFileSync(command, given).toString());
}

function copyOf(directory: string): string {
	const copy = join(parent, `copy-${++copies}`);
	cpSync(directory, copy, { recursive: true });
	return copy;
}

/** What each file of a store holds, by its path. */
function filesOf(directory: string): ReadonlyMap<string, string> {
	const paths = readdirSync(directory, { encoding: "utf8", recursive: true });
	const files = paths.filter((path) =>
		statSync(join(directory, path)).isFile(),
	);
	return new Map(
		files
			.sort()
			.map((path) => [path, toHex(readFileSync(join(directory, path)))]),
	);
}

function cutWithinPage(path: string): void {
	truncateSync(path, statSync(path).size - 50);
}

/** The third page before the last, which no sync has covered. */
function zeroPage(path: string): void {
	const last = Math.floor((statSync(path).size - HEADER_SIZE) / PAGE) - 1;
	const fd = openSync(path, "r+");
	writeSync(fd, new Uint8Array(PAGE), 0, PAGE, HEADER_SIZE + (last - 3) * PAGE);
	closeSync(fd);
}
