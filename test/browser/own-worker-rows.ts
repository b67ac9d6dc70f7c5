import { assert } from "chai";
import { openStorage, opfsHost } from "../../hosts/opfs.ts";
import { assertFails, failureOf } from "../support/runs/failure.ts";
import type { Test } from "../support/runs/suite.ts";
import { withProperty } from "./hooked.ts";

/** What a page's own worker does that does not start. */
export function ownWorkerRows(test: Test): void {
	test("a page's own worker that is not found fails every call, and the next store starts another", async () => {
		let started = 0;
		class Misplaced extends Worker {
			constructor() {
				super("/missing.js", { type: "module" });
				started += 1;
			}
		}
		await withProperty(globalThis, "Worker", Misplaced, async () => {
			const host = opfsHost("own-worker");
			assert.equal(started, 0);
			const calls = [host.makeDirectory(""), host.lock(), host.list("")];
			for (const call of [...calls, host.remove("")]) {
				const error = await failureOf(() => call);
				assert.match(String(error), /did not start: its script/);
			}
			const error = await failureOf(() => host.list(""));
			assert.match(String(error), /did not start: its script/);
			assert.equal(started, 1);
		});
		assert.isUndefined(await opfsHost("own-worker").list(""));
	});

	test("a scope that can neither open files nor start a worker is refused", () =>
		withProperty(globalThis, "Worker", undefined, async () => {
			const error = await assertFails("ERR_UNSUPPORTED", () =>
				openStorage("store"),
			);
			assert.match(error.message, /pass \{ worker \}/);
		}));
}
