import { assert } from "chai";
import { opened, withFile } from "../../support/hosts/raw-file.ts";
import { bytesOf } from "../../support/runs/bytes.ts";
import { assertFails, content, type StoreTest } from "./text-files.ts";

export function syncingRows(test: StoreTest): void {
	test("a sync settles after writes, truncations and nothing", async (host) => {
		await withFile(host, "file", "replace", async (file) => {
			await file.sync();
			await file.write([bytesOf("written")], 0);
			await file.truncate(3);
			await file.sync();
			await file.sync();
		});
		assert.equal(await content(host, "file"), "wri");
	});
	test("syncs of one file overlap", async (host) => {
		await withFile(host, "file", "replace", async (file) => {
			await file.write([bytesOf("written")], 0);
			await Promise.all([file.sync(), file.sync(), file.sync()]);
		});
	});
	test("a file closed during its sync is synced", async (host) => {
		const file = await opened(host, "file", "replace");
		await file.write([bytesOf("written")], 0);
		await Promise.all([file.sync(), file.close()]);
		assert.equal(await content(host, "file"), "written");
	});
	test("directories are synced, a missing one is an error", async (host) => {
		await host.makeDirectory("directory");
		await host.syncDirectory("directory");
		await host.syncDirectory("");
		await assertFails(() => host.syncDirectory("missing"));
	});
}
