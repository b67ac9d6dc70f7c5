import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const TMPFS_MAGIC = 0x01021994;

/** Gives a directory of a file system that has a disk under it, and removes it. Throws where there is none. */
export async function inScratch(
	run: (parent: string) => Promise<void>,
): Promise<void> {
	const parent = mkdtempSync(join(tmpdir(), "dualslot-packed-"));
	try {
		if (statfsSync(parent).type === TMPFS_MAGIC) {
			throw new Error(
				`${parent} lies in memory, and frames are to go to a disk: name one in TMPDIR`,
			);
		}
		await run(parent);
	} finally {
		rmSync(parent, { recursive: true });
	}
}
