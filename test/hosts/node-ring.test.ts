import { assert } from "chai";
import { describe } from "vitest";
import { nodeHost } from "../../hosts/node.ts";
import type { SyncMode } from "../../hosts/posix.ts";
import { hostConformance } from "../conformance/host.ts";
import { packedSuite } from "../conformance/packed.ts";
import { storageSuite } from "../conformance/storage.ts";
import { ringTest } from "../support/ring-suite.ts";
import { withStorage } from "../support/suite.ts";
import { temporaryHost } from "../support/temporary-host.ts";

// On a disk: test/releases runs every suite of a store in memory, in each release of Node.

describe.each<SyncMode>(["async", "blocking"])("by ring, sync: %s", (sync) => {
	const createHost = () =>
		temporaryHost((directory) => nodeHost(directory, { io: "ring", sync }));
	const suite = { test: ringTest, host: "node", createHost } as const;
	hostConformance(suite);
	storageSuite(suite);
	packedSuite(suite);

	ringTest("a store that asks for a ring has one", async () => {
		const { host, cleanUp } = createHost();
		await withStorage(host, async () => assert.isTrue(host.capabilities.ring));
		await cleanUp();
	});
});
