import { describe, test } from "vitest";
import { nodeHost } from "../../hosts/node.ts";
import type { SyncMode } from "../../hosts/posix.ts";
import { hostConformance } from "../conformance/host.ts";
import { packedSuite } from "../conformance/packed.ts";
import { storageSuite } from "../conformance/storage.ts";
import { temporaryHost } from "../support/temporary-host.ts";

// On a disk: test/releases runs every suite of a store in memory, in each release of Node.

describe.each<SyncMode>(["async", "blocking"])("by ring, sync: %s", (sync) => {
	const createHost = () =>
		temporaryHost((directory) => nodeHost(directory, { io: "ring", sync }));
	const suite = { test, host: "node", createHost } as const;
	hostConformance(suite);
	storageSuite(suite);
	packedSuite(suite);
});
