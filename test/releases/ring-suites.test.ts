import { assert } from "chai";
import { describe, test } from "vitest";
import { nodeHost } from "../../hosts/node.ts";
import type { SyncMode } from "../../hosts/posix.ts";
import { journalSuite } from "../conformance/journal.ts";
import { packedSuite } from "../conformance/packed.ts";
import { pagedSuite } from "../conformance/paged.ts";
import { storageSuite } from "../conformance/storage.ts";
import { SCRATCH } from "../support/scratch.ts";
import { type Suite, withStorage } from "../support/suite.ts";
import { temporaryHost } from "../support/temporary-host.ts";

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
