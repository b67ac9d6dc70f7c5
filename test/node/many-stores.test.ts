import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { assert, test } from "vitest";
import { FRAME_SIZE } from "../../assembly/format.ts";
import { type NodeIO, openPackedStore } from "../../hosts/node.ts";
import { SCRATCH } from "../support/scratch.ts";

/** More than the calls that koffi makes at once. */
const STORES = 300;
const GUID = new Uint8Array(16);

test.each<NodeIO>(["calls", "ring"])(
	`${STORES} packed stores of one process write at once, by io '%s'`,
	async (io) => {
		const directory = mkdtempSync(join(SCRATCH, "dualslot-many-"));
		try {
			const stores = await Promise.all(
				Array.from({ length: STORES }, (_, index) =>
					openPackedStore(join(directory, `${index}`), { frames: 1, io }),
				),
			);
			const frame = new Uint8Array(FRAME_SIZE).fill(7);
			await Promise.all(stores.map((store) => store.write(GUID, frame)));
			await Promise.all(stores.map((store) => store.close()));
			const last = await openPackedStore(join(directory, "0"));
			assert.equal(last.size, 1);
			await last.close();
		} finally {
			rmSync(directory, { recursive: true });
		}
	},
);
