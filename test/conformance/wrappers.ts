import type { Suite } from "../support/runs/suite.ts";
import { auditRows } from "./wrappers/audit.ts";
import { faultRows } from "./wrappers/faults.ts";
import { faultyStoreRows } from "./wrappers/faulty-store.ts";
import { meteringRows } from "./wrappers/metering.ts";
import { syncedWriteRows } from "./wrappers/synced-writes.ts";

/** The wrappers over a host, in every host. */
export function wrapperSuite(suite: Suite): void {
	faultRows(suite);
	faultyStoreRows(suite);
	auditRows(suite);
	meteringRows(suite);
	syncedWriteRows(suite);
}
