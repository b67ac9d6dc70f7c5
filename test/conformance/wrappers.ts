import type { Suite } from "../support/runs/suite.ts";
import { auditRows } from "./wrappers/audit.ts";
import { faultRows } from "./wrappers/faults.ts";
import { faultyStoreRows } from "./wrappers/faulty-store.ts";
import { meteringRows } from "./wrappers/metering.ts";
import { syncedWriteRows } from "./wrappers/synced-writes.ts";

/** What the wrappers over a host do, in every host. */
export function wrapperSuite(suite: Suite): void {
	faultRows(suite);
	faultyStoreRows(suite);
	auditRows(suite);
	meteringRows(suite);
	syncedWriteRows(suite);
}
