import { assert } from "chai";
import { describe, test } from "vitest";
import { nodeHost } from "../../hosts/node.ts";
import type { SyncMode } from "../../hosts/posix/syncs.ts";
import { journalSuite } from "../conformance/journal.ts";
import { packedSuite } from "../conformance/packed.ts";
import { pagedSuite } from "../conformance/paged.ts";
import { storageSuite } from "../conformance/storage.ts";
import { SCRATCH } from "../support/disks/scratch.ts";
import { temporaryHost } from "../support/hosts/temporary-host.ts";
import { type Suite, withStorage } from "../support/runs/suite.ts";

const suite = overRing("async");
storageSuite(suite);
pagedSuite(suite);
journalSuite(suite);
packedSuite(suite);

describe("with blocking syncs", () => packedSuite(overRing("blocking")));

test(`the kernel gives Node ${process.version} a ring`, async () => {
	const { host, cleanUp } = await suite.createHost();
	await withStorage(host, async () => assert.isTrue(host.capabilities.ring));
	await cleanUp();
});

function overRing(sync: SyncMode): Suite {
	const create = (directory: string) =>
		nodeHost(directory, { io: "ring", sync });
	const createHost = () => temporaryHost(create, SCRATCH);
	return { test, host: "node", createHost };
}
