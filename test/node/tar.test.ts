import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { test } from "vitest";
import { nodeHost, openStorage } from "../../hosts/node.ts";
import { contextOf } from "../../src/storage/storage.ts";
import { importFrom } from "../../src/transfer/index.ts";
import { imageOf } from "../support/hosts/raw-file.ts";
import { bytesOf, pattern } from "../support/runs/bytes.ts";
import { exported, streamOf } from "../support/stores/archives.ts";

/** It is of one directory: an export leaves it out. */
const CLOSE_RECORD = "dualslot.closed";

test("the system's tar unpacks an export to the store, and what it packs is imported", async () => {
	const directory = mkdtempSync(join(tmpdir(), "dualslot-"));
	const at = (name: string) => join(directory, name);
	try {
		await fill(at("store"));
		writeFileSync(at("export.tar"), await exportOf(at("store")));
		run(directory, "mkdir", "unpacked");
		run(directory, "tar", "-xf", "export.tar", "-C", "unpacked");
		run(directory, "diff", "-r", "-x", CLOSE_RECORD, "store", "unpacked");
		for (const format of ["posix", "ustar"]) {
			const flags = ["--format", format, "-C", "unpacked"];
			// Only pax has room for the longest name.
			const left = format === "ustar" ? ["--exclude", "61*"] : [];
			run(directory, "tar", "-cf", "again.tar", ...flags, ...left, ".");
			const name = `imported-${format}`;
			const storage = await openStorage(at(name));
			await importFrom(storage, streamOf(readFileSync(at("again.tar"))));
			await storage.close();
			const found = await imageOf(nodeHost(at(name)));
			const expected = await imageOf(nodeHost(at("store")));
			const isThere = (line: string) =>
				(format === "posix" || !line.includes("/61")) &&
				!line.includes(CLOSE_RECORD);
			assert.deepEqual(
				found.filter((line) => !line.includes(CLOSE_RECORD)),
				expected.filter(isThere),
			);
		}
	} finally {
		rmSync(directory, { recursive: true });
	}
});

async function fill(path: string): Promise<void> {
	const storage = await openStorage(path);
	for (const name of [
		"short",
		"a".repeat(49),
		"a".repeat(50),
		"a".repeat(127),
	]) {
		const blob = await storage.open("partition", name);
		await blob.write(0, pattern(70_000));
	}
	const blob = await storage.open("p".repeat(95), "name");
	await blob.write(0, bytesOf("a long partition"));
	await storage.open("partition", "empty");
	await contextOf(storage).configure("other", { kind: "glob" });
	await storage.close();
}

async function exportOf(path: string): Promise<Uint8Array> {
	const storage = await openStorage(path, { readOnly: true });
	try {
		return await exported(storage);
	} finally {
		await storage.close();
	}
}

function run(directory: string, program: string, ...given: string[]): void {
	const { status, stdout, stderr } = spawnSync(program, given, {
		cwd: directory,
		encoding: "utf8",
	});
	assert.equal(`${stdout}${stderr}`, "");
	assert.equal(status, 0);
}
