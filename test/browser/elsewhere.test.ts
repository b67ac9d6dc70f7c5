import { assert } from "chai";
import { test } from "vitest";
import { openStorage } from "../../hosts/opfs.ts";
import { assertFails } from "../support/runs/failure.ts";

test("Node has no origin private file system, and dualslot/opfs says so", async () => {
	const error = await assertFails("ERR_UNSUPPORTED", () =>
		openStorage("store"),
	);
	assert.match(error.message, /no origin private file system/);
});
