import { execFileSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { afterEach, beforeEach, test } from "vitest";
import { KeptStore } from "../support/rust/kept-store.ts";

const OPENER = fileURLToPath(new URL("as-nobody.mjs", import.meta.url));

let store: KeptStore;

beforeEach(async () => {
	store = await KeptStore.create();
});

afterEach(() => store.delete());

test.each([
	["a store that it may not write to", "", 0o555, "ERR_IO"],
	["a store that it may not read", "", 0o000, "ERR_IO"],
	["a partition that it may not write to", "p", 0o555, "ERR_BLOB_OPEN_FAILED"],
	["a partition that it may not read", "p", 0o000, "ERR_BLOB_OPEN_FAILED"],
])("a user is refused %s, by its path", async (_, path, mode, code) => {
	chmodSync(store.directory, 0o777);
	chmodSync(join(store.directory, path), mode);
	const failure = openAsNobody("p", "new");
	assert.deepInclude(failure, { kind: "StorageError", code, cause: "EACCES" });
	const named = path === "" ? store.directory : "p/6e6577";
	assert.include(failure.message, named);
	chmodSync(join(store.directory, path), 0o755);
	await store.assertKept();
});

test("a user is refused a blob that it may not read, by its path", async () => {
	chmodSync(store.directory, 0o777);
	chmodSync(join(store.directory, KeptStore.PATH), 0o000);
	for (const mode of ["readOnly", ""]) {
		const failure = openAsNobody("p", "blob", mode);
		const code = "ERR_BLOB_OPEN_FAILED";
		assert.deepInclude(failure, { code, cause: "EACCES" });
		assert.include(failure.message, KeptStore.PATH);
	}
	chmodSync(join(store.directory, KeptStore.PATH), 0o644);
	await store.assertKept();
});

interface Failure {
	readonly kind: string;
	readonly code: string;
	readonly message: string;
	readonly cause: string;
}

function openAsNobody(...names: string[]): Failure {
	const given = [OPENER, store.directory, ...names];
	return JSON.parse(execFileSync(process.execPath, given).toString());
}
