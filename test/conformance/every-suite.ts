import { powerCutSuite } from "../crash/power-cut-suite.ts";
import { recoverySuite } from "../crash/recovery-suite.ts";
import type { Suite } from "../support/runs/suite.ts";
import { codecSuite } from "./codec.ts";
import { dualslotStoreRows } from "./dualslot-stores.ts";
import { hostConformance } from "./host.ts";
import { journalSuite } from "./journal.ts";
import { observingSuite } from "./observing.ts";
import { packedSuite } from "./packed.ts";
import { pagedSuite } from "./paged.ts";
import { storageSuite } from "./storage.ts";
import { wrapperSuite } from "./wrappers.ts";

/** All tests of a host in its own runtime: engine, core and assertions run inside it. */
export function everySuite(suite: Suite): void {
	codecSuite(suite);
	hostConformance(suite);
	storageSuite(suite);
	pagedSuite(suite);
	journalSuite(suite);
	packedSuite(suite);
	observingSuite(suite);
	dualslotStoreRows(suite);
	wrapperSuite(suite);
	recoverySuite(suite);
	powerCutSuite(suite);
}
