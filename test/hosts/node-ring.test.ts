import { assert } from "chai";
import { describe } from "vitest";
import { nodeHost } from "../../hosts/node.ts";
import type { SyncMode } from "../../hosts/posix/syncs.ts";
import { hostConformance } from "../conformance/host.ts";
import { packedSuite } from "../conformance/packed.ts";
import { storageSuite } from "../conformance/storage.ts";
import { SCRATCH } from "../support/disks/scratch.ts";
import { temporaryHost } from "../support/hosts/temporary-host.ts";
import { ringTest } from "../support/kernels/ring-suite.ts";
import { dealt } from "../support/runs/dealt.ts";
import { withStorage } from "../support/runs/suite.ts";

// Frames are on a disk, which has direct I/O.
describe.each<SyncMode>(["async", "blocking"])("by ring, sync: %s", (sync) => {
	const create = (directory: string) =>
		nodeHost(directory, { io: "ring", sync });
	const createHost = () => temporaryHost(create, SCRATCH);
	const test = dealt(ringTest, `ring, ${sync}`);
	const suite = { test, host: "node", createHost } as const;
	hostConformance(suite);
	storageSuite(suite);
	packedSuite({ ...suite, createHost: () => temporaryHost(create) });

	ringTest("a store that asks for a ring has one", async () => {
		const { host, cleanUp } = createHost();
		await withStorage(host, async () => assert.isTrue(host.capabilities.ring));
		await cleanUp();
	});
});
