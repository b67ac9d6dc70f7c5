import { existsSync, readFileSync } from "node:fs";
import { platform } from "node:process";
import { assert } from "chai";
import { test } from "vitest";
import { FRAME_SIZE } from "../../assembly/format.ts";
import { nodeHost } from "../../hosts/node.ts";
import { PackedStore } from "../../src/packed/packed-store.ts";
import { temporaryHost } from "../support/hosts/temporary-host.ts";

/** Not there on a kernel without huge pages, and none but Linux has it. */
const HUGE_PAGES = "/sys/kernel/mm/transparent_hugepage";

/** Stores of different sizes: one that has closed leaves its memory for the next of its size. */
for (const [io, frames] of [
	["calls", 64],
	["auto", 72],
] as const) {
	test(`huge pages are wanted under the frames of a packed store, by ${io}, where the kernel has them`, async () => {
		const { host, cleanUp } = temporaryHost((directory) =>
			nodeHost(directory, { io }),
		);
		const before = bytesWantingHugePages();
		const store = await PackedStore.open(host, { frames });
		const wanted = bytesWantingHugePages() - before;
		await store.close();
		await cleanUp();
		if (platform === "linux" && existsSync(HUGE_PAGES)) {
			assert.isAtLeast(wanted, frames * FRAME_SIZE);
		} else {
			assert.equal(wanted, 0);
		}
	});
}

/** Of all that this process has mapped. */
function bytesWantingHugePages(): number {
	const mappings = existsSync("/proc/self/smaps")
		? readFileSync("/proc/self/smaps", "utf8").split(/^(?=[0-9a-f]+-)/m)
		: [];
	return mappings
		.filter((mapping) => /^VmFlags:.* hg\b/m.test(mapping))
		.reduce((sum, mapping) => {
			const [, kibibytes = "0"] = /^Size:\s+(\d+) kB/m.exec(mapping) ?? [];
			return sum + Number(kibibytes) * 1024;
		}, 0);
}
