import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { assert } from "chai";
import { afterEach, beforeEach, test, vi } from "vitest";
import { denoHost } from "../../hosts/deno.ts";
import { nodeHost, openPackedStore, openStorage } from "../../hosts/node.ts";
import { assertRefuses } from "../support/runs/failure.ts";

let parent: string;

beforeEach(() => {
	parent = mkdtempSync(join(tmpdir(), "dualslot-"));
});

afterEach(() => {
	vi.unstubAllGlobals();
	rmSync(parent, { recursive: true });
});

test("a store is opened by a file: URL, where its path would have it, blanks and all", async () => {
	const path = join(parent, "a store");
	for (const url of [pathToFileURL(path), pathToFileURL(`${path}/`)]) {
		const storage = await openStorage(url);
		const blob = await storage.open("partition", "name");
		await blob.close();
		await storage.close();
		assert.isTrue(existsSync(join(path, "partition", "6e616d65")));
	}
	const url = pathToFileURL(join(parent, "frames"));
	const store = await openPackedStore(url, { directIO: "preferred" });
	await store.close();
	assert.isTrue(existsSync(join(parent, "frames")));
});

test("a URL that is no file's is refused by its name, as is what is neither URL nor path", async () => {
	const web = new URL("https://example.org/store");
	await assertRefuses(TypeError, () => openStorage(web), `${web}`);
	await assertRefuses(TypeError, () => nodeHost(web), "file: URL");
	stubDeno();
	await assertRefuses(TypeError, () => denoHost(web), `${web}`);
	for (const directory of [undefined, 7, null]) {
		const untyped = () => Reflect.apply(nodeHost, undefined, [directory]);
		await assertRefuses(TypeError, untyped, "path or a file: URL, not");
	}
});

test("Deno's host takes a file: URL", () => {
	stubDeno();
	assert.equal(denoHost(pathToFileURL(parent)).location, parent);
});

function stubDeno(): void {
	vi.stubGlobal("Deno", {
		version: { deno: "2.9.5" },
		FsFile: { prototype: { tryLockSync: () => true } },
	});
}
