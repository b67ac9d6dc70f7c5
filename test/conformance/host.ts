import { assert } from "chai";
import type { Awaitable, Host } from "../../src/host.ts";
import { directoryRows } from "./host/directories.ts";
import { lockingRows } from "./host/locking.ts";
import { removalRows, renamingRows } from "./host/names.ts";
import { openFileRows } from "./host/open-files.ts";
import { openingRows } from "./host/opening.ts";
import { readingRows } from "./host/reading.ts";
import { syncingRows } from "./host/syncing.ts";
import type { StoreTest } from "./host/text-files.ts";
import { truncatingRows } from "./host/truncating.ts";
import { writingRows } from "./host/writing.ts";

export type Test = (name: string, body: () => Promise<void> | void) => void;

export interface HostSuite {
	readonly test: Test;
	/** A host whose store's directory is missing, and which no other test sees. */
	readonly createHost: () => Awaitable<Host>;
}

/** What the engine relies on in every host. */
export function hostConformance({ test, createHost }: HostSuite): void {
	const onStore: StoreTest = (name, body) =>
		test(name, async () => {
			const host = await createHost();
			await host.makeDirectory("");
			await body(host);
		});

	test("the store's own directory is missing until it is made", async () => {
		const host = await createHost();
		assert.isUndefined(await host.list(""));
		assert.isUndefined(await host.open("file", "read"));
		assert.isTrue(await host.makeDirectory(""));
		assert.isFalse(await host.makeDirectory(""));
		assert.deepEqual(await host.list(""), []);
	});
	openingRows(onStore);
	readingRows(onStore);
	writingRows(onStore);
	truncatingRows(onStore);
	syncingRows(onStore);
	directoryRows(onStore);
	removalRows(onStore);
	renamingRows(onStore);
	openFileRows(onStore);
	lockingRows(onStore);
}
