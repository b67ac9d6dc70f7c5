import type { Suite } from "../support/suite.ts";
import { logRows } from "./packed/logs.ts";
import { seedRows } from "./packed/seed.ts";
import { snapshotRows } from "./packed/snapshots.ts";

/** What a packed store does in every host. A name in brackets is that of the test of holt which shows the same. */
export function packedSuite(suite: Suite): void {
	seedRows(suite);
	logRows(suite);
	snapshotRows(suite);
}
