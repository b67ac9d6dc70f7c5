import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { afterEach, beforeEach, test } from "vitest";
import { longLog } from "../crash/long-log.ts";
import { commandLine, type Runtime } from "../support/package/programs.ts";

const FILLER = fileURLToPath(new URL("packed-disk-full.mjs", import.meta.url));

/** Larger than what it has to be to be folded up, and its last block of 1024 bytes has room for more. */
const RECORDS_TOO_MANY = 3;

/** A write that a page's end divides leaves its first records in the log: where blocks are smaller than pages, it leaves nothing. */
const BLOCK_SIZES: Partial<Record<string, number>> = { log: 4096 };

interface Failure {
	readonly code: string;
	readonly message: string;
	readonly path: string;
	readonly cause: string;
}

interface FullDiskReport {
	/** While the disk is full: on the first handle, and on one that was opened then. */
	readonly failure: Failure;
	readonly second: Failure;
	/** With room again, on that handle. */
	readonly again?: Failure;
	/** Whether frames were as they had to be: after the failure, in the store that was opened on the full disk, and at last. */
	readonly read: boolean;
	readonly found: boolean;
	readonly kept: boolean;
	readonly frames: number;
	readonly directIO: boolean;
}

let scratch: string;

beforeEach(() => {
	scratch = mkdtempSync(join(tmpdir(), "dualslot-"));
});

afterEach(() => rmSync(scratch, { recursive: true }));

test.each([
	["room", "node", "blobs.dat", /^no room for slot 0 of blobs.dat: /],
	["growth", "node", "blobs.dat", /^no room for slot 8 of blobs.dat: /],
	["checksums", "node", "frames.crc", /^write failed: frames.crc: /],
	["log", "node", "manifest.log", /^write failed: manifest.log: /],
	["fold", "node", "manifest.bin", /^the log was not folded up; /],
	["room", "deno", "blobs.dat", /^write failed: slot 0 of blobs.dat: /],
	["growth", "deno", "blobs.dat", /^write failed: slot 8 of blobs.dat: /],
	["checksums", "deno", "frames.crc", /^write failed: frames.crc: /],
	["log", "deno", "manifest.log", /^write failed: manifest.log: /],
	["fold", "deno", "manifest.bin", /^the log was not folded up; /],
] as const)(
	"a disk that is full at a packed store's %s under %s, in %s, fails clearly, loses nothing, and serves the same handle when there is room again",
	(step, runtime, path, message) => {
		const report = fillDisk(runtime, step);
		const { failure, second, again, read, found, kept, frames } = report;
		for (const { message: text, ...said } of [failure, second]) {
			assert.deepEqual(said, {
				...{ code: "ERR_NO_SPACE", cause: "ENOSPC", path },
			});
			assert.match(text, message);
		}
		assert.isUndefined(again);
		assert.isTrue(read && found && kept);
		assert.isAtLeast(frames, 4);
		assert.isTrue(report.directIO);
	},
);

/** On a small ext4 of its own, in a file, which the kernel takes away with the process that mounted it: direct I/O needs a real disk. */
function fillDisk(runtime: Runtime, step: string): FullDiskReport {
	const disk = join(scratch, "disk");
	const log = join(scratch, "log");
	writeFileSync(log, longLog(-RECORDS_TOO_MANY));
	const script = [
		'truncate -s 40m "$0.image"',
		`mkfs.ext4 -q -b ${BLOCK_SIZES[step] ?? 1024} -m 0 "$0.image"`,
		'mkdir "$0"',
		'mount -o loop "$0.image" "$0"',
		'exec "$@"',
	].join(" && ");
	const output = execFileSync("unshare", [
		...["--mount", "sh", "-c", script, disk],
		...[...commandLine(runtime, FILLER), runtime],
		...[join(disk, "store"), step, join(disk, "filler"), log],
	]);
	return JSON.parse(output.toString());
}
