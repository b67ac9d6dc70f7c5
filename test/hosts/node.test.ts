import { test } from "vitest";
import { nodeHost } from "../../hosts/node.ts";
import { everySuite } from "../conformance/every-suite.ts";
import { SCRATCH } from "../support/disks/scratch.ts";
import { temporaryHost } from "../support/hosts/temporary-host.ts";
import { dealt } from "../support/runs/dealt.ts";

const createHost = () => temporaryHost((path) => nodeHost(path), SCRATCH);

everySuite({ test: dealt(test, "node"), host: "node", createHost });
