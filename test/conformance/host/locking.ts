import { assert } from "chai";
import type { StoreTest } from "./text-files.ts";

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
	test("a lock leaves no entry in the store", async (host) => {
		const lock = await host.lock();
		assert.deepEqual(await host.list(""), []);
		await lock?.release();
		assert.deepEqual(await host.list(""), []);
	});
}
