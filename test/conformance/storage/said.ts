import { assert } from "chai";
import { Storage } from "../../../src/storage/storage.ts";
import { InterceptedHost } from "../../support/hosts/intercepted-host.ts";
import { assertFails, KERNEL_ERROR } from "../../support/runs/failure.ts";
import { hostTest, MEMORY, type Suite } from "../../support/runs/suite.ts";

/** What errors say, to who reads them and to who logs them. */
export function saidRows(suite: Suite): void {
	const test = hostTest(suite);

	test("an error's JSON has its cause by name, code and message", async (host) => {
		const faulty = new InterceptedHost(host);
		const storage = await Storage.open(faulty, { memory: MEMORY });
		try {
			const blob = await storage.open("raw", "name");
			faulty.hooks.sync = () => {
				throw KERNEL_ERROR;
			};
			await blob.write(0, Uint8Array.of(1));
			await assertFails("ERR_BLOB_SYNC_FAILED", () => blob.sync());
			const error = await assertFails("ERR_POISONED", () => blob.sync());
			const { cause, ...said } = JSON.parse(JSON.stringify(error));
			const { name, code, message, place } = error;
			assert.deepEqual(said, { name, code, message, place });
			const { message: text } = KERNEL_ERROR;
			assert.deepEqual(cause, { name: "Error", code: "EIO", message: text });
		} finally {
			await storage.drop();
		}
	});
}
