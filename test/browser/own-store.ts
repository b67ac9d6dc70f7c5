import { assert } from "chai";
import { unlessMissing } from "../../hosts/opfs/platform.ts";
import { REMOVED_DIRECTORY } from "../../hosts/opfs/removed.ts";
import { opfsHost } from "../../hosts/opfs.ts";
import type { Host, HostFile } from "../../src/host/host.ts";
import { opened } from "../support/hosts/raw-file.ts";
import { bytesOf } from "../support/runs/bytes.ts";
import type { Test } from "../support/runs/suite.ts";
import { directoryOf, namesOf } from "./origin.ts";

/** Registers one test over a store of its own, and the name that it has in the origin. */
export type StoreTest = (
	name: string,
	body: (host: Host, store: string) => Promise<void>,
) => void;

/** The store's directory is there, empty, and goes with the test, which must leave nothing beside it. */
export function storeTest(test: Test): StoreTest {
	return (name, body) =>
		test(name, async () => {
			const store = `tests/${crypto.randomUUID()}`;
			const host = opfsHost(store);
			await host.makeDirectory("");
			try {
				await body(host, store);
				assert.deepEqual(await removedNames(), []);
			} finally {
				await host.remove("");
			}
		});
}

/** A file that is open to write. */
export async function fileWith(
	host: Host,
	path: string,
	held: string,
): Promise<HostFile> {
	const file = await opened(host, path, "replace");
	await file.write([bytesOf(held)], 0);
	return file;
}

/** What lies beside every store because it was removed while it was open. */
export async function removedNames(): Promise<string[]> {
	const directory = await unlessMissing(() => directoryOf(REMOVED_DIRECTORY));
	return directory === undefined ? [] : namesOf(directory);
}
