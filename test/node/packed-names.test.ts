import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { test } from "vitest";
import { nodeHost } from "../../hosts/node.ts";
import { PackedStore } from "../../src/packed/packed-store.ts";
import { InterceptedHost } from "../support/hosts/intercepted-host.ts";

test("a packed store that was opened and never written has durable names, since holt would take that of its log for durable", async () => {
	const directory = mkdtempSync(join(tmpdir(), "dualslot-"));
	const calls: string[] = [];
	const host = new InterceptedHost(nodeHost(directory), {
		open: (path, _mode, call) => {
			calls.push(`open ${path}`);
			return call();
		},
		syncDirectory: (path, call) => {
			calls.push(`sync of ${path === "" ? "the directory" : path}`);
			return call();
		},
	});
	try {
		const store = await PackedStore.open(host, { directIO: "preferred" });
		await store.close();
		const synced = calls.indexOf("sync of the directory");
		assert.isAbove(synced, calls.indexOf("open blobs.dat"));
		assert.isAbove(synced, calls.indexOf("open manifest.log"));
	} finally {
		rmSync(directory, { recursive: true });
	}
});
