import { test } from "vitest";
import { nodeHost } from "../../hosts/node.ts";
import { everySuite } from "../conformance/every-suite.ts";
import { temporaryHost } from "../support/temporary-host.ts";

const createHost = () =>
	temporaryHost((directory) => nodeHost(directory, { io: "ring" }));

everySuite({ test, host: "node", createHost });
