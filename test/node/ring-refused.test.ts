import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { test, vi } from "vitest";
import { openPackedStore, openStorage } from "../../hosts/node.ts";
import { Listening } from "../support/runs/listening.ts";

vi.mock("../../hosts/node/io-uring/kernel.ts", async (original) => ({
	...(await original<object>()),
	systemKernel: async () => undefined,
}));

test("that the kernel gives no ring is told where one was asked for, and bytes are moved by calls", async () => {
	await withScratch(async (directory) => {
		const heard = new Listening();
		const options = { io: "ring", ...heard.options } as const;
		const storage = await openStorage(directory, options);
		heard.assertOne({ kind: "ring-refused", path: directory });
		await storage.close();
	});
	await withScratch(async (directory) => {
		const heard = new Listening();
		const options = { directIO: "off", ...heard.options } as const;
		const store = await openPackedStore(directory, options);
		assert.isEmpty(heard.events);
		await store.close();
	});
});

async function withScratch(
	body: (directory: string) => Promise<void>,
): Promise<void> {
	const directory = mkdtempSync(join(tmpdir(), "dualslot-"));
	try {
		await body(directory);
	} finally {
		rmSync(directory, { recursive: true });
	}
}
