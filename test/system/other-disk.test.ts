import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { afterEach, beforeEach, test } from "vitest";
import { openStorage } from "../../hosts/node.ts";

const MAKER = fileURLToPath(new URL("other-disk.mjs", import.meta.url));

let parent: string;
let store: string;

beforeEach(() => {
	parent = mkdtempSync(join(tmpdir(), "dualslot-"));
	store = join(parent, "store");
	mkdirSync(store);
	mkdirSync(join(parent, "disk"));
});

afterEach(() => rmSync(parent, { recursive: true }));

test("a partition that leads into another disk takes new blobs, and one that leads to a disk's mount point says that names do not reach across", async () => {
	symlinkSync(join(parent, "disk", "inside"), join(store, "inside"));
	symlinkSync(join(parent, "disk"), join(store, "mounted"));
	const { outcomes, left } = makeBlobs("inside", "mounted", "own");
	const refused = { code: "ERR_BLOB_OPEN_FAILED", cause: "EXDEV" };
	assert.deepEqual(outcomes, ["kept", refused, "kept"]);
	assert.sameMembers(
		[...left],
		["disk", "disk/inside", "disk/inside/626c6f62"],
	);
	const storage = await openStorage(store, { links: "follow" });
	assert.lengthOf(await storage.scan("own"), 1);
	await storage.close();
});

interface Made {
	readonly outcomes: readonly unknown[];
	/** All that is on the other disk then, or beside its mount point. */
	readonly left: readonly string[];
}

/** The other disk is there as long as the process that mounted it. */
function makeBlobs(...partitions: string[]): Made {
	const script = [
		'mount -t tmpfs -o size=8m none "$0/disk"',
		'mkdir "$0/disk/inside"',
		'"$@"',
		'cd "$0"',
		"echo",
		"find disk*",
	].join(" && ");
	const output = execFileSync("unshare", [
		...["--map-root-user", "--mount", "sh", "-c", script, parent],
		...[process.execPath, MAKER, store, ...partitions],
	]);
	const [outcomes = "", ...left] = output.toString().trim().split("\n");
	return { outcomes: JSON.parse(outcomes), left };
}
