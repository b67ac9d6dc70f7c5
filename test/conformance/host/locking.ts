import { assert } from "chai";
import { withFile } from "../../support/hosts/raw-file.ts";
import { bytesOf } from "../../support/runs/bytes.ts";
import { content, type StoreTest } from "./text-files.ts";

export function lockingRows(test: StoreTest): void {
	test("a store has one holder, until the lock is released", async (host) => {
		for (let turn = 0; turn < 3; turn++) {
			const lock = await host.lock();
			assert.isUndefined(await host.lock());
			assert.isUndefined(await host.lock());
			await lock?.release();
		}
		const lock = await host.lock();
		assert.isDefined(lock);
		await lock?.release();
	});
	test("a file has one holder too, is made for it, and keeps what it holds", async (host) => {
		for (let turn = 0; turn < 3; turn++) {
			const lock = await host.lock("file");
			assert.isDefined(lock);
			assert.isUndefined(await host.lock("file"));
			await withFile(host, "file", "write", (file) =>
				file.write([bytesOf("held")], 0),
			);
			await lock?.release();
			assert.equal(await content(host, "file"), "held");
		}
	});
	test("the locks of a store and of its files are apart", async (host) => {
		const locks = [
			await host.lock(),
			await host.lock("one"),
			await host.lock("two"),
		];
		for (const lock of locks) {
			assert.isDefined(lock);
			await lock?.release();
		}
	});
	test("whether a store is taken is told to who does not take it, and keeps out nobody", async (host) => {
		const free =
			host.capabilities.lockExcludes === "machine" ? "unknown" : "free";
		for (let turn = 0; turn < 3; turn++) {
			assert.include([free, "free"], await host.lockState());
			const lock = await host.lock();
			assert.isDefined(lock);
			assert.equal(await host.lockState(), "held");
			assert.equal(await host.lockState(), "held");
			await lock?.release();
		}
		assert.include([free, "free"], await host.lockState());
	});
	test("a lock of a file does not take the store", async (host) => {
		const lock = await host.lock("file");
		assert.notEqual(await host.lockState(), "held");
		await lock?.release();
	});
	test("a lock leaves no entry in the store", async (host) => {
		const lock = await host.lock();
		assert.deepEqual(await host.list(""), []);
		await lock?.release();
		assert.deepEqual(await host.list(""), []);
	});
}
