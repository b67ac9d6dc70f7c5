import { assert } from "chai";
import type { Host } from "../../src/host/host.ts";
import { Storage } from "../../src/storage/storage.ts";
import { bytesOf } from "../support/runs/bytes.ts";
import { failureOf } from "../support/runs/failure.ts";
import type { Test } from "../support/runs/suite.ts";
import { withProperty } from "./hooked.ts";
import { fileWith, storeTest } from "./own-store.ts";

/** A call to the browser's own process each. */
const CALLS = [
	[FileSystemDirectoryHandle, "getDirectoryHandle"],
	[FileSystemDirectoryHandle, "getFileHandle"],
	[FileSystemDirectoryHandle, "removeEntry"],
	[FileSystemFileHandle, "createSyncAccessHandle"],
	[FileSystemFileHandle, "move"],
] as const;

/** Of the lookups, makings, openings and moves until the first bytes of a new blob are durable. */
const CALLS_MOST = 27;

/** What a new store asks of the browser before its first byte is durable. */
export function firstAppendRows(test: Test): void {
	const opfsTest = storeTest(test);

	opfsTest(
		`a new store asks the browser ${CALLS_MOST} times about names until its first bytes are durable`,
		async (host) => {
			const count = await callsDuring(() => firstDurable(host));
			assert.isAtMost(count, CALLS_MOST);
		},
	);

	opfsTest(
		"a directory that is gone is missed by its sync, though a name in it was just changed",
		async (host) => {
			await host.makeDirectory("directory");
			await (await fileWith(host, "file", "held")).close();
			await host.rename("file", "directory/file");
			await host.syncDirectory("directory");
			await host.syncDirectory("directory");
			await host.rename("directory/file", "directory/other");
			await host.remove("directory");
			const error = await failureOf(() => host.syncDirectory("directory"));
			assert.propertyVal(error, "name", "NotFoundError");
		},
	);
}

async function firstDurable(host: Host): Promise<void> {
	const storage = await Storage.open(host);
	const blob = await storage.open("partition", "name");
	await blob.writeSync(0, bytesOf("held"));
	await storage.close();
}

async function callsDuring(body: () => Promise<void>): Promise<number> {
	let count = 0;
	let counted = body;
	for (const [{ prototype }, name] of CALLS) {
		const original = Reflect.get(prototype, name);
		const counting = function (this: object, ...given: unknown[]) {
			count += 1;
			return Reflect.apply(original, this, given);
		};
		const inner = counted;
		counted = () => withProperty(prototype, name, counting, inner);
	}
	await counted();
	return count;
}
