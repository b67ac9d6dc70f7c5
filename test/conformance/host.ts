import { assert } from "chai";
import { hostTest, type Suite } from "../support/runs/suite.ts";
import { allocatingRows } from "./host/allocating.ts";
import { directoryRows } from "./host/directories.ts";
import { lateCallRows } from "./host/late-calls.ts";
import { lockingRows } from "./host/locking.ts";
import { removalRows, renamingRows } from "./host/names.ts";
import { openFileRows } from "./host/open-files.ts";
import { openingRows } from "./host/opening.ts";
import { randomCallRows } from "./host/random-calls.ts";
import { readingRows } from "./host/reading.ts";
import { syncingRows } from "./host/syncing.ts";
import type { StoreTest } from "./host/text-files.ts";
import { truncatingRows } from "./host/truncating.ts";
import { writingRows } from "./host/writing.ts";

/** The engine's assumptions about every host. A new host's own directory is missing. */
export function hostConformance(suite: Suite): void {
	const onHost = hostTest(suite);
	const onStore: StoreTest = (name, body, timeout) =>
		onHost(
			name,
			async (host) => {
				await host.makeDirectory("");
				await body(host);
			},
			timeout,
		);

	onHost(
		"the store's own directory is missing until it is made",
		async (host) => {
			assert.isUndefined(await host.list(""));
			assert.isUndefined(await host.open("file", "read"));
			assert.isTrue(await host.makeDirectory(""));
			assert.isFalse(await host.makeDirectory(""));
			assert.deepEqual(await host.list(""), []);
		},
	);
	openingRows(onStore);
	readingRows(onStore);
	writingRows(onStore);
	truncatingRows(onStore);
	allocatingRows(onStore);
	syncingRows(onStore);
	directoryRows(onStore);
	removalRows(onStore);
	renamingRows(onStore);
	openFileRows(onStore);
	lockingRows(onStore);
	lateCallRows(onStore);
	randomCallRows(onStore);
}
