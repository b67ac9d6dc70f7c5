import { execFileSync } from "node:child_process";
import {
	closeSync,
	mkdirSync,
	mkdtempSync,
	openSync,
	rmSync,
	writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { afterEach, beforeEach, test } from "vitest";
import { MortalBrowser } from "../browser/tabs.ts";
import { failureOf } from "../support/runs/failure.ts";

const MEBIBYTE = 1024 * 1024;
/** Room for a browser's profile, and for a store beside it. */
const DISK = 96 * MEBIBYTE;

let disk: string;

beforeEach(() => {
	disk = mkdtempSync(join(tmpdir(), "dualslot-"));
	const options = ["-t", "tmpfs", "-o", `size=${DISK}`];
	execFileSync("mount", [...options, "tmpfs", disk]);
});

afterEach(() => {
	execFileSync("umount", ["--lazy", disk]);
	rmSync(disk, { recursive: true });
});

// Said to be full, Chromium writes nothing and answers a count that no write has, or says that a quota is exceeded.
test.each(["inWindow", "inWorker"] as const)(
	"a store in Chromium whose disk is full fails clearly, keeps what was synced, and goes on when there is room (%s)",
	async (scope) => {
		const profile = join(disk, "profile");
		mkdirSync(profile);
		const browser = await MortalBrowser.open(profile);
		const tab = await browser.openTab();
		await tab[scope]("open", "lines");
		await tab[scope]("keep", 10);
		const filler = fill();
		const error = await failureOf(() => tab[scope]("keep", 100_000));
		assert.propertyVal(error, "code", "ERR_NO_SPACE");
		rmSync(filler);
		await tab[scope]("keep", 10);
		const kept = (await tab[scope]("count")) ?? 0;
		assert.isAtLeast(kept, 20);
		await tab[scope]("close");
		await tab.close();
		const again = await browser.openTab();
		await again[scope]("open", "lines");
		assert.equal(await again[scope]("count"), kept);
		await browser.close();
	},
);

/** Takes all the room there is, and answers the path of the file that has it. */
function fill(): string {
	const path = join(disk, "filler");
	const file = openSync(path, "w");
	for (let size = MEBIBYTE; size >= 1; size = Math.floor(size / 2)) {
		const zeros = new Uint8Array(size);
		try {
			while (writeSync(file, zeros) > 0) {
				// A write that finds no room at all fails.
			}
		} catch (error) {
			assert.propertyVal(error, "code", "ENOSPC");
		}
	}
	closeSync(file);
	return path;
}
