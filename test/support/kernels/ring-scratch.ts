import { mkdtempSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { HostRing } from "../../../hosts/node/io-uring/host-ring.ts";
import type { RingWait } from "../../../hosts/node/io-uring/io-uring.ts";
import type { RingKernel } from "../../../hosts/node/io-uring/kernel.ts";
import type { RingFile } from "../../../hosts/node/io-uring/ring-file.ts";
import { syncBlocking } from "../../../hosts/posix/posix-file.ts";
import { SCRATCH } from "../disks/scratch.ts";

export interface RingScratch {
	readonly ring: HostRing;
	/** Another empty file, through the same ring. */
	open(alignment?: number): Promise<RingFile>;
	delete(): void;
}

/** Files in a new directory, moved by a kernel. */
export function ringScratch(
	kernel: RingKernel,
	wait: RingWait = "async",
): RingScratch {
	const directory = mkdtempSync(join(SCRATCH, "dualslot-ring-"));
	const ring = new HostRing(wait, async () => kernel);
	let count = 0;
	return {
		ring,
		open: async (alignment = 1) => {
			count += 1;
			const fd = openSync(join(directory, `${count}`), "w+");
			const file = await ring.file(fd, { sync: syncBlocking }, alignment);
			if (file === undefined) {
				throw new Error("there is no ring");
			}
			return file;
		},
		delete: () => rmSync(directory, { recursive: true }),
	};
}
